"""Areas side by side: where they overlap, what they leave open between them, and mending what is narrow enough.

Everything here is in a flat plane of metres around the areas, made and left again without loss by `Plane`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

Shapes = NDArray[np.object_]
Rows = NDArray[np.int64]
NOISE_M = 0.02  # narrower is what rounding to seven decimals of a degree leaves


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


def overlaps(shapes: Shapes) -> list[Fault]:
    """Ground that two areas share, wider than noise."""
    off = np.flatnonzero(~shapely.is_empty(shapely.coverage_invalid_edges(shapes)))
    first, second = shapely.STRtree(shapes[off]).query(shapes[off], predicate="intersects")
    once = first < second
    first, second = off[first[once]], off[second[once]]
    shared = shapely.intersection(shapes[first], shapes[second])
    width = _width(shared)
    return [
        Fault(_areal(shared[n]), float(width[n]), (int(first[n]), int(second[n])))
        for n in np.flatnonzero(width > NOISE_M)
    ]


def gaps(shapes: Shapes) -> list[Fault]:
    """Ground enclosed by areas that belongs to none of them, wider than noise."""
    exact = shapely.is_empty(shapely.coverage_invalid_edges(shapes)).all()
    whole = shapely.coverage_union_all(shapes) if exact else shapely.union_all(shapes)
    rings, part = shapely.get_rings(shapely.get_parts(whole), return_index=True)
    holes = shapely.polygons(rings[1:][part[1:] == part[:-1]])
    return _beside(holes, shapes)


def left_over(whole: shapely.Geometry, shapes: Shapes) -> list[Fault]:
    """Ground of a whole that no area covers."""
    left = shapely.difference(whole, shapely.union_all(shapes))
    parts = shapely.get_parts(left)
    return _beside(parts[shapely.area(parts) > 0], shapes)


def _beside(holes: Shapes, shapes: Shapes) -> list[Fault]:
    width = _width(holes)
    holes, width = holes[width > NOISE_M], width[width > NOISE_M]
    hole, area = shapely.STRtree(shapes).query(holes, predicate="dwithin", distance=NOISE_M)
    return [
        Fault(holes[n], float(width[n]), tuple(sorted(area[hole == n].tolist()))) for n in range(len(holes))
    ]


def mended(
    shapes: Shapes, fixed: NDArray[np.bool_], faults: list[Fault], narrow_m: float
) -> tuple[Shapes, Rows]:
    """The areas without these overlaps and gaps, and which changed; `fixed` ones stay as they are.

    Between areas that may change it is GEOS' coverage cleaning; beside a fixed one the other gives way or fills up.
    """
    result = shapes.copy()
    for fault in faults:
        if fixed[list(fault.beside)].any():
            _beside_fixed(result, fixed, fault)
    free = [n for fault in faults if not fixed[list(fault.beside)].any() for n in fault.beside]
    if free:
        _clean(result, fixed, np.unique(free), narrow_m)
    changed = np.flatnonzero(~shapely.equals_identical(result, shapes))
    return result, changed


def _beside_fixed(result: Shapes, fixed: NDArray[np.bool_], fault: Fault) -> None:
    loose = [n for n in fault.beside if not fixed[n]]
    if not loose:
        return
    borders = [shapely.length(shapely.intersection(shapely.boundary(result[n]), fault.shape)) for n in loose]
    one = loose[int(np.argmax(borders))]
    shared = shapely.area(shapely.intersection(result[one], fault.shape)) > shapely.area(fault.shape) / 2
    turned = (
        shapely.difference(result[one], fault.shape) if shared else shapely.union(result[one], fault.shape)
    )
    result[one] = _areal(turned)


def _clean(result: Shapes, fixed: NDArray[np.bool_], touched: Rows, narrow_m: float) -> None:
    # The neighbours of those that are cleaned come along, or their common edges would part.
    _, near = shapely.STRtree(result).query(result[touched], predicate="dwithin", distance=NOISE_M)
    group = np.unique(np.concatenate([touched, near]))
    cleaned = shapely.coverage_clean(result[group], gap_width=narrow_m)  # type: ignore[attr-defined]
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
