"""Rings run one way: outer ones against the clock, holes with it, as GeoJSON has them.

Shapefiles have it the other way round, so a file is held to what most of its own areas do, and all are turned alike.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from etl.quality import Fault
from etl.steps.base import Case, Step
from geodata.types import Bilingual

TURNED = Fault(
    "rings_reversed", "repaired",
    Bilingual("环的方向与其他环不一致", "has rings that run the wrong way round"),
    Bilingual("已统一方向", "they were turned round"),
)  # fmt: skip


def apply(table: pd.DataFrame, case: Case) -> pd.DataFrame:
    """Turn all rings alike and tell of areas whose own differ."""
    shapes = table["shape"].to_numpy()
    area = np.isin(shapely.get_type_id(shapes), (3, 6)) & ~shapely.is_empty(shapes)
    turned = shapes.copy()
    turned[area] = shapely.orient_polygons(shapes[area], exterior_cw=False)
    # The way round means nothing where rings cross: that is another fault.
    odd = pd.Series(_differ(shapes, area) & shapely.is_valid(shapes), table.index)
    case.ledger.repaired(table, odd, TURNED, column="geometry")
    return table.assign(shape=turned)


def _differ(shapes: NDArray[Any], area: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Areas with a ring that runs otherwise than most rings of its sort in the file."""
    parts, row = shapely.get_parts(shapes[area], return_index=True)
    rings, part = shapely.get_rings(parts, return_index=True)
    if not len(rings):
        return np.zeros(len(shapes), bool)
    outer = np.append(True, part[1:] != part[:-1])
    against = shapely.is_ccw(rings) == outer  # as GeoJSON wants it
    usual = against[outer].mean() >= 0.5
    odd = np.zeros(len(shapes), bool)
    odd[np.flatnonzero(area)[row[part[against != usual]]]] = True
    return odd


STEP = Step("area_winding", "boundaries", "repair", 17, apply)
