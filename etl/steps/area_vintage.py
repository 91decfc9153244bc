"""Codes of another list than the one in the store: of areas that ended, or for areas that have another code now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
import shapely

from etl.quality import Fault
from etl.steps.base import Case, Step
from geodata.commands.boundaries import CurrentArea
from geodata.types import Bilingual

ENDED = Fault(
    "code_ended", "rejected",
    Bilingual("编码属于已失效的区域；如确已更换编码，请用 --new-codes", "has the code of an area that ended; if codes did change, load with --new-codes"),
)  # fmt: skip
OTHER = Fault(
    "code_of_another_list", "rejected",
    Bilingual("编码与库中同一区域的编码不同；如确已更换，请用 --new-codes", "has another code than the same area in the store; if codes did change, load with --new-codes"),
)  # fmt: skip
FOREIGN = Fault(
    "code_of_another_district", "rejected",
    Bilingual("编码属于其他区县", "has a code that belongs to another district"),
)  # fmt: skip
TAKEN = Bilingual("按新编码载入", "loaded by its new code")
MOSTLY = 0.5
DISTRICT_DIGITS, LONGER = (
    6,
    (9, 12, 15),
)  # GB/T 10114: sub-districts and communities begin with their district


def apply(table: pd.DataFrame, case: Case) -> pd.DataFrame:
    """Reject them; with codes that are meant to be new, only say so."""
    standing, code = case.standing, case.named("code")
    said, known = set(table["code"]), {area.code for area in standing.here}
    here = [area for area in standing.here if area.code not in said]
    fresh = ~table["code"].isin(known)
    now = _codes_now(table, fresh, here, standing.ended)
    marks = (
        (FOREIGN, table["code"].map(lambda said: _elsewhere(str(said), case.profile.code)).astype(bool)),
        (ENDED, fresh & table["code"].isin(standing.ended) & (now != "")),
        (OTHER, fresh & (now != "")),
    )
    shown = table["code"].astype(str) + now.map(lambda known: f" → {known}?" if known else "")
    for fault, found in marks:
        rows, bad = table.assign(shown=shown.loc[table.index]), found.loc[table.index]
        if standing.new_codes:
            case.ledger.mark(
                rows, bad, replace(fault, severity="note", action=TAKEN), column=code, shown="shown"
            )
        else:
            case.spared.update(now[bad[bad].index])
            table = case.ledger.reject(rows, bad, fault, column=code, shown="shown")
    return table


def _elsewhere(code: str, district: str) -> bool:
    numbers = code.isdigit() and district.isdigit() and len(district) == DISTRICT_DIGITS
    return numbers and len(code) in LONGER and not code.startswith(district)


def _codes_now(
    table: pd.DataFrame, fresh: pd.Series[bool], here: Sequence[CurrentArea], ended: frozenset[str]
) -> pd.Series[str]:
    """Which code of the store most of the ground of a fresh code has now, when name or history says it is the same."""
    found = pd.Series("", table.index, dtype=object)
    asked = np.flatnonzero(fresh)
    if not here or not len(asked):
        return found
    shapes, outlines = table["shape"].to_numpy()[asked], np.array([area.outline for area in here], object)
    row, area = shapely.STRtree(outlines).query(shapes, predicate="intersects")
    most = shapely.area(shapely.intersection(shapes[row], outlines[area])) > MOSTLY * shapely.area(
        shapes[row]
    )
    rows = table.iloc[asked][["code", "name"]].to_numpy()
    for r, a in zip(row[most], area[most], strict=True):
        code, name = rows[r]
        if name == here[a].name or code in ended:
            found.iloc[asked[r]] = here[a].code
    return found


STEP = Step("area_vintage", "boundaries", "whole", 5, apply)
