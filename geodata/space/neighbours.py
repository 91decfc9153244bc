"""Areas side by side: where they overlap, what they leave open between them, and mending what is narrow enough.

Everything here is in a flat plane of metres around the areas, made and left again without loss by `Plane`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

Shapes = NDArray[np.object_]
Rows = NDArray[np.int64]
NOISE_M = 0.02  # narrower is what rounding to seven decimals of a degree leaves

CRACK_M = 5.0  # half the width to which a crack that is open to the rim is looked for
LONG = 60.0  # perimeter squared by area: a crack, not the corner of a bay


class Fault(NamedTuple):
    """Ground of two areas or of none: its shape in the plane, m, its mean width, and the areas it touches."""

    shape: shapely.Geometry
    width_m: float
    beside: tuple[int, ...]

    @property
    def size_m2(self) -> float:
        """Its area."""
        return float(shapely.area(self.shape))


@dataclass(frozen=True, slots=True)
class Plane:
    """Metres around a latitude; right to half a percent within a hundred kilometres of it."""

    lon: float
    lat: float

    @property
    def scale(self) -> NDArray[np.float64]:
        """Metres in a degree eastward and northward (series of the meridian arc on WGS 84)."""
        turn = np.radians(self.lat)
        east = 111_412.84 * np.cos(turn) - 93.5 * np.cos(3 * turn)
        return np.array([east, 111_132.92 - 559.82 * np.cos(2 * turn)])

    def down(self, shapes: Shapes) -> Shapes:
        """From degrees into the plane."""
        return _turned(shapes, lambda points: (points - (self.lon, self.lat)) * self.scale)

    def up(self, shapes: Shapes) -> Shapes:
        """From the plane into degrees."""
        return _turned(shapes, lambda points: points / self.scale + (self.lon, self.lat))


def plane_of(shapes: Shapes) -> Plane:
    """The plane around the middle of shapes in degrees."""
    west, south, east, north = shapely.total_bounds(shapes)
    return Plane((west + east) / 2, (south + north) / 2)


@dataclass(frozen=True)
class Cover:
    """Areas that should lie side by side, in a plane."""

    shapes: Shapes

    @cached_property
    def off(self) -> Rows:
        """Those with an edge that is not exactly their neighbour's."""
        return np.flatnonzero(~shapely.is_empty(shapely.coverage_invalid_edges(self.shapes)))

    @cached_property
    def whole(self) -> shapely.Geometry:
        """All of them as one."""
        return shapely.union_all(self.shapes) if len(self.off) else shapely.coverage_union_all(self.shapes)

    @cached_property
    def tree(self) -> shapely.STRtree:
        """To find neighbours by."""
        return shapely.STRtree(self.shapes)

    def overlaps(self) -> list[Fault]:
        """Ground that two areas share, wider than noise."""
        off = self.off
        first, second = shapely.STRtree(self.shapes[off]).query(self.shapes[off], predicate="intersects")
        once = first < second
        first, second = off[first[once]], off[second[once]]
        shared = shapely.intersection(self.shapes[first], self.shapes[second])
        width = _width(shared)
        return [
            Fault(_areal(shared[n]), float(width[n]), (int(first[n]), int(second[n])))
            for n in np.flatnonzero(width > NOISE_M)
        ]

    def gaps(self) -> list[Fault]:
        """Ground between areas that belongs to none, wider than noise: what they enclose, and cracks open to the rim."""
        # An area may stand alone in the hole of others, so what rings enclose is not yet a gap.
        solid = shapely.union_all(shapely.polygons(shapely.get_exterior_ring(shapely.get_parts(self.whole))))
        holes = shapely.get_parts(shapely.difference(solid, self.whole))
        return self._beside(np.concatenate([holes[shapely.area(holes) > 0], _cracks(solid)]))

    def left_over(self, ground: shapely.Geometry) -> list[Fault]:
        """Parts of a ground that no area covers."""
        parts = shapely.get_parts(shapely.difference(ground, self.whole))
        return self._beside(parts[shapely.area(parts) > 0], least=1)

    def _beside(self, holes: Shapes, least: int = 2) -> list[Fault]:
        width = _width(holes)
        holes, width = holes[width > NOISE_M], width[width > NOISE_M]
        hole, area = self.tree.query(holes, predicate="dwithin", distance=NOISE_M)
        beside = [tuple(sorted(area[hole == n].tolist())) for n in range(len(holes))]
        rows = zip(holes, width.tolist(), beside, strict=True)
        return [Fault(*row) for row in rows if len(row[2]) >= least]


