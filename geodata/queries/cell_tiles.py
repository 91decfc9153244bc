"""Counts per H3 cell drawn into vector tiles from memory: heat as hexagons, clusters as points.

Outlines of cells follow from H3 alone, so a process reckons those of a tile once and keeps them; a new question changes
counts only.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from geodata.queries.heat import CellCounts
from geodata.space.hexes import Cells, centres
from geodata.space.tiling import BUFFER, EXTENT, Sheet, TileAddress, mercator, sheet
from geodata.space.vector_tile import POINT, layer, points, polygons

PATCHES = 4  # clusters along each side of a tile
PARTS_KEPT = 600
UNEVEN = 1.5  # cells of one resolution differ in size; outlines that do not meet a tile fall out later
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Ground:
    """Known cells of one resolution, ascending, with their centres and how far a corner may lie from one, in Mercator."""

    cells: Cells
    x: Floats
    y: Floats
    reach: float


@dataclass(frozen=True, slots=True)
class Part:
    """The cells that meet one tile: their numbers, encoded outlines and names."""

    cells: Cells
    outlines: list[bytes]
    names: list[str]


@dataclass(slots=True)
class Grounds:
    """What a process knows of cells; it learns those it has not met."""

    known: dict[int, Ground] = field(default_factory=dict)
    parts: OrderedDict[tuple[int, TileAddress, int], Part] = field(default_factory=OrderedDict)
    lock: Lock = field(default_factory=Lock)

    def of(self, cells: Cells, resolution: int) -> Ground:
        """The ground of a resolution, holding at least these cells (ascending)."""
        ground = self.known.get(resolution)
        if ground is not None and not len(_strangers(ground, cells)):
            return ground
        with self.lock:
            ground = self.known.get(resolution)
            if ground is None or len(_strangers(ground, cells)):
                self.known[resolution] = ground = (
                    _ground(cells) if ground is None else _joined(ground, _ground(_strangers(ground, cells)))
                )
        return ground

    def part(self, ground: Ground, at: TileAddress, resolution: int) -> Part:
        """The cells of a tile, from memory when nothing was learnt since."""
        key = (resolution, at, len(ground.cells))
        found = self.parts.get(key)
        if found is None:
            found = _part(ground, at)
            with self.lock:
                self.parts[key] = found
                while len(self.parts) > PARTS_KEPT:
                    self.parts.popitem(last=False)
        return found


GROUNDS = Grounds()


def heat_tile(key: str, at: TileAddress, counted: CellCounts, resolution: int) -> bytes:
    """A hexagon with `cell` and `count` for each counted cell that meets the tile or its margin.

    A count below zero is hidden and left out.
    """
    if not len(counted.cells):
        return b""
    part = GROUNDS.part(GROUNDS.of(counted.cells, resolution), at, resolution)
    held, counts = counted.among(part.cells)
    rows = held.tolist()
    shown = [count if count >= 0 else None for count in counts.tolist()]
    columns = {"cell": [part.names[row] for row in rows], "count": shown}
    return layer(key, [part.outlines[row] for row in rows], columns)


def cluster_tile(key: str, at: TileAddress, counted: CellCounts, resolution: int) -> bytes:
    """A point with `count` for each patch of the tile, at the mean of the cells whose centre lies in it."""
    x, y, counts = _within(at, counted, resolution)
    if not len(counts):
        return b""
    patch = np.floor(x * PATCHES).astype(np.int64) + PATCHES * np.floor(y * PATCHES).astype(np.int64)
    total = np.bincount(patch, counts)
    there = np.flatnonzero(total)
    middle = [np.bincount(patch, counts * units)[there] / total[there] * EXTENT for units in (x, y)]
    places = np.rint(np.column_stack(middle)).astype(np.int64)
    return layer(key, points(places), {"count": total[there].astype(np.int64).tolist()}, POINT)


def count_within(at: TileAddress, counted: CellCounts, resolution: int) -> int:
    """How many tickets the cells hold whose centre lies in the tile."""
    return int(_within(at, counted, resolution)[2].sum())


def _within(
    at: TileAddress, counted: CellCounts, resolution: int
) -> tuple[Floats, Floats, NDArray[np.int64]]:
    """Centres (in widths of the tile from its north-west corner) and counts of the cells centred in a tile."""
    if not len(counted.cells):
        return np.empty(0), np.empty(0), np.empty(0, np.int64)
    ground = GROUNDS.of(counted.cells, resolution)
    x, y = ground.x * 2**at.z - at.x, ground.y * 2**at.z - at.y
    rows = np.flatnonzero((x >= 0) & (x < 1) & (y >= 0) & (y < 1))
    held, counts = counted.among(ground.cells[rows])
    return x[rows[held]], y[rows[held]], counts


def _strangers(ground: Ground, cells: Cells) -> Cells:
    at = np.minimum(np.searchsorted(ground.cells, cells), len(ground.cells) - 1)
    strangers: Cells = cells[ground.cells[at] != cells]
    return strangers


def _ground(cells: Cells) -> Ground:
    x, y = mercator(*centres(cells))
    some = np.unique([y.argmin(), y.argmax(), *np.linspace(0, len(cells) - 1, 8).astype(int)])
    outlines = sheet(cells[some])
    owner = some[np.repeat(np.arange(len(some)), np.diff(outlines.starts))]
    reach = np.hypot(outlines.x - x[owner], outlines.y - y[owner]).max()
    return Ground(cells, x, y, UNEVEN * float(reach))


def _joined(one: Ground, other: Ground) -> Ground:
    cells = np.concatenate([one.cells, other.cells])
    order = np.argsort(cells)
    x, y = (np.concatenate(pair)[order] for pair in ((one.x, other.x), (one.y, other.y)))
    return Ground(cells[order], x, y, max(one.reach, other.reach))


def _corners(outlines: Sheet, rows: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Where the corners of these rows stand, one outline after the other, and where each then begins."""
    begins, ends = outlines.starts[rows], outlines.starts[rows + 1]
    starts = np.concatenate([[0], np.cumsum(ends - begins)])
    return np.arange(starts[-1]) + np.repeat(begins - starts[:-1], ends - begins), starts


def _part(ground: Ground, at: TileAddress) -> Part:
    margin, tiles = BUFFER / EXTENT, 2**at.z
    away = margin + ground.reach * tiles
    x, y = ground.x * tiles - at.x, ground.y * tiles - at.y
    cells = ground.cells[np.flatnonzero((x >= -away) & (x <= 1 + away) & (y >= -away) & (y <= 1 + away))]
    if not len(cells):
        return Part(cells, [], [])
    outlines = sheet(cells)
    x, y = outlines.x * tiles - at.x, outlines.y * tiles - at.y
    begins = outlines.starts[:-1]
    meets = np.maximum.reduceat(x, begins) >= -margin
    meets &= (np.minimum.reduceat(x, begins) <= 1 + margin) & (np.maximum.reduceat(y, begins) >= -margin)
    rows = np.flatnonzero(meets & (np.minimum.reduceat(y, begins) <= 1 + margin))
    corner, starts = _corners(outlines, rows)
    units = np.rint(np.column_stack([x[corner], y[corner]]) * EXTENT).astype(np.int64)
    held = cells[rows]
    return Part(held, polygons(units, starts), [f"{cell:x}" for cell in held.tolist()])
