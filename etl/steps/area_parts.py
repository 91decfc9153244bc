"""Of a collection of mixed shapes the areas are taken; lines and points among them are dropped."""

from __future__ import annotations

import pandas as pd
import shapely

from etl.quality import Fault
from etl.steps.base import Case, Step
from geodata.types import Bilingual

TAKEN_OUT = Fault(
    "mixed_shapes", "repaired",
    Bilingual("面与点、线混在一个图形集合中", "is a collection in which areas stand among other shapes"),
    Bilingual("只取其中的面", "its areas were taken"),
)  # fmt: skip
COLLECTION = 7


def apply(table: pd.DataFrame, case: Case) -> pd.DataFrame:
    """Take the areas out of collections that have any."""
    shapes = table["shape"].to_numpy()
    mixed = shapely.get_type_id(shapes) == COLLECTION
    if not mixed.any():
        return table
    areas = pd.Series([areas_of(shape) if pick else None for shape, pick in zip(shapes, mixed, strict=True)], table.index, dtype=object)  # fmt: skip
    found = areas.map(lambda shape: shape is not None and not shape.is_empty).astype(bool)
    case.mended(table, found, TAKEN_OUT)
    return table.assign(shape=areas.where(found, table["shape"]))


def areas_of(shape: shapely.Geometry) -> shapely.Geometry:
    """The areas in a shape as one; empty when it has none."""
    kind = shapely.get_type_id(shape)
    if kind == COLLECTION:
        return shapely.union_all([areas_of(part) for part in shapely.get_parts(shape)])
    return shape if kind in (3, 6) else shapely.Polygon()


STEP = Step("area_parts", "boundaries", "repair", 5, apply)
