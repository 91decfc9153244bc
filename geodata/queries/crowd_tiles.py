"""A tick drawn: people per cell at the resolution of a zoom, cut into vector tiles without asking the database.

People are summed to coarser cells, never averaged; density is people per m² that can be walked on, over the cells that
were told. At resolution 10 and finer a count below `LEAST_TOLD` is drawn without its number.
"""

from __future__ import annotations

from dataclasses import dataclass

import h3.api.basic_int as h3
import numpy as np
from numpy.typing import NDArray

from geodata.rules.crowd import Judged
from geodata.space.crowd_ground import Ground
from geodata.space.hexes import Cells
from geodata.space.tiling import BUFFER, EXTENT, Sheet, TileAddress, sheet
from geodata.space.vector_tile import Value, layer, polygons
from geodata.types import LEVELS

__all__ = ["Part", "Picture", "Sheet", "drawn", "parents", "part", "picture", "resolution_at", "sheet"]

LEAST_TOLD = 5  # people; fewer in a small cell may be one household
FINE = 10  # resolution from which few people are not told one by one


@dataclass(frozen=True, slots=True)
class Picture:
    """People and density per cell (NaN where not told) and its level, 0 normal to 4 danger; cells ascend."""

    resolution: int
    cells: Cells
    people: NDArray[np.float64]
    density_per_m2: NDArray[np.float64]
    level: NDArray[np.int8]


@dataclass(frozen=True, slots=True)
class Part:
    """The cells of one tile: their rows, encoded outlines and names."""

    rows: NDArray[np.int64]
    outlines: list[bytes]
    names: list[str]


def resolution_at(zoom: int, finest: int) -> int:
    """H3 resolution of crowds at a zoom of tiles, no finer than what was told."""
    return min(9 if zoom < 12 else 10 if zoom < 14 else 11, finest)


def parents(cells: Cells, resolution: int) -> Cells:
    """The parent of each cell; the bits below a resolution are set, its own number stands in bits 52 to 55."""
    kept = cells & ~np.int64(15 << 52)
    return kept | np.int64(resolution << 52) | np.int64((1 << (3 * (15 - resolution))) - 1)


def picture(ground: Ground, people: NDArray[np.float32], judged: Judged, resolution: int) -> Picture:
    """A judged tick at a resolution, no finer than its own."""
    own = h3.get_resolution(int(ground.cells[0])) if len(ground) else resolution
    told = ~np.isnan(people)
    levels = np.where(told, judged.level, 0).astype(np.int8)
    if resolution >= own:
        return Picture(own, ground.cells, people.astype(np.float64), judged.density_per_m2, levels)
    cells, child_of = np.unique(parents(ground.cells, resolution), return_inverse=True)
    heads = np.bincount(child_of, np.where(told, people, 0.0), len(cells))
    metres = np.bincount(child_of, np.where(told, ground.walkable_m2, 0.0), len(cells))
    level = np.zeros(len(cells), np.int8)
    np.maximum.at(level, child_of, levels)
    with np.errstate(invalid="ignore", divide="ignore"):
        density = heads / metres
    return Picture(resolution, cells, np.where(metres > 0, heads, np.nan), density, level)


def part(outlines: Sheet, cells: Cells, at: TileAddress) -> Part:
    """The cells that meet a tile and its margin, their outlines in its units."""
    if not len(cells):
        return Part(np.empty(0, np.int64), [], [])
    x, y = (outlines.x * 2**at.z - at.x) * EXTENT, (outlines.y * 2**at.z - at.y) * EXTENT
    inside = (x >= -BUFFER) & (x <= EXTENT + BUFFER) & (y >= -BUFFER) & (y <= EXTENT + BUFFER)
    held = np.logical_or.reduceat(inside, outlines.starts[:-1])
    sizes = np.diff(outlines.starts)
    kept = np.repeat(held, sizes)
    units = np.column_stack([np.rint(x[kept]), np.rint(y[kept])]).astype(np.int64)
    starts = np.concatenate([[0], np.cumsum(sizes[held])])
    rows = np.flatnonzero(held)
    return Part(rows, polygons(units, starts), [f"{cell:x}" for cell in cells[rows].tolist()])


def drawn(key: str, piece: Part, it: Picture) -> bytes:
    """The tile of a part; cells that were not told, or hold nobody, are left out."""
    people, density = (column[piece.rows].tolist() for column in (it.people, it.density_per_m2))
    level = it.level[piece.rows].tolist()
    least = LEAST_TOLD if it.resolution >= FINE else 0
    there = [i for i, heads in enumerate(people) if heads > 0]  # NaN is not told
    told = [heads >= least for heads in people]
    columns: dict[str, list[Value | None]] = {
        "cell": [piece.names[i] for i in there],
        "people": [round(people[i]) if told[i] else None for i in there],
        "density": [round(density[i], 3) if told[i] else None for i in there],
        "level": [LEVELS[level[i] - 1] if level[i] else None for i in there],
    }
    return layer(key, [piece.outlines[i] for i in there], columns)
