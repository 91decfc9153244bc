"""Roads cut into segments of 100 to 200 m at crossings, or each of these into steps, and which of one street belong together.

Two segments of a street belong together when the H3 cells (resolution 11, some 50 m across) along them touch, so that
the two carriageways of an avenue, or a street that its source keeps in many rows, are one stretch.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import shapely
from h3.api import basic_int
from numpy.typing import NDArray
from shapely import LineString, MultiLineString
from shapely.geometry.base import BaseGeometry
from shapely.ops import substring

from geodata.space import crs, hexes

SHORTEST_M, LONGEST_M = 100.0, 200.0
STEP_M = 50.0  # a stretch begins and ends at a step
RESOLUTION = 11
BETWEEN_M = 15.0  # between the points along a segment whose cells are its cells
REACH_M = 90.0  # segments further apart than this have no cells that touch

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Shapes = NDArray[np.object_]


@dataclass(frozen=True)
class Segments:
    """Segments in order of road and offset; every array has a row per segment."""

    road: Ints  # row of its road
    from_m: Floats  # metres along the road
    to_m: Floats
    street: Ints  # roads of one name have one number
    lines: Shapes  # metric CRS
    middle: Shapes  # points, EPSG:4326
    near: Ints  # (pairs, 2) segments of one street whose cells touch, the lower first
    first: Ints  # by road: its first segment; one more entry at the end

    def __len__(self) -> int:
        return len(self.road)

    def of(self, road: Ints, offset_m: Floats) -> Ints:
        """Which segment holds each place, told by the road's row and metres along it; -1 for a road of -1.

        An offset beyond a road's end belongs to its last segment.
        """
        if not len(self):
            return np.full(len(road), -1, np.int64)
        ends = self.road * self._span + np.minimum(self.from_m, self._span - 1)
        at = np.searchsorted(ends, road * self._span + np.clip(offset_m, 0, self._span - 1), "right") - 1
        return np.where(road >= 0, np.clip(at, self.first[road], self.first[road + 1] - 1), -1)

    @property
    def length_m(self) -> Floats:
        """Length of each segment, m."""
        return self.to_m - self.from_m

    @property
    def _span(self) -> float:
        return float(self.to_m.max()) + 2.0


def cut(lines: Shapes, names: Sequence[str | None], srid: int, *, step_m: float | None = None) -> Segments:
    """Cut roads, given as lines in the metric CRS `srid`; those without a name are streets of their own.

    With `step_m` each segment is divided evenly into steps of about so many metres.
    """
    cuts = [divided(cut_points(length, crossing), step_m) for length, crossing in zip(
        shapely.length(lines).tolist(), crossings(lines), strict=True)]  # fmt: skip
    sizes = np.array([len(points) - 1 for points in cuts], np.int64)
    road = np.repeat(np.arange(len(lines)), sizes)
    from_m = np.array([at for points in cuts for at in points[:-1]], np.float64)
    to_m = np.array([at for points in cuts for at in points[1:]], np.float64)
    pieces = _pieces(lines, road, from_m, to_m)
    street = _streets(names)[road]
    x, y = shapely.get_coordinates(shapely.line_interpolate_point(lines[road], (from_m + to_m) / 2)).T
    lon, lat = crs.to_stored(x, y, f"EPSG:{srid}")
    first = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    near = _near(pieces, road, street, cells_along(pieces, srid))
    return Segments(road, from_m, to_m, street, pieces, np.asarray(shapely.points(lon, lat)), near, first)


def cut_points(length_m: float, crossings_m: Sequence[float]) -> list[float]:
    """Offsets at which a road is cut, its ends included: at crossings where that leaves 100 m on both sides.

    What is longer than 200 m between two such crossings is divided evenly; a road under 100 m stays whole. Offsets are
    told to the centimetre.
    """
    kept = [0.0]
    for at in sorted(crossings_m):
        if at - kept[-1] >= SHORTEST_M and length_m - at >= SHORTEST_M:
            kept.append(float(at))
    points = [0.0]
    for begin, end in pairwise([*kept, float(length_m)]):
        parts = max(1, int(np.ceil((end - begin) / LONGEST_M - 1e-9)))
        points += [round(begin + (end - begin) * part / parts, 2) for part in range(1, parts + 1)]
    return points


def divided(points: list[float], step_m: float | None) -> list[float]:
    """Offsets with more between them, evenly, so that they lie about so many metres apart."""
    if step_m is None:
        return points
    found = points[:1]
    for begin, end in pairwise(points):
        parts = max(1, round((end - begin) / step_m))
        found += [round(begin + (end - begin) * part / parts, 2) for part in range(1, parts + 1)]
    return found


def crossings(lines: Shapes) -> list[list[float]]:
    """For each line the offsets, m, at which another line meets it."""
    found: list[list[float]] = [[] for _ in lines]
    own, other = shapely.STRtree(lines).query(lines, predicate="intersects")
    apart = own != other
    own, other = own[apart], other[apart]
    points, pair = shapely.get_coordinates(shapely.intersection(lines[own], lines[other]), return_index=True)
    offsets = shapely.line_locate_point(lines[own[pair]], shapely.points(points))
    for line, offset in zip(own[pair].tolist(), offsets.tolist(), strict=True):
        found[line].append(offset)
    return found


def cells_along(lines: Shapes, srid: int) -> list[frozenset[int]]:
    """The H3 cells along each line, given in a metric CRS."""
    dense = shapely.segmentize(lines, BETWEEN_M)
    xy, owner = shapely.get_coordinates(dense, return_index=True)
    cells = hexes.cells_of(*crs.to_stored(xy[:, 0], xy[:, 1], f"EPSG:{srid}"), RESOLUTION)
    edges = np.searchsorted(owner, np.arange(len(lines) + 1))
    return [frozenset(cells[begin:end].tolist()) for begin, end in pairwise(edges.tolist())]


def touch(one: frozenset[int], other: frozenset[int]) -> bool:
    """Whether two sets of cells share a cell or have neighbours in each other."""
    return any(not other.isdisjoint(basic_int.grid_disk(cell, 1)) for cell in one)


def _near(lines: Shapes, road: Ints, street: Ints, cells: list[frozenset[int]]) -> Ints:
    """Consecutive segments of a road, and others of the street whose cells touch."""
    follows = np.flatnonzero(road[1:] == road[:-1])
    one, other = shapely.STRtree(lines).query(lines, predicate="dwithin", distance=REACH_M)
    beside = (one < other) & (street[one] == street[other]) & (road[one] != road[other])
    pairs = [(a, b) for a, b in zip(one[beside].tolist(), other[beside].tolist(), strict=True)
             if touch(cells[a], cells[b])]  # fmt: skip
    chain = np.column_stack([follows, follows + 1])
    return np.concatenate([chain, np.array(pairs, np.int64).reshape(-1, 2)]).astype(np.int64)


def _streets(names: Sequence[str | None]) -> Ints:
    numbers: dict[str, int] = {}
    keys = [name or f"\0{row}" for row, name in enumerate(names)]
    return np.array([numbers.setdefault(key, len(numbers)) for key in keys], np.int64)


def _pieces(lines: Shapes, road: Ints, from_m: Floats, to_m: Floats) -> Shapes:
    """The parts of lines between two offsets; offsets run on through the parts of a multiline in their order."""
    parts = [_with_offsets(line) for line in lines]
    cuts = zip(road.tolist(), from_m.tolist(), to_m.tolist(), strict=True)
    return np.array([_between(parts[at], begin, end) for at, begin, end in cuts], object)


def _with_offsets(line: BaseGeometry) -> list[tuple[float, LineString]]:
    parts = shapely.get_parts(line)
    ends = np.cumsum(shapely.length(parts))
    return list(zip((ends - shapely.length(parts)).tolist(), parts.tolist(), strict=True))


def _between(parts: list[tuple[float, LineString]], begin: float, end: float) -> BaseGeometry:
    held = [substring(part, max(begin - at, 0.0), min(end - at, part.length)) for at, part in parts
            if at < end and at + part.length > begin]  # fmt: skip
    lines = [piece for piece in held if piece.geom_type == "LineString"]
    return lines[0] if len(lines) == 1 else MultiLineString(lines)
