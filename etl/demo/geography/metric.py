"""Between degrees (EPSG:4326), in which geometry is kept, and metres (EPSG:4549), in which it is made."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any, TypeVar

import numpy as np
import shapely
from pyproj import Transformer
from shapely.geometry.base import BaseGeometry

Shape = TypeVar("Shape", bound=BaseGeometry)

DEGREES = "EPSG:4326"
METRES = "EPSG:4549"
DECIMALS = 7  # about one centimetre: every vertex shared by two cells rounds to the same number


@cache
def _transformer(source: str, target: str) -> Transformer:
    return Transformer.from_crs(source, target, always_xy=True)


def _moved(geometry: Any, source: str, target: str, decimals: int | None) -> Any:
    def step(xy: np.ndarray[Any, np.dtype[np.float64]]) -> np.ndarray[Any, np.dtype[np.float64]]:
        moved = np.column_stack(_transformer(source, target).transform(xy[:, 0], xy[:, 1]))
        return moved if decimals is None else np.round(moved, decimals)

    return shapely.transform(geometry, step)


def to_metres(geometry: Shape) -> Shape:
    """The geometry in EPSG:4549, metres."""
    moved: Shape = _moved(geometry, DEGREES, METRES, None)
    return moved


def to_degrees(geometry: Shape) -> Shape:
    """The geometry in EPSG:4326, rounded to seven decimals."""
    moved: Shape = _moved(geometry, METRES, DEGREES, DECIMALS)
    return moved


def all_to_metres(geometries: Iterable[Shape]) -> list[Shape]:
    """Many geometries at once, EPSG:4549."""
    return list(_moved(np.array(list(geometries), dtype=object), DEGREES, METRES, None))


def all_to_degrees(geometries: Iterable[Shape]) -> list[Shape]:
    """Many geometries at once, EPSG:4326, seven decimals."""
    return list(_moved(np.array(list(geometries), dtype=object), METRES, DEGREES, DECIMALS))
