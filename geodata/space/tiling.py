"""Tiles of the slippy map in Web Mercator (EPSG:3857), and the outlines of H3 cells laid out for drawing into them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from geodata.space.hexes import Cells, Degrees, corners

EXTENT, BUFFER = 4096, 64  # units along a tile's side, and how far beyond it shapes are drawn
HALF_WORLD_M = 20037508.342789244  # half the width of EPSG:3857


@dataclass(frozen=True, slots=True)
class TileAddress:
    """Zoom, column from the west, row from the north."""

    z: int
    x: int
    y: int

    def bound(self) -> dict[str, Any]:
        """As parameters of a statement."""
        return {"z": self.z, "x": self.x, "y": self.y}


@dataclass(frozen=True, slots=True)
class Sheet:
    """The outlines of cells in Mercator, the world being 1 wide; corner k of cell i stands at `starts[i] + k`."""

    x: NDArray[np.float64]
    y: NDArray[np.float64]
    starts: NDArray[np.int64]


def mercator(lon: Degrees, lat: Degrees) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Degrees as Mercator, the world being 1 wide, rows from the north."""
    return (lon + 180) / 360, (1 - np.arcsinh(np.tan(np.radians(lat))) / np.pi) / 2


def sheet(cells: Cells) -> Sheet:
    """Project the outlines of cells once; H3 turns them against the clock on the ground, so they are turned round."""
    lon, lat, owner = corners(cells)
    starts = np.searchsorted(owner, np.arange(len(cells) + 1))
    back = starts[owner] + starts[owner + 1] - 1 - np.arange(len(owner))
    x, y = mercator(lon[back], lat[back])
    return Sheet(x, y, starts)


def wide_box(at: TileAddress) -> tuple[float, float, float, float]:
    """A tile with its margin: west, south, east, north in degrees (EPSG:4326)."""
    margin, tiles = BUFFER / EXTENT, 2**at.z
    west, east = ((edge / tiles) * 360 - 180 for edge in (at.x - margin, at.x + 1 + margin))
    north, south = (
        math.degrees(math.atan(math.sinh(math.pi * (1 - 2 * edge / tiles))))
        for edge in (at.y - margin, at.y + 1 + margin)
    )
    return west, south, east, north
