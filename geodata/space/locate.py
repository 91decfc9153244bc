"""Where a point lies: the area valid on its day, the nearest road and how far along it, the parent of an area."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
import shapely
from numpy.typing import NDArray

from geodata.space.pixels import AreaPixels, RoadPixels, area_pixels, road_pixels, unsure

Degrees = NDArray[np.float64]
Metres = NDArray[np.float64]
Days = NDArray[np.datetime64]
Indexes = NDArray[np.int64]
NOWHERE = -1
MANY = 40_000  # points asked about, from which pixels are worth making


@dataclass(frozen=True, eq=False)
class Areas:
    """Area versions of one scheme (EPSG:4326), with the half-open days on which each is valid; depth 0 at the top."""

    shapes: NDArray[np.object_]
    depths: NDArray[np.int64]
    first: Days
    end: Days
    asked: list[int] = field(default_factory=lambda: [0])

    def find(self, lon: Degrees, lat: Degrees, day: Days) -> Indexes:
        """Index of the deepest version that holds each point on its day, the first of equals; -1 for none."""
        self.asked[0] += len(lon)
        if self.asked[0] < MANY or not len(self.shapes):
            return self._by_tree(lon, lat, day)
        found = _area_pixels(self).find(lon, lat, day.astype("datetime64[D]").astype(np.int64))
        ask = unsure(found)
        found[ask] = self._by_tree(lon[ask], lat[ask], day[ask])
        return found

    def _by_tree(self, lon: Degrees, lat: Degrees, day: Days) -> Indexes:
        found = np.full(len(lon), NOWHERE)
        for depth in sorted(set(self.depths.tolist()), reverse=True):
            missing = np.flatnonzero((found == NOWHERE) & np.isfinite(lon) & np.isfinite(lat))
            chosen = np.flatnonzero(self.depths == depth)
            found[missing] = self._at_depth(chosen, lon[missing], lat[missing], day[missing])
        return found

    def _at_depth(self, chosen: Indexes, lon: Degrees, lat: Degrees, day: Days) -> Indexes:
        # The tree holds the points and the areas ask: GEOS prepares the shape that asks, and areas are the large ones.
        tree = shapely.STRtree(_points(lon, lat))
        which, point = tree.query(self.shapes[chosen], predicate="intersects")
        area = chosen[which]
        valid = (self.first[area] <= day[point]) & (day[point] < self.end[area])
        lowest = np.full(len(lon), len(self.shapes))
        np.minimum.at(lowest, point[valid], area[valid])
        return np.where(lowest == len(self.shapes), NOWHERE, lowest)


@dataclass(frozen=True, eq=False)
class Roads:
    """Centre lines in a metric CRS."""

    lines: NDArray[np.object_]
    tree: shapely.STRtree
    asked: list[int] = field(default_factory=lambda: [0])

    def nearest(self, x: Metres, y: Metres, within_m: float) -> tuple[Indexes, Metres]:
        """Index of the nearest road and the distance along it from its start; -1 and NaN when none is near enough."""
        self.asked[0] += len(x)
        many = self.asked[0] >= MANY and len(self.lines) > 0
        pixels = _road_pixels(self, within_m) if many else None
        if pixels is None:
            return self._by_tree(x, y, within_m)
        found, offset = pixels.find(x, y)
        ask = unsure(found)
        found[ask], offset[ask] = self._by_tree(x[ask], y[ask], within_m)
        return found, offset

    def _by_tree(self, x: Metres, y: Metres, within_m: float) -> tuple[Indexes, Metres]:
        found, offset = np.full(len(x), NOWHERE), np.full(len(x), np.nan)
        asked = np.flatnonzero(np.isfinite(x) & np.isfinite(y))
        if not len(self.lines) or not len(asked):
            return found, offset
        points = _points(x[asked], y[asked])
        point, line = self.tree.query_nearest(points, max_distance=within_m, all_matches=True)
        lowest = np.full(len(asked), len(self.lines))
        np.minimum.at(
            lowest, point, line
        )  # of equally near roads the first, so that the answer is always the same
        hit = np.flatnonzero(lowest < len(self.lines))
        found[asked[hit]] = lowest[hit]
        offset[asked[hit]] = shapely.line_locate_point(self.lines[lowest[hit]], points[hit])
        return found, offset


@lru_cache(maxsize=2)
def _area_pixels(areas: Areas) -> AreaPixels:
    order = np.lexsort((np.arange(len(areas.shapes)), -areas.depths))
    first, end = (days.astype("datetime64[D]").astype(np.int64) for days in (areas.first, areas.end))
    return area_pixels(areas.shapes, order, first, end)


@lru_cache(maxsize=2)
def _road_pixels(roads: Roads, within_m: float) -> RoadPixels | None:
    return road_pixels(roads.lines, within_m)


def roads_of(lines: NDArray[np.object_]) -> Roads:
    """Make centre lines searchable."""
    return Roads(lines, shapely.STRtree(lines))


def parents_by_overlap(children: NDArray[np.object_], parents: NDArray[np.object_]) -> Indexes:
    """Index of the parent that covers most of each child, both in one metric CRS; -1 where none meets it."""
    found, most = np.full(len(children), NOWHERE), np.zeros(len(children))
    pairs = shapely.STRtree(parents).query(children, predicate="intersects")
    overlaps = shapely.area(shapely.intersection(children[pairs[0]], parents[pairs[1]]))
    for child, parent, overlap in zip(*pairs.tolist(), overlaps.tolist(), strict=True):
        if overlap > most[child]:
            found[child], most[child] = parent, overlap
    return found


def _points(x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.object_]:
    return np.asarray(shapely.points(np.column_stack([x, y])), object)
