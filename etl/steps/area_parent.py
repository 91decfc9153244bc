"""Every area lies in one of the level above: the one it says, else the one that covers most of it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import shapely

from etl.quality import Fault
from etl.steps.base import Case, Step
from geodata.space.locate import parents_by_overlap
from geodata.space.neighbours import plane_of
from geodata.types import Bilingual

UNKNOWN = Fault(
    "parent_unknown", "note",
    Bilingual("所写的上级编码不存在", "names an area above it that does not exist"),
    Bilingual("按所在位置归入上级", "put below the one it lies in"),
)  # fmt: skip
NO_PARENT = Fault(
    "no_parent", "note",
    Bilingual("不在任何上级区域之内", "lies in no area of the level above"),
    Bilingual("直接归入本区", "put directly below the district"),
)  # fmt: skip
OUTSIDE = Fault(
    "outside_parent", "note",
    Bilingual("超出其上级区域", "reaches out of the area above it"),
    Bilingual("照原样载入", "loaded as it is drawn"),
)  # fmt: skip
SLACK_M, LEAST_SHARE = 2.0, 0.001  # what lines drawn twice may differ by


def apply(table: pd.DataFrame, case: Case) -> pd.DataFrame:
    """Find the parents; what lies partly or wholly outside is told with how much."""
    above = case.standing.above
    if not above or table.empty:
        return table.assign(parent=None)
    outlines = np.array([area.outline for area in above], object)
    plane = plane_of(outlines)
    shapes, parents = plane.down(table["shape"].to_numpy()), plane.down(outlines)
    found = parents_by_overlap(shapes, parents)
    codes = {area.code: place for place, area in enumerate(above)}
    if "parent_said" in table:
        said = table["parent_said"].map(codes).fillna(-1).to_numpy(int)
        case.ledger.mark(
            table, table["parent_said"].notna() & (said < 0), UNKNOWN, column=case.named("parent_said"), shown="parent_said"
        )  # fmt: skip
        found = np.where((said >= 0) & (found >= 0), said, found)
    case.ledger.mark(table, pd.Series(found < 0, table.index), NO_PARENT)
    _tell_outside(table, shapes, parents, found, case)
    names = [above[place].code if place >= 0 else None for place in found.tolist()]
    return table.assign(parent=pd.Series(names, table.index, dtype=object))


def _tell_outside(
    table: pd.DataFrame,
    shapes: np.ndarray[tuple[int], np.dtype[np.object_]],
    parents: np.ndarray[tuple[int], np.dtype[np.object_]],
    found: np.ndarray[tuple[int], np.dtype[np.int64]],
    case: Case,
) -> None:
    inside = np.flatnonzero(found >= 0)
    wider = shapely.buffer(parents, SLACK_M)
    beyond = inside[~shapely.covers(wider[found[inside]], shapes[inside])]
    out = shapely.difference(table["shape"].to_numpy()[beyond], np.array([case.standing.above[n].outline for n in found[beyond]], object))  # fmt: skip
    lost = shapely.area(shapely.difference(shapes[beyond], parents[found[beyond]]))
    share = lost / shapely.area(shapes[beyond])
    for place, shape, part, size in zip(beyond, out, share, lost, strict=True):
        if part > LEAST_SHARE:
            value = f"{table['code'].iloc[place]} ⊄ {case.standing.above[found[place]].code}: {part:.1%}, {size:,.0f} m²"
            case.ledger.add(OUTSIDE, row=int(table.index[place]), column="geometry", value=value, where=shape)


STEP = Step("area_parent", "boundaries", "whole", 15, apply)
