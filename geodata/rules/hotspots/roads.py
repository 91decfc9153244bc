"""Which stretches of road stand out of their background, with false discoveries held down.

Counts on steps of road are taken as negative binomial around what is usual there (the Poisson law where nothing is
overdispersed), and every run of steps is tried, as in Kulldorff's scan statistic (M. Kulldorff, A spatial scan statistic,
Communications in Statistics – Theory and Methods 26, 1997, 1481–1496).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse, special
from scipy.sparse import csgraph

from geodata.rules.hotspots.windows import LONGEST, SHORTEST, Windows, windows

LEVEL = 0.037  # of the stretches called hot, the share that chance alone makes; what is usual is known with error too
LEAST = 13  # tickets of a stretch: with fewer, chance is told too often where little is expected
ROUNDS = 8  # of taking what is hot out of the background
PRIOR = 100.0  # tickets' worth of the district's rate in each area's
OVERDISPERSED, NO_DISPERSION = 3.0, 1e-6
INDEPENDENT = 1.6  # runs that are tried count as so many tests for each step (by simulation)
UNLIKELY = 0.01  # a run likelier than this is never hot, whatever the level

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Network:
    """Steps of road in order of road and offset: length in m, number of the road, area (-1: never tested), neighbours.

    `near` are pairs (pairs, 2) of steps that are one stretch when both are hot.
    """

    length_m: Floats
    road: Ints
    area: Ints
    near: Ints


@dataclass(frozen=True, slots=True)
class Stretch:
    """Neighbouring steps on which a category stands out; `expected` tickets would lie there by the background."""

    category: int
    area: int
    segments: tuple[int, ...]
    count: int
    expected: float
    p_value: float
    q_value: float


@dataclass(frozen=True, slots=True)
class Background:
    """What is expected on each step, and by size of a run how counts vary: variance = m + dispersion · m²."""

    expected: Floats
    dispersion: Floats


@dataclass(frozen=True, slots=True)
class Search:
    """A category on a network: its tickets by step, what they are proportional to, and the runs that are tried."""

    network: Network
    runs: Windows
    exposure: Floats
    counts: Floats
    number: Floats  # tickets of each run


def find(
    network: Network, segment: Ints, category: Ints | None = None, *,
    usual: Callable[[int], Floats] | None = None, level: float = LEVEL, least: int = LEAST,
) -> list[Stretch]:  # fmt: skip
    """The stretches of each category (0, 1 …; None: all one) that stand out, by category and area, most tickets first.

    `segment` is the step that holds each ticket; -1 and untested steps are left out. `usual` gives for a category what its
    tickets are proportional to, by step; without it that is the length of road.
    """
    category = np.zeros(len(segment), np.int64) if category is None else category
    tested = (network.area >= 0) & (network.length_m > 0)
    runs, count = windows(network.road, network.area, tested), len(network.area)
    held = (segment >= 0) & tested[segment]
    packed, numbers = np.unique(category[held] * count + segment[held], return_counts=True)
    begins = np.flatnonzero(np.diff(packed // max(count, 1), prepend=-1))
    found: list[Stretch] = []
    for mine in np.split(np.arange(len(packed)), begins[1:]) if len(packed) else []:
        counts = np.bincount(packed[mine] % count, numbers[mine], count).astype(float)
        which = int(packed[mine[0]] // count)
        exposure = np.where(tested, usual(which) if usual else network.length_m, 0.0)
        search = Search(network, runs, exposure, counts, runs.sums(counts))
        found += _of_category(search, which, level=level, least=least)
    return sorted(found, key=lambda x: (x.category, x.area, -x.count, x.segments))


def background(search: Search, hot: NDArray[np.bool_]) -> Background:
    """What is expected, by the rate of each area, and the dispersion of a category, from the steps that are not hot.

    An area's rate is drawn to the district's as by a hundred tickets more. Dispersion by the moments, for runs of each size by
    themselves because neighbours vary together: Σ((y − m)² − m) / Σm², and none unless the test for overdispersion,
    Σ((y − m)² − y) / √(2 Σm²), exceeds 3 (A. C. Cameron and P. K. Trivedi, Regression-based tests for overdispersion in
    the Poisson model, Journal of Econometrics 46, 1990, 347–364), made on the shortest runs, which overlap.
    """
    network, runs = search.network, search.runs
    calm = (search.exposure > 0) & ~hot
    areas = network.area[calm]
    exposure = np.bincount(areas, search.exposure[calm], network.area.max() + 1)
    tickets = np.bincount(areas, search.counts[calm], len(exposure))
    whole = tickets.sum() / max(exposure.sum(), 1e-12)
    rate = (tickets + PRIOR) / (exposure + PRIOR / whole) if whole > 0 else np.full(len(exposure), 1e-12)
    expected = np.where(network.area >= 0, rate[network.area], 0.0) * search.exposure
    none = Background(expected, np.zeros(LONGEST + 1))
    apart = runs.sums(hot.astype(float)) == 0
    y, m, size = search.number[apart], runs.sums(expected)[apart], runs.size[apart]
    short = size == SHORTEST
    away = ((y[short] - m[short]) ** 2 - y[short]).sum()
    if away <= OVERDISPERSED * np.sqrt(2 * SHORTEST * (m[short] ** 2).sum()):
        return none
    more = np.bincount(size, (y - m) ** 2 - m, LONGEST + 1)
    least = np.bincount(size, m**2, LONGEST + 1)
    return Background(expected, np.maximum(more / np.maximum(least, 1e-12), 0.0))


def tail(count: Floats, expected: Floats, dispersion: Floats) -> Floats:
    """The probability of so many tickets or more, by the incomplete beta and gamma functions (NIST DLMF 8.17.5, 8.8.11)."""
    count, expected, dispersion = np.broadcast_arrays(count, expected, dispersion)
    found = np.empty(count.shape)
    poisson = dispersion < NO_DISPERSION
    found[poisson] = special.gammainc(count[poisson], expected[poisson])
    size, mean = 1 / dispersion[~poisson], expected[~poisson]
    found[~poisson] = special.betainc(count[~poisson], size, mean / (size + mean))
    return found


def _of_category(search: Search, category: int, *, level: float, least: int) -> list[Stretch]:
    """First what stands out of the Poisson law, then what still does when the rest tells how much it varies.

    What is hot is kept out of the background, or the worst stretches would hide themselves; it is never more than in the
    round before, so that the background takes back what only seemed hot.
    """
    tried = np.flatnonzero(search.number >= least)
    if not len(tried):
        return []
    known = background(search, np.zeros(len(search.counts), bool))
    known = Background(known.expected, np.zeros(LONGEST + 1))
    hot = None
    for _ in range(ROUNDS):
        q = _hot(search, tried, known, level=level, least=least)
        now = np.isfinite(q) if hot is None else np.isfinite(q) & hot
        if hot is not None and (now == hot).all():
            break
        hot = now
        known = background(search, hot)
    return _stretches(search, category, known, q) if np.isfinite(q).any() else []


def _hot(search: Search, tried: Ints, known: Background, *, level: float, least: int) -> Floats:
    """By step the q of the run that was chosen there; infinite where none stands out."""
    runs, expected = search.runs, search.runs.sums(known.expected)[tried]
    above = search.number[tried] > expected
    tried, expected = tried[above], expected[above]
    p = tail(search.number[tried], expected, known.dispersion[runs.size[tried]])
    chosen = _chosen(runs, tried, p)
    able = np.convolve(known.expected, np.ones(LONGEST), "same")[search.exposure > 0]
    reach = tail(np.full(len(able), float(least)), np.maximum(able, 1e-12), known.dispersion[LONGEST])
    q = adjusted(p[chosen], reach)
    found = np.full(len(search.counts), np.inf)
    for at, value in zip(tried[chosen][q <= level].tolist(), q[q <= level].tolist(), strict=True):
        found[runs.first[at] : runs.after[at]] = value
    return found


def _chosen(runs: Windows, tried: Ints, p: Floats) -> Ints:
    """Of the unlikely runs the unlikeliest first, those that share no step with an unlikelier one; positions in `tried`."""
    hot = np.flatnonzero(p <= UNLIKELY)
    taken = np.zeros(int(runs.after.max(initial=0)), bool)
    chosen = []
    for at in hot[np.argsort(p[hot], kind="stable")].tolist():
        mine = slice(runs.first[tried[at]], runs.after[tried[at]])
        if not taken[mine].any():
            taken[mine] = True
            chosen.append(at)
    return np.array(chosen, np.int64)


def adjusted(p: Floats, reach: Floats) -> Floats:
    """False-discovery q of the least p of many tests, of which each can be met at all with probability `reach`.

    Benjamini and Hochberg's (JRSS B 57, 1995, 289–300) as J. F. Heyse has it for counts (A false discovery rate procedure
    for categorical data, Recent Advances in Biostatistics, 2011, 43–58): by chance Σ min(p, reach) tests have a p so low.
    """
    order = np.argsort(p)
    chance = INDEPENDENT * np.minimum(p[order][:, None], reach).sum(axis=1)
    q = chance / np.arange(1, len(p) + 1)
    found = np.empty(len(p))
    found[order] = np.minimum(np.minimum.accumulate(q[::-1])[::-1], 1.0)
    return found


def _stretches(search: Search, category: int, known: Background, q: Floats) -> list[Stretch]:
    """Hot steps (those with a q) that are near each other, as one."""
    network, hot = search.network, np.isfinite(q)
    one, other = network.near.reshape(-1, 2).T
    joined = hot[one] & hot[other] & (network.area[one] == network.area[other])
    size = (len(q), len(q))
    links = sparse.coo_array((np.ones(joined.sum()), (one[joined], other[joined])), shape=size)
    label = csgraph.connected_components(links, directed=False)[1]
    found = []
    for which in np.unique(label[hot]).tolist():
        mine = np.flatnonzero(hot & (label == which))
        count, expected = search.counts[mine].sum(), known.expected[mine].sum()
        dispersion = known.dispersion[[min(len(mine), LONGEST)]]
        p = tail(np.array([count]), np.array([expected]), dispersion)
        found.append(Stretch(category, int(network.area[mine[0]]), tuple(mine.tolist()), int(count),
                             float(expected), float(p[0]), float(q[mine].min())))  # fmt: skip
    return found
