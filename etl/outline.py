"""A file read as one area: the union of its polygons, for a planner who brings the area to ask about."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import shapely

from etl.formats import open_file
from etl.intake import take_in
from etl.quality import Ledger
from geodata.errors import FileRefused
from geodata.space.crs import shapes_to_stored

MOST_SHAPES = 2_000
NO_POLYGONS = "This file holds no polygons; bring one with an area in it, or draw the area."


def outline(file: Path) -> shapely.MultiPolygon:
    """All polygons of a file of any format as one area, EPSG:4326; FileRefused when there are none or far too many."""
    source = open_file(take_in(file))
    if not source.has_shapes:
        raise FileRefused(NO_POLYGONS)
    if source.crs is None:
        raise FileRefused("The file does not say its coordinate system; add its .prj file to the zip.")
    found = []
    for raw in source.rows((), Ledger()):
        found += [] if raw.shapes is None else [one for one in raw.shapes if one is not None]
        if len(found) > MOST_SHAPES:
            raise FileRefused(f"The file has more than {MOST_SHAPES:,} features; an area has one, or a few.")
    shapes = shapes_to_stored(shapely.force_2d(np.array(found, object)), source.crs)
    return _polygons(shapely.union_all(shapely.make_valid(shapes)))


def _polygons(whole: shapely.Geometry) -> shapely.MultiPolygon:
    parts = shapely.get_parts(shapely.get_parts(whole))
    polygons = [part for part in parts if isinstance(part, shapely.Polygon) and not part.is_empty]
    if not polygons:
        raise FileRefused(NO_POLYGONS)
    return shapely.MultiPolygon(polygons)
