"""Which H3 cells stand next to each other, as a sparse matrix of zeros and ones."""

from __future__ import annotations

from typing import Any

import h3
import numpy as np
from h3.api import basic_int
from numpy.typing import NDArray
from scipy.sparse import csr_array

from geodata.space.hexes import Cells

Weights = Any  # scipy.sparse.csr_array, which carries no types
Ints = NDArray[np.int64]
WIDEST = 20_000_000  # fields of the grid that a dense table may have


def neighbours(cells: Cells, rings: int = 1) -> Weights:
    """Which of the cells lie within so many steps of each other; none is its own neighbour.

    A symmetric CSR matrix (n × n) of ones in the order of `cells`, which are of one resolution and do not repeat.
    """
    place = _grid(cells)
    to = _by_disks(cells, rings) if place is None else _by_table(*place, rings)
    there = to >= 0
    ends = np.concatenate([[0], np.cumsum(there.sum(axis=1))])
    found = csr_array((np.ones(ends[-1]), to[there], ends), shape=(len(cells), len(cells)))
    found.sort_indices()
    return found


def _grid(cells: Cells) -> tuple[Ints, Ints] | None:
    """Each cell's column and row in H3's local grid; None where that grid does not unfold (a pentagon, half the earth)."""
    if not len(cells):
        return np.empty(0, np.int64), np.empty(0, np.int64)
    origin, local = int(cells[len(cells) // 2]), basic_int.cell_to_local_ij
    try:
        pairs = np.array([local(origin, cell) for cell in cells.tolist()], np.int64)
    except h3.H3BaseException:
        return None
    i, j = (pairs - pairs.min(axis=0)).T
    unique = len(np.unique(i * (j.max() + 1) + j)) == len(cells)
    return (i, j) if unique and (i.max() + 1) * (j.max() + 1) <= WIDEST else None


def _by_table(i: Ints, j: Ints, rings: int) -> Ints:
    """The axes stand at 120°, so that a step along both at once is a step to a neighbour too."""
    if not len(i):
        return np.empty((0, 0), np.int64)
    table = np.full((i.max() + 1 + 2 * rings, j.max() + 1 + 2 * rings), -1, np.int64)
    table[i + rings, j + rings] = np.arange(len(i))
    reach = range(-rings, rings + 1)
    steps = [(a, b) for a in reach for b in reach if abs(a - b) <= rings and (a or b)]
    return np.column_stack([table[i + rings + a, j + rings + b] for a, b in steps])


def _by_disks(cells: Cells, rings: int) -> Ints:
    order = np.argsort(cells)
    disks = [[x for x in basic_int.grid_disk(cell, rings) if x != cell] for cell in cells.tolist()]
    wide = np.zeros((len(cells), max(map(len, disks))), np.int64)
    for row, disk in enumerate(disks):
        wide[row, : len(disk)] = disk
    at = np.minimum(np.searchsorted(cells, wide, sorter=order), len(cells) - 1)
    found: Ints = np.where(cells[order[at]] == wide, order[at], -1)
    return found
