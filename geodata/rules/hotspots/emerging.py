"""Emerging hot spots: what a cell's hot and cold steps, read in order, say of it.

A space-time cube counts tickets per cell and step. Each bin's window is the cell and its neighbours in that step and the
one before; its Gi* (`getis_ord`, with mean and spread of the whole cube) has the q of `exposure.own_spread`, or of
`exposure.judged` where an exposure is given, and is hot or cold where that is at most 0.05. The trend is Mann–Kendall's of the window in its own step only, as windows that share a
step would follow each other by themselves. The names are those of Esri's Emerging Hot Spot Analysis (ArcGIS Pro
documentation, “How Emerging Hot Spot Analysis works”), the rules, for hot as for cold:

    ============  ==================================================================================================
    new           the last step is hot and none before it
    historical    at least 90 % of the steps are hot, the last is not
    intensifying  at least 90 % are hot, so is the last, and the trend is upward (p ≤ 0.05)
    diminishing   at least 90 % are hot, so is the last, and the trend is downward (p ≤ 0.05)
    persistent    at least 90 % are hot, so is the last, and there is no trend
    consecutive   less than 90 %: all hot steps are one unbroken run of two or more that ends with the last
    oscillating   less than 90 %: the last is hot, some earlier one was cold, and the hot steps are no such run
    sporadic      less than 90 %: the last is hot, none was cold, and the hot steps are no such run
    none          anything else
    ============  ==================================================================================================

For cold cells hot and cold change places, and intensifying is a downward trend. The first rule that fits decides.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geodata.rules.hotspots.exposure import UNSEEN, Offset, judged, own_spread
from geodata.rules.hotspots.getis_ord import Floats, standardised, window_sizes
from geodata.rules.hotspots.mann_kendall import mann_kendall, trend_p
from geodata.rules.hotspots.neighbours import Weights

PATTERNS = (
    "new",
    "consecutive",
    "intensifying",
    "persistent",
    "diminishing",
    "sporadic",
    "oscillating",
    "historical",
)
KEYS = ("none", *(f"{pattern}_hot" for pattern in PATTERNS), *(f"{pattern}_cold" for pattern in PATTERNS))
NONE = 0
MOSTLY = 0.9
ALPHA = 0.05
FEWEST_STEPS = 8

Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Emerging:
    """Per cell: class (position in KEYS), z and p and q of the last step, z of the trend; per bin: z, hot, cold."""

    classes: NDArray[np.int8]
    z: Floats
    p: Floats
    q: Floats
    trend_z: Floats
    bins_z: Floats
    hot: Flags
    cold: Flags


def emerging(
    counts: Floats, w: Weights, *, exposure: Floats | None = None, counted: bool = False
) -> Emerging:
    """Judge a cube of counts (cells × steps); `exposure` of the same shape, `counted` when it is counts itself."""
    steps = counts.shape[1]
    now = w @ counts + counts
    sums = now + np.column_stack([np.zeros(len(now)), now[:, :-1]])
    if exposure is None:
        sizes = ((window_sizes(w) + 1)[:, None] * np.where(np.arange(steps) > 0, 2.0, 1.0)).ravel()
        z = standardised(sums.ravel(), sizes, counts.mean(), counts.std(), counts.size)
        found = own_spread(counts, sizes, z, sums.ravel())
    else:
        found = _against(sums, exposure, counts, w, counted=counted)
    z, p, q = found.z, found.p, found.q
    z, p, q = (x.reshape(counts.shape) for x in (z, p, q))
    hot, cold = (q <= ALPHA) & (z > 0), (q <= ALPHA) & (z < 0)
    trend = mann_kendall(now)
    return Emerging(classes_of(hot, cold, trend), z[:, -1], p[:, -1], q[:, -1], trend, z, hot, cold)


def _against(sums: Floats, exposure: Floats, counts: Floats, w: Weights, *, counted: bool) -> Offset:
    now = w @ exposure + exposure
    exposed = now + np.column_stack([np.zeros(len(now)), now[:, :-1]]) + (UNSEEN if counted else 0.0)
    rate = float(counts.sum() / max(exposure.sum(), 1e-300))
    return judged(sums.ravel(), exposed.ravel(), rate, counted=counted)


def classes_of(hot: Flags, cold: Flags, trend_z: Floats) -> NDArray[np.int8]:
    """The class of each cell from its hot and cold steps (cells × steps) and its trend, as positions in KEYS."""
    found = np.full(len(hot), NONE, np.int8)
    for first, flags, other, trend in ((1, hot, cold, trend_z), (1 + len(PATTERNS), cold, hot, -trend_z)):
        for number, fits in enumerate(_patterns(flags, other, trend)):
            found[fits & (found == NONE)] = first + number
    return found


def _patterns(flags: Flags, other: Flags, trend_z: Floats) -> list[Flags]:
    """Which cells each of PATTERNS fits; no two fit one cell."""
    last, many = flags[:, -1], flags.sum(axis=1)
    mostly = many >= MOSTLY * flags.shape[1]
    new = last & (many == 1)
    run = last & (many >= 2) & ~mostly & (_last_run(flags) == many)
    up, down = ((trend_p(trend_z) <= ALPHA) & side for side in (trend_z > 0, trend_z < 0))
    stays = last & mostly & ~new
    broken = last & ~mostly & ~new & ~run
    was_other = other.any(axis=1)
    return [
        new, run, stays & up, stays & ~up & ~down, stays & down, broken & ~was_other, broken & was_other, mostly & ~last,
    ]  # fmt: skip


def _last_run(flags: Flags) -> NDArray[np.int64]:
    """How many of the last steps in a row are set."""
    run: NDArray[np.int64] = np.cumprod(flags[:, ::-1], axis=1).sum(axis=1)
    return run