def _cracks(solid: shapely.Geometry) -> Shapes:
    """What runs long and narrow into a shape from its rim."""
    wider = shapely.buffer(solid, CRACK_M, join_style="mitre")
    closed = shapely.buffer(wider, -CRACK_M, join_style="mitre")
    parts = shapely.get_parts(shapely.difference(closed, solid))
    long = shapely.length(parts) ** 2 > LONG * shapely.area(parts)
    return np.asarray(parts[long & (shapely.area(parts) > 0)], object)


def mended(
    cover: Cover, fixed: NDArray[np.bool_], gaps: Sequence[Fault], overlapping: Sequence[Fault]
) -> tuple[Shapes, Rows]:
    """The areas without these gaps and overlaps, and which changed; `fixed` ones stay as they are.

    Each area takes of a gap what lies beside it. Of an overlap GEOS' coverage cleaning decides who has it; a fixed one
    keeps its ground.
    """
    result = cover.shapes.copy()
    for fault in gaps:
        _fill(result, fixed, fault)
    for fault in overlapping:
        if fixed[list(fault.beside)].any():
            for n in fault.beside:
                result[n] = result[n] if fixed[n] else _areal(shapely.difference(result[n], fault.shape))
    loose = [n for fault in overlapping if not fixed[list(fault.beside)].any() for n in fault.beside]
    if loose:
        _clean(cover, result, fixed, np.unique(loose))
    sound = ~shapely.is_empty(result) & shapely.is_valid(result)
    result = np.where(sound, result, cover.shapes)
    return result, np.flatnonzero(~shapely.equals_identical(result, cover.shapes))


def _fill(result: Shapes, fixed: NDArray[np.bool_], fault: Fault) -> None:
    left = fault.shape
    for n in (n for n in fault.beside if not fixed[n]):
        if shapely.is_empty(left):
            return
        mine = _areal(shapely.intersection(left, shapely.buffer(result[n], 2 * fault.width_m + NOISE_M)))
        result[n] = _areal(shapely.union(result[n], mine))
        left = _areal(shapely.difference(left, mine))


def _clean(cover: Cover, result: Shapes, fixed: NDArray[np.bool_], touched: Rows) -> None:
    # The neighbours of those that are cleaned come along, or their common edges would part.
    _, near = cover.tree.query(cover.shapes[touched], predicate="dwithin", distance=NOISE_M)
    group = np.unique(np.concatenate([touched, near]))
    cleaned = shapely.coverage_clean(result[group])  # type: ignore[attr-defined]
    sound = np.isin(shapely.get_type_id(cleaned), (3, 6)) & ~shapely.is_empty(cleaned) & ~fixed[group]
    moved = ~shapely.equals_exact(cleaned, result[group], 1e-9, normalize=True)
    result[group[sound & moved]] = cleaned[sound & moved]


def _width(shapes: Shapes) -> NDArray[np.float64]:
    """Mean width of long thin shapes; 0 of what has no area."""
    around = shapely.length(shapes)
    return np.asarray(
        np.divide(2 * shapely.area(shapes), around, out=np.zeros(len(shapes)), where=around > 0)
    )


def _areal(shape: shapely.Geometry) -> shapely.Geometry:
    """Of a shape what has an area."""
    if shapely.get_type_id(shape) in (3, 6):
        return shape
    parts = shapely.get_parts(shape)
    return shapely.union_all(parts[shapely.get_type_id(parts) == 3])


def _turned(shapes: Shapes, turn: Callable[[NDArray[np.float64]], NDArray[np.float64]]) -> Shapes:
    return np.asarray(shapely.transform(shapes, turn), object)
