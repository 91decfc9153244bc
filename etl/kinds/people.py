"""People per area 人口: how many live in each area, by its code or name; never who."""

from __future__ import annotations

from datetime import date
from typing import Any

import pandas as pd
from sqlalchemy import Connection

from etl.kinds.base import Field, KindOf, LoadOptions, Option
from etl.pipeline import Desk, Kind
from etl.quality import Fault
from etl.rows import Batch, Rows, Writer
from etl.steps.base import Case
from geodata.commands.locating import areas_by_name
from geodata.commands.registers import Written
from geodata.commands.residents import write_residents
from geodata.errors import Refused
from geodata.profile import Profile
from geodata.queries.areas import current_codes
from geodata.types import Bilingual

UNKNOWN = Fault(
    "area_unknown",
    "rejected",
    Bilingual(
        "没有这个区域，或有多个同名区域", "names no area that is known here, or a name that several share"
    ),
)
BELOW_ZERO = Fault("count_below_zero", "rejected", Bilingual("人数小于 0", "has fewer than 0 people"))
AGAIN = Fault(
    "area_again",
    "rejected",
    Bilingual("区域在本文件中重复", "its area stands in an earlier row of this file"),
)


class _Counts:
    """Writes counts of people; area codes and names are read once."""

    def __init__(self, desk: Desk, scheme: str, counted_on: date) -> None:
        self._scheme, self._day = scheme, counted_on
        known = areas_by_name(desk.connection, scheme)
        codes = current_codes(desk.connection, scheme)
        self._codes = {
            name: codes[key] for name, versions in known.items() for key, *_ in versions if key in codes
        }

    def check(self, table: pd.DataFrame, case: Case) -> pd.DataFrame:
        column = case.named("area")
        table = table.assign(area_code=table["area"].map(self._codes))
        table = case.ledger.reject(table, table["area_code"].isna(), UNKNOWN, column=column, shown="area")
        below = pd.to_numeric(table["residents"]) < 0
        table = case.ledger.reject(
            table, below, BELOW_ZERO, column=case.named("residents"), shown="residents"
        )
        again = table["area_code"].duplicated() | table["area_code"].isin(case.seen)
        table = case.ledger.reject(table, again, AGAIN, column=column, shown="area")
        case.seen.update(table["area_code"])
        return table

    def write(self, c: Connection, _: Profile, batch: Batch) -> Written:
        counts = list(zip(batch.table["area_code"].tolist(), batch.table["residents"].tolist(), strict=True))
        return write_residents(c, self._scheme, self._day, counts, load_id=batch.load_id)

    def finish(self, _: Connection, __: Profile, ___: Written) -> dict[str, Any]:
        return {"counted_on": self._day.isoformat()}


def _check(_: Profile, options: LoadOptions) -> None:
    _day(options)


def _day(options: LoadOptions) -> date | None:
    said = options.told.get("counted_on")
    try:
        return date.fromisoformat(said) if isinstance(said, str) else said
    except ValueError:
        raise Refused(f"“{said}” is no day; write it as YYYY-MM-DD.") from None


def _open(desk: Desk, options: LoadOptions) -> Kind:
    scheme = options.told.get("scheme") or desk.profile.scheme
    counts = _Counts(desk, scheme, _day(options) or desk.profile.today().replace(month=1, day=1))
    return Rows(desk, options, KIND, Writer(counts.write, counts.check, counts.finish))


KIND = KindOf(
    key="people",
    title=Bilingual("区域人口", "People per area"),
    shape="none",
    fields=(
        Field("area", Bilingual("区域", "area"), Bilingual("区域的编码，或不与他处相同的名称", "code of the area, or a name that no other has"),
              required=True, example="320508001"),
        Field("residents", Bilingual("常住人口", "residents"), Bilingual("人数，不含任何个人信息", "how many people, nothing about any of them"),
              required=True, form="whole", example="8421"),
    ),
    options=(
        Option("scheme", Bilingual("区划体系", "scheme")),
        Option("counted_on", Bilingual("统计日期", "day of the count")),
    ),
    check=_check,
    open=_open,
)  # fmt: skip
