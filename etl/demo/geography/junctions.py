"""Makes streets meet: corners rounded off except where another street has its own, loose ends led to a street."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

import shapely
from shapely.geometry import LineString, Point

from etl.demo.geography.bends import rounded

JOIN_M = 45.0  # an end nearer than this to another line meets it


def bent(lines: Sequence[LineString]) -> list[LineString]:
    """The lines with rounded corners; points that two of them share stay where they are."""
    shared = Counter(p for own in lines for p in dict.fromkeys(own.coords))
    return [_bent(own, {p for p in own.coords if shared[p] > 1}) for own in lines]


def _bent(line: LineString, fixed: set[tuple[float, ...]]) -> LineString:
    points = list(line.coords)
    stops = [0, *(i for i in range(1, len(points) - 1) if points[i] in fixed), len(points) - 1]
    result = [points[0]]
    for first, last in pairwise(stops):
        result += list(rounded(LineString(points[first : last + 1])).coords)[1:]
    return LineString(result)


def loose_ends(lines: Sequence[LineString]) -> list[tuple[int, bool, int, Point]]:
    """Ends near another line: number of the line, whether it is its last point, the other, the point to meet in."""
    tree = shapely.STRtree(list(lines))
    found: list[tuple[int, bool, int, Point]] = []
    for i, own in enumerate(lines):
        for last in (False, True):
            end = Point(own.coords[-1 if last else 0])
            near = [int(j) for j in tree.query(end, predicate="dwithin", distance=JOIN_M) if j != i]
            away = {j: lines[j].distance(end) for j in near}
            if away and min(away.values()) > 0:
                other = min(near, key=lambda j: (away[j], j))
                found.append((i, last, other, lines[other].interpolate(lines[other].project(end))))
    return found


def joined(lines: Sequence[LineString]) -> list[LineString]:
    """The lines with loose ends led to the nearest other line, which gets a point there: both share it exactly."""
    points = [list(own.coords) for own in lines]
    found = loose_ends(lines)
    for _, _, other, spot in found:
        points[other] = _with_point(points[other], spot)
    for i, last, _, spot in found:
        points[i] = [*points[i], spot.coords[0]] if last else [spot.coords[0], *points[i]]
    return [LineString(p) for p in points]


def _with_point(points: list[tuple[float, ...]], spot: Point) -> list[tuple[float, ...]]:
    """The points with `spot`, which lies on their line, put in its place."""
    pieces = [LineString(pair) for pair in pairwise(points)]
    place = min(range(len(pieces)), key=lambda k: pieces[k].distance(spot))
    return [*points[: place + 1], spot.coords[0], *points[place + 1 :]]
