"""Rings that cross or touch themselves are made valid; the area stays, its lines are sorted out."""

from __future__ import annotations

import numpy as np
import pandas as pd
import shapely

from etl.quality import Fault
from etl.steps.area_parts import areas_of
from etl.steps.base import Case, Step
from geodata.types import Bilingual

MENDED = Fault(
    "invalid_rings", "repaired",
    Bilingual("边界自相交或环有误", "its rings cross or touch themselves"),
    Bilingual("已修复为有效面", "made valid"),
)  # fmt: skip


def apply(table: pd.DataFrame, case: Case) -> pd.DataFrame:
    """Make invalid areas valid and keep of the result what has an area."""
    shapes = table["shape"].to_numpy()
    area = np.isin(shapely.get_type_id(shapes), (3, 6))  # Polygon, MultiPolygon
    broken = area & ~shapely.is_empty(shapes) & ~shapely.is_valid(shapes)
    reasons = pd.Series("", table.index, dtype=object)
    reasons[broken] = shapely.is_valid_reason(shapes[broken])
    case.mended(table, pd.Series(broken, table.index), MENDED, reasons)
    mended = shapes.copy()
    mended[broken] = [areas_of(shape) for shape in shapely.make_valid(shapes[broken], method="structure")]
    return table.assign(shape=mended)


STEP = Step("area_valid", "boundaries", "repair", 20, apply)
