"""Hexagons with small counts hidden: the step at the door of heat and its tiles."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from geodata.queries.heat import CellCounts
from geodata.rules.suppression import LEAST, hide_cells, roomy

HIDDEN_COUNT: Final = (
    -1
)  # stands for a hidden count among numbers; JSON says null, a tile leaves the attribute out


def without_small(found: CellCounts, everywhere: Callable[[], CellCounts] | None = None) -> CellCounts:
    """The same cells with HIDDEN_COUNT where a count is hidden.

    `everywhere` gives all cells of the question where `found` is a part of them: the same are hidden whatever the part.
    Where the part alone leaves room among its small counts, the whole does so too and need not be counted.
    """
    hidden = (found.counts > 0) & (found.counts < LEAST)
    if everywhere is None:
        hidden = hide_cells(found.counts)
    elif not roomy(found.counts[hidden]):
        whole = everywhere()
        held, _ = whole.among(found.cells)
        hidden = np.zeros(len(found.cells), np.bool_)
        hidden[held] = hide_cells(whole.counts)[np.searchsorted(whole.cells, found.cells[held])]
    return CellCounts(found.cells, np.where(hidden, HIDDEN_COUNT, found.counts))


def shown_counts(found: CellCounts) -> NDArray[np.int64]:
    """The counts that are not hidden."""
    shown: NDArray[np.int64] = found.counts[found.counts != HIDDEN_COUNT]
    return shown
