"""Which cells hold more than chance would give them, or less: statistic, p, false-discovery q and class, in one step."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from geodata.rules.hotspots.exposure import eb_rates, offset_gi_star, own_spread
from geodata.rules.hotspots.false_discovery import benjamini_hochberg
from geodata.rules.hotspots.getis_ord import Floats, gi_star, window_sizes
from geodata.rules.hotspots.local_moran import HIGH_HIGH, HIGH_LOW, LOW_HIGH, LOW_LOW, local_moran
from geodata.rules.hotspots.neighbours import Weights

Method = Literal["gi", "moran"]
GI_KEYS = ("cold_99", "cold_95", "cold_90", "none", "hot_90", "hot_95", "hot_99")
MORAN_KEYS = ("low_low", "low_high", "none", "high_low", "high_high")
KEYS: dict[Method, tuple[str, ...]] = {"gi": GI_KEYS, "moran": MORAN_KEYS}
QUADRANTS = {LOW_LOW: 0, LOW_HIGH: 1, HIGH_LOW: 3, HIGH_HIGH: 4}
LEVELS = (0.10, 0.05, 0.01)  # of q
MORAN_LEVEL = 0.05
LEAST = 5  # tickets in the window of a cell that is called hot; fewer tell of single households


@dataclass(frozen=True, slots=True)
class Judged:
    """Per cell the statistic, p, q and the position of its class in the KEYS of the method; NaN: cannot be judged."""

    values: Floats
    p: Floats
    q: Floats
    classes: NDArray[np.int8]


def judge(
    counts: Floats, w: Weights, method: Method = "gi", *, seed: int = 0, exposure: Floats | None = None, counted: bool = False
) -> Judged:  # fmt: skip
    """Judge every cell; against an exposure where one is given, which is a count itself when `counted`.

    gi: the z of Gi*, and p of the window's count by a negative binomial (`exposure`): of Gi*'s own mean and variance, or
    against the exposure. Dealing the cells' counts anew would not do: a pile in one cell is as large wherever it is dealt
    to.
    moran: I of counts, or of empirical-Bayes rates, p by permutation; cells without exposure are not judged.
    """
    if method == "moran":
        return _moran(counts, w, seed, exposure)
    sums = w @ counts + counts
    if exposure is None:
        found = own_spread(counts, window_sizes(w) + 1, gi_star(counts, w), sums)
    else:
        found = offset_gi_star(counts, exposure, w, counted=counted)
    return Judged(found.z, found.p, found.q, _gi_classes(found.z, found.q, sums))


def _gi_classes(z: Floats, q: Floats, sums: Floats) -> NDArray[np.int8]:
    none = GI_KEYS.index("none")
    step = sum((q <= level).astype(np.int8) for level in LEVELS) * np.nan_to_num(np.sign(z)).astype(np.int8)
    classes: NDArray[np.int8] = np.where((step > 0) & (sums < LEAST), none, none + step).astype(np.int8)
    return classes


def _moran(counts: Floats, w: Weights, seed: int, exposure: Floats | None) -> Judged:
    there = np.flatnonzero(exposure > 0) if exposure is not None else np.arange(len(counts))
    x = counts if exposure is None else eb_rates(counts[there], exposure[there])
    found = local_moran(x, w[there][:, there] if len(there) < len(counts) else w)
    values, p = np.full((2, len(counts)), np.nan)
    classes = np.full(len(counts), MORAN_KEYS.index("none"), np.int8)
    values[there], p[there] = found.i, np.where(found.sizes > 0, found.p(seed=seed), np.nan)
    q = benjamini_hochberg(p)
    around = (w @ counts + counts)[there]
    for quadrant, key in QUADRANTS.items():
        told = (q[there] <= MORAN_LEVEL) & (found.quadrant == quadrant)
        if quadrant in (HIGH_HIGH, HIGH_LOW):
            told &= around >= LEAST
        classes[there[told]] = key
    return Judged(values, p, q, classes)
