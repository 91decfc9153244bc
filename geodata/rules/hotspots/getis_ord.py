"""Local G of Getis and Ord: whether a cell and its neighbours hold more than chance would give them.

Getis, A. and Ord, J. K. (1992), The analysis of spatial association by use of distance statistics, Geographical
Analysis 24(3), 189–206; Ord and Getis (1995), Local spatial autocorrelation statistics, Geographical Analysis 27(4),
286–306, whose standardised form is used here with binary weights:

    z_i = (S_i − k_i x̄) / (s √(k_i (m − k_i) / (m − 1)))

S_i is the sum over the window, k_i the number of its cells. Gi* counts the cell itself in window, mean and spread
(m = n); Gi leaves it out of all three (m = n − 1). s has the divisor m.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from geodata.rules.hotspots.neighbours import Weights

Floats = NDArray[np.float64]


def gi_star(x: Floats, w: Weights) -> Floats:
    """The standardised Gi* of each cell; 0 where nothing can differ, as when all values are equal."""
    return standardised(w @ x + x, window_sizes(w) + 1, x.mean(), x.std(), len(x))


def gi(x: Floats, w: Weights) -> Floats:
    """The standardised Gi of each cell, which looks at its neighbours only; 0 where nothing can differ."""
    m = len(x) - 1
    mean = (x.sum() - x) / m
    spread = np.sqrt(np.maximum(((x**2).sum() - x**2) / m - mean**2, 0))
    return standardised(w @ x, window_sizes(w), mean, spread, m)


def window_sizes(w: Weights) -> Floats:
    """How many neighbours each cell has."""
    sizes: Floats = np.diff(w.indptr).astype(np.float64)
    return sizes


def standardised(sums: Floats, sizes: Floats, mean: Floats | float, spread: Floats | float, m: int) -> Floats:
    """Sums of windows as multiples of the spread that drawing as many of m values without replacement has."""
    scale = spread * np.sqrt(np.maximum(sizes * (m - sizes) / max(m - 1, 1), 0))
    z: Floats = np.divide(sums - sizes * mean, scale, out=np.zeros_like(sums), where=scale > 1e-12)
    return z
