"""What sums of a window come out as when values are dealt to cells at random; the reference for p where counts are few.

Ticket counts are mostly zeros with a long tail, so the normal approximation of local statistics calls far too many cells
significant. Anselin (1995), Local indicators of spatial association, Geographical Analysis 27(2), 93–115, deals the other
values anew to the neighbours of each cell. With weights of zero and one only the number of neighbours matters, so one set
of draws per number serves all cells, and there can be a hundred times as many of them.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from geodata.rules.hotspots.getis_ord import Floats

DRAWS = 99_999
CLOSE = 1e-9  # sums nearer than this share of the largest are equal


def permuted_p(
    x: Floats, sums: Floats, sizes: NDArray[np.float64], *, seed: int, draws: int = DRAWS
) -> Floats:
    """Two-sided p of sums of `sizes` values of x drawn without replacement; the least is 2 / (draws + 1).

    A cell's own value can be among those drawn for its neighbours, which changes p by at most sizes / len(x).
    """
    count = sizes.astype(np.int64)
    dealt = dealt_sums(x, int(count.max(initial=1)), draws, np.random.default_rng(seed))
    slack = CLOSE * max(float(np.abs(sums).max(initial=0.0)), 1e-300)
    p = np.ones(len(sums))
    for size in np.unique(count[count > 0]).tolist():
        rows, known = np.flatnonzero(count == size), np.sort(dealt[:, size - 1])
        above = draws - np.searchsorted(known, sums[rows] - slack, side="left")
        below = np.searchsorted(known, sums[rows] + slack, side="right")
        p[rows] = np.minimum(1.0, 2 * (np.minimum(above, below) + 1) / (draws + 1))
    return p


def dealt_sums(x: Floats, most: int, draws: int, rng: np.random.Generator) -> Floats:
    """Running sums of values drawn without replacement (draws × most): column k − 1 holds sums of k values."""
    most = min(most, len(x))
    taken = np.empty((draws, 0), np.int64)
    sums, total = np.empty((draws, most)), np.zeros(draws)
    for column in range(most):
        pick = rng.integers(0, len(x) - column, draws)
        for before in range(column):  # in ascending order, so that each step over one taken is right
            pick += pick >= taken[:, before]
        taken = np.sort(np.column_stack([taken, pick]), axis=1)
        total = total + x[pick]
        sums[:, column] = total
    return sums
