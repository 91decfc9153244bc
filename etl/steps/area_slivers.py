"""Parts and holes too small or too thin to be meant are dropped and filled: crumbs of drawing and of cutting."""

from __future__ import annotations

import numpy as np
import pandas as pd
import shapely

from etl.quality import Fault
from etl.steps.base import Case, Step
from geodata.space.neighbours import Plane, Shapes, plane_of
from geodata.types import Bilingual

CRUMBS = Fault(
    "slivers", "repaired",
    Bilingual("含有极小或极细的碎片或孔洞", "has parts or holes too small or too thin to be meant"),
    Bilingual("已去除碎片、填补孔洞", "the parts were dropped, the holes filled"),
)  # fmt: skip
SMALL_M2 = 1.0
THIN_M, THIN_M2 = 0.2, 100.0


def apply(table: pd.DataFrame, case: Case) -> pd.DataFrame:
    """Drop crumbs, but never the whole of an area."""
    shapes = table["shape"].to_numpy()
    area = np.isin(shapely.get_type_id(shapes), (3, 6)) & ~shapely.is_empty(shapes)
    several = area & (_rings(shapes) > 1)
    if not several.any():
        return table
    plane = plane_of(shapes[several])
    cleaned = [_without(shape, plane) for shape in shapes[several]]
    kept = shapes.copy()
    kept[several] = cleaned
    fewer = _rings(shapes) - _rings(kept)
    case.mended(table, pd.Series(fewer > 0, table.index), CRUMBS, pd.Series(fewer, table.index))
    return table.assign(shape=kept)


def _rings(shapes: Shapes) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    _, shape = shapely.get_rings(shapes, return_index=True)
    return np.bincount(shape, minlength=len(shapes))


def _without(shape: shapely.Geometry, plane: Plane) -> shapely.Geometry:
    parts = shapely.get_parts(shape)
    full = [_filled(part, plane) for part in parts]
    kept = [
        part for part, crumb in zip(full, _crumbs(np.array(full, object), plane), strict=True) if not crumb
    ]
    same = len(kept) == len(parts) and all(new is old for new, old in zip(kept, parts, strict=True))
    if same or not kept:
        return shape
    return kept[0] if len(kept) == 1 else shapely.MultiPolygon(kept)


def _filled(part: shapely.Polygon, plane: Plane) -> shapely.Polygon:
    if not len(part.interiors):
        return part
    holes = np.asarray(shapely.polygons(np.array(part.interiors, object)), object)
    crumb = _crumbs(holes, plane)
    if not crumb.any():
        return part
    return shapely.Polygon(
        part.exterior, [ring for ring, drop in zip(part.interiors, crumb, strict=True) if not drop]
    )


def _crumbs(parts: Shapes, plane: Plane) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    flat = plane.down(parts)
    size, around = shapely.area(flat), np.maximum(shapely.length(flat), 1e-9)
    return np.asarray((size < SMALL_M2) | ((size < THIN_M2) & (2 * size / around < THIN_M)))


STEP = Step("area_slivers", "boundaries", "repair", 30, apply)
