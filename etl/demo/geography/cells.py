"""Cuts street blocks until there are as many cells as wanted, the largest for its place first."""

from __future__ import annotations

import heapq
import math
from collections.abc import Iterable
from typing import cast

import numpy as np
import shapely
from shapely.geometry import LineString, Point, Polygon

from etl.demo.geography.blocks import AreaWanted, Block, edges

_PLACES = (0.5, 0.42, 0.58, 0.35, 0.65, 0.25, 0.75, 0.15, 0.85)  # where along the block a cut is tried
_FAIR = 0.25  # the smaller piece of a good cut, of the whole
_ROUND = 0.52  # the longer piece of a good cut, by roundness


def cut(blocks: list[Block], count: int, wanted_m2: AreaWanted) -> tuple[list[Block], list[LineString]]:
    """Exactly `count` cells that fit together without gap or overlap, and the cuts that made them (EPSG:4549)."""
    cells = list(blocks)
    heap = [(-_ratio(b.polygon, wanted_m2), i) for i, b in enumerate(cells)]
    heapq.heapify(heap)
    cuts: list[LineString] = []
    while len(cells) < count:
        _, i = heapq.heappop(heap)
        found = _halves(cells[i].polygon)
        if found is None:
            continue
        first, second, line = found
        cuts.append(line)
        label = cells[i].label
        cells[i] = Block(first, label)
        cells.append(Block(second, label))
        for k in (i, len(cells) - 1):
            heapq.heappush(heap, (-_ratio(cells[k].polygon, wanted_m2), k))
    return _fitted(cells), cuts


def _ratio(polygon: Polygon, wanted_m2: AreaWanted) -> float:
    return float(polygon.area / wanted_m2(polygon.centroid))


def _halves(polygon: Polygon) -> tuple[Polygon, Polygon, LineString] | None:
    """Two pieces on both sides of a straight cut: the first good cut, else the best one, else None."""
    best: tuple[Polygon, Polygon, LineString] | None = None
    merit = 0.0
    for line in _candidates(polygon):
        pieces = _pieces(polygon, line)
        if len(pieces) != 2:
            continue
        share = min(p.area for p in pieces) / polygon.area
        shape = min(_roundness(p) for p in pieces)
        if (found := min(share / _FAIR, 1.0) * min(shape / _ROUND, 1.0)) > merit:
            first, second = sorted(pieces, key=lambda p: (p.centroid.x, p.centroid.y))
            best, merit = (first, second, _within(line, polygon)), found
        if merit == 1.0:
            break
    return best


def _within(line: LineString, polygon: Polygon) -> LineString:
    return cast("LineString", shapely.line_merge(shapely.intersection(line, polygon)))


def _roundness(polygon: Polygon) -> float:
    """4πA/P²: 1 for a circle, 0.79 for a square, 0.5 for a box four times as long as wide."""
    return float(4 * math.pi * polygon.area / polygon.length**2)


def _pieces(polygon: Polygon, line: LineString) -> list[Polygon]:
    faces = shapely.get_parts(shapely.polygonize([shapely.union_all([polygon.boundary, line])])).tolist()
    return [face for face in faces if polygon.contains(face.representative_point())]


def _candidates(polygon: Polygon) -> Iterable[LineString]:
    """Cuts across the longer, then the shorter side of the smallest box around the polygon."""
    corners = np.array(shapely.boundary(shapely.oriented_envelope(polygon)).coords)[:4]
    sides = [corners[1] - corners[0], corners[2] - corners[1]]
    if math.hypot(*sides[0]) < math.hypot(*sides[1]):
        corners, sides = np.roll(corners, -1, axis=0), [sides[1], -sides[0]]
    for along, across in ((sides[0], sides[1]), (sides[1], sides[0])):
        for place in _PLACES:
            middle = corners[0] + place * along
            yield LineString([Point(middle - 0.02 * across), Point(middle + 1.02 * across)])


def _fitted(cells: list[Block]) -> list[Block]:
    """The same cells on one common line work, so that neighbours share every vertex."""
    faces = shapely.get_parts(shapely.polygonize([edges([c.polygon for c in cells])])).tolist()
    tree = shapely.STRtree([face.representative_point() for face in faces])
    fitted: list[Block] = []
    for cell in cells:
        own = [faces[int(i)] for i in tree.query(cell.polygon, predicate="contains")]
        whole = own[0] if len(own) == 1 else shapely.union_all(own)
        fitted.append(Block(cast("Polygon", whole), cell.label))
    return fitted
