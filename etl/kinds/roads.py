"""Roads: centre lines with name, class and door numbers; tickets near them get the road that is nearest then."""

from __future__ import annotations

from typing import Any

import pandas as pd
from sqlalchemy import Connection

from etl.kinds.base import Field, KindOf, LoadOptions
from etl.pipeline import Desk, Kind
from etl.quality import Fault
from etl.register_rows import rows_of
from etl.rows import Batch, Rows, Writer
from etl.steps.base import Case
from geodata.commands.registers import Written
from geodata.commands.roads import relink_tickets, write_roads
from geodata.profile import Profile
from geodata.types import Bilingual

CLASSES = {
    "motorway": Bilingual("高速公路", "motorway"), "trunk": Bilingual("快速路", "trunk road"),
    "primary": Bilingual("主干路", "primary road"), "secondary": Bilingual("次干路", "secondary road"),
    "tertiary": Bilingual("支路", "tertiary road"), "lane": Bilingual("街巷", "lane"),
    "pedestrian": Bilingual("步行街", "pedestrian street"),
}  # fmt: skip
DOORS = Fault(
    "doors_descend",
    "rejected",
    Bilingual("门牌号不是由小到大的正数", "its door numbers do not ascend from above 0"),
)


def _check(table: pd.DataFrame, case: Case) -> pd.DataFrame:
    first, last = (pd.to_numeric(table[name], errors="coerce") for name in ("door_first", "door_last"))
    bad = (first <= 0) | (last <= 0) | (last < first)
    return case.ledger.reject(
        table, bad, DOORS, column=f"{case.named('door_first')}, {case.named('door_last')}"
    )


def _write(c: Connection, _: Profile, batch: Batch) -> Written:
    rows = rows_of(batch, ("code", "name", "name_en", "class", "door_first", "door_last"), many=True)
    return write_roads(c, rows, told=batch.told, load_id=batch.load_id)


def _finish(c: Connection, profile: Profile, written: Written) -> dict[str, Any]:
    return {"tickets_relinked": relink_tickets(c, profile, [*written.new, *written.changed])}


def _open(desk: Desk, options: LoadOptions) -> Kind:
    return Rows(desk, options, KIND, Writer(_write, _check, _finish))


KIND = KindOf(
    key="roads",
    title=Bilingual("道路", "Roads"),
    shape="line",
    fields=(
        Field("code", Bilingual("编码", "code"), Bilingual("在来源中的编码；没有时按名称与位置生成", "key in its source; made of name and place where there is none"),
              example="R-001"),
        Field("name", Bilingual("道路名称", "road name"), Bilingual("路名；无名道路留空", "name; empty where it has none"), example="平江路"),
        Field("name_en", Bilingual("英文名", "English name"), Bilingual("供英文读者", "for an English reader"), example="Pingjiang Road"),
        Field("class", Bilingual("道路等级", "class"), Bilingual("缺省为支路", "a tertiary road where nothing is said"), form="word",
              words=CLASSES, example="街巷"),
        Field("door_first", Bilingual("起始门牌", "first door number"), Bilingual("线起点处的门牌号", "at the start of the line"),
              form="whole", example="1"),
        Field("door_last", Bilingual("终止门牌", "last door number"), Bilingual("线终点处的门牌号", "at its end"), form="whole",
              example="288"),
    ),
    open=_open,
)  # fmt: skip
