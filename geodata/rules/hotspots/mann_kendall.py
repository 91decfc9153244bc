"""Mann–Kendall: whether a series rises or falls, whatever the shape of its rise.

Mann, H. B. (1945), Nonparametric tests against trend, Econometrica 13(3), 245–259; Kendall, M. G. (1975), Rank
Correlation Methods, whose variance corrects for ties:

    S = Σ_{i<j} sign(x_j − x_i),  Var S = (n (n − 1)(2n + 5) − Σ_ties t (t − 1)(2t + 5)) / 18,  z = (S ∓ 1) / √Var S
"""

from __future__ import annotations

import numpy as np
from scipy.stats import norm

from geodata.rules.hotspots.getis_ord import Floats

BLOCK = 4_000_000  # comparisons held at once


def mann_kendall(series: Floats) -> Floats:
    """The z of the trend of each row (rows × steps); 0 where nothing changes or there are fewer than two steps."""
    rows, steps = series.shape
    size = max(1, BLOCK // max(steps * steps, 1))
    parts = [_block(series[first : first + size]) for first in range(0, rows, size)]
    return np.concatenate(parts) if parts else np.empty(0)


def trend_p(z: Floats) -> Floats:
    """Two-sided p of a trend."""
    p: Floats = 2 * norm.sf(np.abs(z))
    return p


def _block(x: Floats) -> Floats:
    n = x.shape[1]
    sign = np.sign(x[:, None, :] - x[:, :, None])
    s = np.triu(sign, 1).sum(axis=(1, 2))
    tied = (sign == 0).sum(axis=2)  # how many equal it, itself included
    ties = ((tied - 1) * (2 * tied + 5)).sum(axis=1)  # each value of t equal ones brings (t − 1)(2t + 5)
    variance = (n * (n - 1) * (2 * n + 5) - ties) / 18
    z: Floats = np.divide(s - np.sign(s), np.sqrt(variance), out=np.zeros(len(x)), where=variance > 0)
    return z
