"""Where very many points lie, by pixels that know which areas or road segments can matter in them; answers as shapely's.

Made once a load in about a second and worth it from some ten thousand points on.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from geodata.space.locate_kernels import COUNT, LIST, MEASURE, NOWHERE, UNSURE, compiled

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Grid = NDArray[np.float64]  # west, south, pixels a unit, columns, rows
AREA_PIXELS, ROAD_PIXEL_M = 128, 20.0  # pixels along the longer side; side of a pixel
MOST_PIXELS = 4_000_000


@dataclass(frozen=True, slots=True)
class AreaPixels:
    """Which areas meet each pixel, the first to be chosen first; `shapes` are those asked about."""

    grid: Grid
    lists: Ints
    of: Ints
    whole: NDArray[np.bool_]
    days: tuple[Ints, Ints]
    rings: tuple[Floats, Floats, Ints]

    def find(self, x: Floats, y: Floats, day: Ints) -> Ints:
        """Number of the area that holds each point on its day; −1 none, −2 too close to an outline to say."""
        found = np.full(len(x), NOWHERE)
        areas = (self.of, *self.days)
        compiled().find_areas(x, y, day, self.grid, self.lists, self.whole, areas, self.rings, found)
        return found


@dataclass(frozen=True, slots=True)
class RoadPixels:
    """Which segments may be the nearest to a point of each pixel, in a metric CRS."""

    grid: Grid
    lists: Ints
    of: Ints
    segments: Floats
    road: Ints
    begins: Floats
    within_m: float

    def find(self, x: Floats, y: Floats) -> tuple[Ints, Floats]:
        """Number of the nearest road and the distance along it; −1 and NaN none, −2 where shapely has to say."""
        found, offset = np.full(len(x), NOWHERE), np.full(len(x), np.nan)
        compiled().find_roads(
            x, y, self.grid, self.lists, self.of, self.segments, self.road, self.begins, self.within_m, found, offset
        )  # fmt: skip
        return found, offset


def area_pixels(shapes: NDArray[np.object_], order: Ints, first: Ints, end: Ints) -> AreaPixels:
    """Pixels for areas; `order` numbers them as they are to be tried, days count from one epoch."""
    west, south, east, north = shapely.total_bounds(shapes)
    side = max(east - west, north - south) / AREA_PIXELS * (1 + 1e-9)
    wide, high = int((east - west) / side) + 1, int((north - south) / side) + 1
    grid = np.array([west, south, 1 / side, wide, high])
    boxes = _boxes(grid)
    tree = shapely.STRtree(boxes)
    place = np.empty(len(shapes), np.int64)
    place[order] = np.arange(len(shapes))
    area, pixel = tree.query(shapes, predicate="intersects")
    inner, covered = tree.query(shapes, predicate="covers")
    whole = np.isin(pixel * len(shapes) + area, covered * len(shapes) + inner)
    by = np.lexsort((place[area], pixel))
    lists = np.searchsorted(pixel[by], np.arange(wide * high + 1))
    return AreaPixels(grid, lists, area[by], whole[by], (first, end), _rings(shapes))


def road_pixels(lines: NDArray[np.object_], within_m: float) -> RoadPixels | None:
    """Pixels for centre lines; None when they lie so far apart that there would be too many."""
    segments, road, begins = _segments(lines)
    reach = within_m + ROAD_PIXEL_M
    west, south, east, north = shapely.total_bounds(lines) + np.array([-reach, -reach, reach, reach])
    wide, high = int((east - west) / ROAD_PIXEL_M) + 1, int((north - south) / ROAD_PIXEL_M) + 1
    if wide * high > MOST_PIXELS:
        return None
    grid = np.array([west, south, 1 / ROAD_PIXEL_M, wide, high])
    nearest, lists = np.full(wide * high, np.inf), np.zeros(wide * high + 1, np.int64)
    # Whatever is nearest to some point of a pixel is at most a diagonal further from its centre than the nearest there.
    slack = ROAD_PIXEL_M * 2**0.5 + 1e-3
    loops, none = compiled(), np.empty(0, np.int64)
    loops.list_segments(segments, grid, reach, slack, nearest, lists, none, MEASURE)
    loops.list_segments(segments, grid, reach, slack, nearest, lists, none, COUNT)
    lists = np.cumsum(lists)
    of = np.empty(int(lists[-1]), np.int64)
    loops.list_segments(segments, grid, reach, slack, nearest, lists[:-1].copy(), of, LIST)
    return RoadPixels(grid, lists, of, segments, road, begins, within_m)


def _boxes(grid: Grid) -> NDArray[Any]:
    west, south, scale, wide, high = grid
    column, row = (part.ravel() for part in np.meshgrid(np.arange(wide), np.arange(high)))
    edge = 1e-9 / scale  # a little over the pixel, since a point near its edge may be rounded into it
    x, y = west + column / scale, south + row / scale
    return np.asarray(shapely.box(x - edge, y - edge, x + 1 / scale + edge, y + 1 / scale + edge))


def _rings(shapes: NDArray[np.object_]) -> tuple[Floats, Floats, Ints]:
    """Coordinates of all rings of each shape, a NaN after each ring, and where each shape begins."""
    parts, whose = shapely.get_parts(shapes, return_index=True)
    rings, part = shapely.get_rings(parts, return_index=True)
    owner = whose[part]
    points, ring = shapely.get_coordinates(rings, return_index=True)
    ends = np.flatnonzero(np.diff(ring, append=-1)) + 1
    xy = np.insert(points, ends, np.nan, axis=0)
    counts = np.bincount(owner[ring], minlength=len(shapes)) + np.bincount(owner, minlength=len(shapes))
    return xy[:, 0].copy(), xy[:, 1].copy(), np.concatenate([[0], np.cumsum(counts)])


def _segments(lines: NDArray[np.object_]) -> tuple[Floats, Ints, Floats]:
    """Ends of every segment, whose it is, and how far along its line it begins."""
    parts, owner = shapely.get_parts(lines, return_index=True)
    points, part = shapely.get_coordinates(parts, return_index=True)
    same = np.flatnonzero(part[1:] == part[:-1])
    ends = np.column_stack([points[same], points[same + 1]])
    road = owner[part[same]]
    length = np.hypot(ends[:, 2] - ends[:, 0], ends[:, 3] - ends[:, 1])
    total = np.concatenate([[0.0], np.cumsum(length)])
    first = np.searchsorted(road, road)  # segments of a line stand together
    return ends, road, total[:-1] - total[first]


def unsure(found: Ints) -> Ints:
    """Places where shapely has to say."""
    return np.flatnonzero(found == UNSURE)
