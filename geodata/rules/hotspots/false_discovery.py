"""How many of the findings may be false: p of many tests turned into q, the least rate at which each would be told.

Benjamini, Y. and Hochberg, Y. (1995), Controlling the false discovery rate, Journal of the Royal Statistical Society B
57(1), 289–300. It holds for independent tests and for those that depend positively (Benjamini and Yekutieli 2001, The
control of the false discovery rate in multiple testing under dependency, Annals of Statistics 29(4), 1165–1188). Windows
of neighbouring cells share cells and so depend positively; that is why Gi* asks for more and for fewer apart, each with
one-sided p. For two-sided p of dependent tests, as local Moran's, nothing is proven, though simulations find the rate
held (docs/hotspots.md has ours). What holds under any dependence is the second function, at the price of ln n.
"""

from __future__ import annotations

import numpy as np

from geodata.rules.hotspots.getis_ord import Floats


def benjamini_hochberg(p: Floats) -> Floats:
    """The q of each p; tests that could not be made (NaN) stay NaN and do not count."""
    q = np.full(len(p), np.nan)
    rows = np.flatnonzero(~np.isnan(p))
    order = rows[np.argsort(p[rows], kind="stable")]
    raised = p[order] * len(order) / np.arange(1, len(order) + 1)
    q[order] = np.minimum(np.minimum.accumulate(raised[::-1])[::-1], 1.0)
    return q


def benjamini_yekutieli(p: Floats) -> Floats:
    """The q that holds under any dependence between the tests: Benjamini–Hochberg's times 1 + 1/2 + … + 1/n."""
    tests = int((~np.isnan(p)).sum())
    q: Floats = np.minimum(benjamini_hochberg(p) * (1.0 / np.arange(1, tests + 1)).sum(), 1.0)
    return q
