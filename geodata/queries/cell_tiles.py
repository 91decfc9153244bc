"""Counts per H3 cell drawn into vector tiles from memory: heat as hexagons, clusters as points.

Outlines of cells follow from H3 alone, so a process reckons each once and keeps it; a new question changes counts only.
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
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Ground:
    """Known cells of one resolution, ascending, with centres, outlines and the boxes round those, all in Mercator."""

    cells: Cells
    x: Floats
    y: Floats
    outlines: Sheet
    boxes: tuple[Floats, Floats, Floats, Floats]  # west, east, north, south


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
    """A hexagon with `cell` and `count` for each counted cell that meets the tile or its margin."""
    if not len(counted.cells):
        return b""
    part = GROUNDS.part(GROUNDS.of(counted.cells, resolution), at, resolution)
    held, counts = counted.among(part.cells)
    rows = held.tolist()
    columns = {"cell": [part.names[row] for row in rows], "count": counts.tolist()}
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
    outlines = sheet(cells)
    begins = outlines.starts[:-1]
    boxes = (np.minimum.reduceat(outlines.x, begins), np.maximum.reduceat(outlines.x, begins),
             np.minimum.reduceat(outlines.y, begins), np.maximum.reduceat(outlines.y, begins))  # fmt: skip
    return Ground(cells, *mercator(*centres(cells)), outlines, boxes)


def _joined(one: Ground, other: Ground) -> Ground:
    cells = np.concatenate([one.cells, other.cells])
    order = np.argsort(cells)
    x, y = (np.concatenate(pair)[order] for pair in ((one.x, other.x), (one.y, other.y)))
    ends = np.concatenate([one.outlines.starts, other.outlines.starts[1:] + one.outlines.starts[-1]])
    both = Sheet(
        np.concatenate([one.outlines.x, other.outlines.x]),
        np.concatenate([one.outlines.y, other.outlines.y]),
        ends,
    )
    corner, starts = _corners(both, order)
    boxes = [np.concatenate(pair)[order] for pair in zip(one.boxes, other.boxes, strict=True)]
    return Ground(
        cells[order],
        x,
        y,
        Sheet(both.x[corner], both.y[corner], starts),
        (boxes[0], boxes[1], boxes[2], boxes[3]),
    )


def _corners(outlines: Sheet, rows: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Where the corners of these rows stand, one outline after the other, and where each then begins."""
    begins, ends = outlines.starts[rows], outlines.starts[rows + 1]
    starts = np.concatenate([[0], np.cumsum(ends - begins)])
    return np.arange(starts[-1]) + np.repeat(begins - starts[:-1], ends - begins), starts


def _part(ground: Ground, at: TileAddress) -> Part:
    west, east, north, south = ground.boxes
    margin, tiles = BUFFER / EXTENT, 2**at.z
    meets = (east * tiles >= at.x - margin) & (west * tiles <= at.x + 1 + margin)
    meets &= (south * tiles >= at.y - margin) & (north * tiles <= at.y + 1 + margin)
    rows = np.flatnonzero(meets)
    corner, starts = _corners(ground.outlines, rows)
    units = np.column_stack([(ground.outlines.x[corner] * tiles - at.x) * EXTENT,
                             (ground.outlines.y[corner] * tiles - at.y) * EXTENT])  # fmt: skip
    cells = ground.cells[rows]
    return Part(
        cells, polygons(np.rint(units).astype(np.int64), starts), [f"{cell:x}" for cell in cells.tolist()]
    )
