"""Lists of H3 cells that crowd ticks refer to: read, checked and sorted once, named by their hash, and laid over another."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Sequence
from threading import Lock
from typing import Any, NamedTuple

import h3.api.basic_int as h3
import numpy as np
from numpy.typing import NDArray

People = NDArray[np.float32]
Cells = NDArray[np.int64]
RESOLUTIONS = range(8, 13)
REMEMBERED = 64
LONGEST_CELL = 18  # 0x and sixteen digits


class NoGrid(ValueError):
    """A list that is no list of cells; the message is one sentence for whoever sent it."""


class Grid(NamedTuple):
    """A list of cells as it is kept, ascending, and in which order a sender tells them (None: as kept)."""

    key: str
    resolution: int
    cells: Cells
    order: NDArray[np.int64] | None = None


class Grids:
    """Lists of cells that senders repeat with every tick, so that each is checked once."""

    def __init__(self) -> None:
        self._kept: OrderedDict[bytes, Grid] = OrderedDict()
        self._lock = Lock()

    def of(self, cells: Any) -> Grid:
        """The grid of a list of cells as a sender writes them."""
        try:
            written = hashlib.sha256(",".join(cells).encode()).digest()
        except (TypeError, UnicodeEncodeError):
            raise NoGrid("“cells” is a list of H3 cells as text.") from None
        with self._lock:
            if written in self._kept:
                self._kept.move_to_end(written)
                return self._kept[written]
        grid = read(cells)
        with self._lock:
            self._kept[written] = grid
            while len(self._kept) > REMEMBERED:
                self._kept.popitem(last=False)
        return grid


def read(cells: Sequence[Any]) -> Grid:
    """The grid of a list of cells; each once, all of one resolution."""
    numbers = np.array([number_of(cell) for cell in cells], np.int64)
    if not len(numbers):
        raise NoGrid("A tick tells “cells” or names its “grid”.")
    if not numbers.all():
        raise NoGrid(f"{str(cells[int(np.argmin(numbers != 0))])[:40]} is no H3 cell.")
    resolutions = np.unique((numbers >> 52) & 15)
    if len(resolutions) != 1 or resolutions[0] not in RESOLUTIONS:
        raise NoGrid(f"All cells of a tick have one resolution from {RESOLUTIONS[0]} to {RESOLUTIONS[-1]}.")
    order = np.argsort(numbers, kind="stable")
    kept = numbers[order]
    if (kept[1:] == kept[:-1]).any():
        raise NoGrid("A cell is told twice in one tick.")
    in_order = bool((order == np.arange(len(order))).all())
    return named(kept, None if in_order else order)


def number_of(cell: Any) -> int:
    """A cell as a number; 0 where it is none."""
    if not isinstance(cell, str) or len(cell) > LONGEST_CELL:
        return 0
    try:
        number = int(cell, 16)
    except ValueError:
        return 0
    return number if 0 < number < 2**63 and h3.is_valid_cell(number) else 0


def named(cells: Cells, order: NDArray[np.int64] | None = None) -> Grid:
    """The grid of ascending cells of one resolution, under the name that these cells always get."""
    kept = cells.astype("<i8")
    return Grid(hashlib.sha256(kept.tobytes()).hexdigest(), int((kept[0] >> 52) & 15), kept, order)


def added(grid: Grid, people: People, more: Grid, told: People) -> tuple[Grid, People, int]:
    """People of two lists over all their cells, and how many cells were not told before; what was told stands."""
    cells = grid.cells if grid.key == more.key else np.union1d(grid.cells, more.cells)
    both = np.full(len(cells), np.nan, np.float32)
    both[np.searchsorted(cells, grid.cells)] = people
    at = np.searchsorted(cells, more.cells)
    fresh = np.isnan(both[at]) & ~np.isnan(told)
    both[at[fresh]] = told[fresh]
    return (grid if grid.key == more.key else named(cells)), both, int(fresh.sum())
