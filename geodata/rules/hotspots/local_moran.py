"""Local Moran: whether a cell is like its neighbours, and which of both is high.

Anselin, L. (1995), Local indicators of spatial association – LISA, Geographical Analysis 27(2), 93–115:

    I_i = (n − 1) z_i Σ_j w_ij z_j / Σ_j z_j²,   z = (x − x̄) / s,   w with rows that sum to 1.

For rates x are the standardised rates of `exposure.eb_rates`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geodata.rules.hotspots.getis_ord import Floats, window_sizes
from geodata.rules.hotspots.neighbours import Weights
from geodata.rules.hotspots.permutation import DRAWS, permuted_p

HIGH_HIGH, LOW_HIGH, LOW_LOW, HIGH_LOW = 1, 2, 3, 4


@dataclass(frozen=True, slots=True)
class LocalMoran:
    """I of each cell, the sum of its neighbours' z, and its quadrant: 1 high among high, 2 low among high, 3, 4."""

    i: Floats
    z: Floats
    lag_sums: Floats
    sizes: Floats
    quadrant: NDArray[np.int8]

    def p(self, *, seed: int, draws: int = DRAWS) -> Floats:
        """Two-sided p by conditional permutation: the cell keeps its value, its neighbours are dealt new ones."""
        return permuted_p(self.z, self.lag_sums, self.sizes, seed=seed, draws=draws)


def local_moran(x: Floats, w: Weights) -> LocalMoran:
    """Local Moran's I with row-standardised weights; 0 for a cell without neighbours, or when all values are equal."""
    spread = x.std()
    z = (x - x.mean()) / spread if spread > 0 else np.zeros(len(x))
    sizes, sums = window_sizes(w), w @ z
    lag = np.divide(sums, sizes, out=np.zeros(len(x)), where=sizes > 0)
    total = (z * z).sum()
    i = (len(x) - 1) * z * lag / total if total > 0 else np.zeros(len(x))
    high, among_high = z > 0, lag > 0
    quadrant = np.where(high, np.where(among_high, 1, 4), np.where(among_high, 2, 3)).astype(np.int8)
    return LocalMoran(i, z, sums, sizes, quadrant)
