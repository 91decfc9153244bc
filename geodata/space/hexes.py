"""H3 cells as 64-bit numbers: which cell holds a point, its centre, outline and true area.

A cell is always taken directly at the resolution asked for, never as the parent of a finer one: one point in fifteen
has a parent that is another cell than the direct one.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import repeat
from typing import Any

import h3
import numpy as np
import shapely
from h3.api import basic_int
from numpy.typing import NDArray
from shapely import MultiPolygon, Polygon

RESOLUTIONS = (9, 10, 11)

Cells = NDArray[np.int64]
Degrees = NDArray[np.float64]


def cells_of(lon: Degrees, lat: Degrees, resolution: int) -> Cells:
    """The cell that holds each point, given in degrees (EPSG:4326)."""
    cell = basic_int.latlng_to_cell
    found = map(cell, np.asarray(lat).tolist(), np.asarray(lon).tolist(), repeat(resolution))
    return np.fromiter(found, np.int64, len(lon))


def cells_at_all(lon: Degrees, lat: Degrees) -> tuple[Cells, Cells, Cells]:
    """The cells at resolutions 9, 10 and 11, each taken directly."""
    r9, r10, r11 = (cells_of(lon, lat, resolution) for resolution in RESOLUTIONS)
    return r9, r10, r11


def resolution_of(cell: int) -> int:
    """The resolution, which stands in bits 52 to 55 of the index."""
    return (cell >> 52) & 15


def as_text(cell: int) -> str:
    """The index in hexadecimal, as browsers need it: it has more than 53 bits."""
    return str(h3.int_to_str(cell))


def from_text(cell: str) -> int:
    """The index as a number."""
    return int(h3.str_to_int(cell))


def centres(cells: Cells) -> tuple[Degrees, Degrees]:
    """Longitude and latitude of the centres, degrees."""
    pairs = np.array([basic_int.cell_to_latlng(int(cell)) for cell in cells], np.float64).reshape(-1, 2)
    return pairs[:, 1].copy(), pairs[:, 0].copy()


def areas_m2(cells: Cells) -> NDArray[np.float64]:
    """True area of each cell, m²; at Suzhou a quarter below the world mean of its resolution."""
    return np.array([basic_int.cell_area(cell, unit="m^2") for cell in cells.tolist()], np.float64)


def outline(cell: int) -> Polygon:
    """The cell's outline, EPSG:4326."""
    return Polygon([(lon, lat) for lat, lon in basic_int.cell_to_boundary(cell)])


def corners(cells: Cells) -> tuple[Degrees, Degrees, Cells]:
    """Longitude and latitude of all corners, and for each the row of its cell; rings are not closed."""
    rings = [basic_int.cell_to_boundary(cell) for cell in cells.tolist()]
    owner = np.repeat(np.arange(len(rings)), [len(ring) for ring in rings])
    pairs = np.array([pair for ring in rings for pair in ring], np.float64).reshape(-1, 2)
    return pairs[:, 1].copy(), pairs[:, 0].copy(), owner


def outlines(cells: Cells) -> NDArray[np.object_]:
    """The outline of each cell (Polygon, EPSG:4326), a good deal sooner than one by one."""
    lon, lat, owner = corners(cells)
    return np.asarray(shapely.polygons(shapely.linearrings(lon, lat, indices=owner)), object)


def cover(ground: Polygon | MultiPolygon, resolution: int, rings: int = 0) -> Cells:
    """Cells whose centre lies in a polygon (EPSG:4326) and `rings` of neighbours around them, in ascending order."""
    found: set[int] = set()
    for piece in getattr(ground, "geoms", [ground]):
        found.update(basic_int.polygon_to_cells(_h3_shape(piece), resolution))
    for _ in range(rings):
        found.update(_neighbours(found))
    return np.array(sorted(found), np.int64)


def touching(west: float, south: float, east: float, north: float, resolution: int) -> list[int]:
    """The cells that a box (degrees, EPSG:4326) meets, be it with a corner, in ascending order."""
    box = h3.LatLngPoly([(south, west), (south, east), (north, east), (north, west)])
    return sorted(basic_int.polygon_to_cells_experimental(box, resolution, contain="overlap"))


def _neighbours(cells: Iterable[int]) -> set[int]:
    return {other for cell in cells for other in basic_int.grid_disk(cell, 1)}


def _h3_shape(piece: Polygon) -> Any:
    ring = [(lat, lon) for lon, lat in piece.exterior.coords]
    holes = [[(lat, lon) for lon, lat in hole.coords] for hole in piece.interiors]
    return h3.LatLngPoly(ring, *holes)
