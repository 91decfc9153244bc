"""Which stretches of road stand out of their area's background, with false discoveries held down.

Counts on segments are taken as negative binomial around their area's rate (the Poisson law where nothing is
overdispersed), and every run of one to three neighbouring segments is tried, as in Kulldorff's scan statistic
(M. Kulldorff, A spatial scan statistic, Communications in Statistics – Theory and Methods 26, 1997, 1481–1496).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
from numpy.typing import NDArray
from scipy import sparse, special
from scipy.sparse import csgraph

from geodata.rules.hotspots.exposure import history

LEVEL = 0.04  # share of false ones among the stretches that are called hot
LEAST = 5  # tickets of a stretch; fewer are a matter of privacy and of no weight
ROUNDS = 8  # of taking what is hot out of the background
PRIOR = 5.0  # tickets' worth of the district's rate in each area's
LONGEST = 3  # segments of a run
OVERDISPERSED, NO_DISPERSION = 2.0, 1e-6
INDEPENDENT = (
    1.6  # runs that are tried count as so many independent tests for each segment (found by simulation)
)

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Network:
    """Segments of road: what their background is proportional to, the area it is taken from, and neighbours.

    Exposure is the length in m unless something better is known; a segment without exposure, or of area -1, is never
    tested. `near` are pairs (pairs, 2) of segments that are one stretch when both are hot.
    """

    exposure: Floats
    area: Ints
    near: Ints


@dataclass(frozen=True, slots=True)
class Stretch:
    """Neighbouring segments on which a category stands out; `expected` tickets would lie there by the background."""

    category: int
    area: int
    segments: tuple[int, ...]
    count: int
    expected: float
    p_value: float
    q_value: float


@dataclass(frozen=True, slots=True)
class Background:
    """Tickets per unit of exposure in each area, and by size of a run how they vary: variance = m + dispersion · m²."""

    rate: Floats
    dispersion: Floats


def find(
    network: Network, segment: Ints, category: Ints | None = None, *, total: Floats | None = None,
    level: float = LEVEL, least: int = LEAST,
) -> list[Stretch]:  # fmt: skip
    """The stretches of each category (0, 1 …; None: all one) that stand out, by category and area, most tickets first.

    `segment` is the row of the network that holds each ticket; -1 and untested segments are left out. With `total`, the
    tickets of all kinds on each segment, a category is held against what of other kinds is told there, drawn to the
    exposure as far as that says little (`exposure.history`): so a busy street does not stand out for being busy.
    """
    category = np.zeros(len(segment), np.int64) if category is None else category
    runs = runs_of(network)
    held = (segment >= 0) & runs.tested[segment]
    count = len(network.area)
    packed, numbers = np.unique(category[held] * count + segment[held], return_counts=True)
    begins = np.flatnonzero(np.diff(packed // max(count, 1), prepend=-1))
    found: list[Stretch] = []
    for mine in np.split(np.arange(len(packed)), begins[1:]) if len(packed) else []:
        counts = np.bincount(packed[mine] % count, numbers[mine], count).astype(float)
        which = int(packed[mine[0]] // count)
        against, tried = network, runs
        if total is not None:
            against = replace(network, exposure=usual(network, total - counts))
            tried = replace(runs, exposure=runs.matrix @ against.exposure)
        found += _of_category(against, tried, which, counts, level=level, least=least)
    return sorted(found, key=lambda x: (x.category, x.area, -x.count, x.segments))


def usual(network: Network, others: Floats) -> Floats:
    """What tickets of other kinds say of how much is told from each segment, drawn to its exposure."""
    tested = (network.exposure > 0) & (network.area >= 0)
    if not others[tested].any():
        return network.exposure
    found = np.zeros(len(others))
    found[tested] = history(np.maximum(others[tested], 0), network.exposure[tested])[0]
    return found


@dataclass(frozen=True, slots=True)
class Runs:
    """Every connected run of one to three segments of one area: a 0-1 matrix (runs, segments), and what is its own."""

    matrix: sparse.csr_array
    size: Ints
    area: Ints
    exposure: Floats
    tested: NDArray[np.bool_]  # by segment

    def segments(self, run: int) -> Ints:
        """The segments of one run."""
        found: Ints = self.matrix.indices[self.matrix.indptr[run] : self.matrix.indptr[run + 1]]
        return found


def runs_of(network: Network) -> Runs:
    """All runs of a network."""
    area, tested = network.area, (network.exposure > 0) & (network.area >= 0)
    pairs = np.unique(np.sort(network.near.reshape(-1, 2), axis=1), axis=0)
    pairs = pairs[
        tested[pairs].all(axis=1) & (area[pairs[:, 0]] == area[pairs[:, 1]]) & (pairs[:, 0] < pairs[:, 1])
    ]
    rows = [np.flatnonzero(tested)[:, None], pairs, _threes(pairs, len(area))]
    size = np.concatenate([np.full(len(part), part.shape[1]) for part in rows])
    columns = np.concatenate([part.ravel() for part in rows])
    edges = np.concatenate([[0], np.cumsum(size)])
    matrix = sparse.csr_array((np.ones(len(columns)), columns, edges), shape=(len(size), len(area)))
    return Runs(matrix, size, area[columns[edges[:-1]]], matrix @ network.exposure, tested)


def _threes(pairs: Ints, count: int) -> Ints:
    both = np.concatenate([pairs, pairs[:, ::-1]])
    both = both[np.argsort(both[:, 0], kind="stable")]
    begins = np.searchsorted(both[:, 0], np.arange(count + 1))
    triples = [
        (one, middle, other)
        for middle in np.flatnonzero(np.diff(begins) > 1).tolist()
        for one, other in combinations(both[begins[middle] : begins[middle + 1], 1].tolist(), 2)
    ]
    return np.unique(np.sort(np.array(triples, np.int64).reshape(-1, 3), axis=1), axis=0)


def background(
    network: Network, runs: Runs, counts: Floats, number: Floats, hot: NDArray[np.bool_]
) -> Background:
    """The rate of each area and the dispersion of a category, from the segments that are not hot.

    `number` are the tickets of each run. An area's rate is drawn to the district's as by five tickets more. Dispersion
    by the moments, for runs of each size by themselves because neighbours vary together: Σ((y − m)² − m) / Σm², and none
    unless the test for overdispersion, Σ((y − m)² − y) / √(2 Σm²) on single segments, exceeds 2 (A. C. Cameron and P. K.
    Trivedi, Regression-based tests for overdispersion in the Poisson model, Journal of Econometrics 46, 1990, 347–364).
    """
    calm = runs.tested & ~hot
    areas = network.area[calm]
    exposure = np.bincount(areas, network.exposure[calm], network.area.max() + 1)
    tickets = np.bincount(areas, counts[calm], len(exposure))
    whole = tickets.sum() / max(exposure.sum(), 1e-12)
    rate = (tickets + PRIOR) / (exposure + PRIOR / whole) if whole > 0 else np.full(len(exposure), 1e-12)
    means = rate[areas] * network.exposure[calm]
    away = (counts[calm] - means) ** 2 - counts[calm]
    if away.sum() <= OVERDISPERSED * np.sqrt(2 * (means**2).sum()):
        return Background(rate, np.zeros(LONGEST + 1))
    apart = (runs.matrix @ hot.astype(float)) == 0 if hot.any() else np.ones(len(number), bool)
    means = rate[runs.area[apart]] * runs.exposure[apart]
    more = np.bincount(runs.size[apart], (number[apart] - means) ** 2 - means, LONGEST + 1)
    least = np.bincount(runs.size[apart], means**2, LONGEST + 1)
    return Background(rate, np.maximum(more / np.maximum(least, 1e-12), 0.0))


def tail(count: Floats, expected: Floats, dispersion: Floats) -> Floats:
    """The probability of so many tickets or more, by the incomplete beta and gamma functions (NIST DLMF 8.17.5, 8.8.11)."""
    size = 1 / np.maximum(dispersion, 1e-9)
    spread = special.betainc(count, size, expected / (size + expected))
    return np.asarray(np.where(dispersion < NO_DISPERSION, special.gammainc(count, expected), spread))


def _of_category(
    network: Network, runs: Runs, category: int, counts: Floats, *, level: float, least: int
) -> list[Stretch]:
    """First what stands out of the Poisson law, then what still does when the rest tells how much it varies.

    What is hot is kept out of the background, or the worst stretches would hide themselves; it is never more than in the
    round before, so that the background takes back what only seemed hot.
    """
    number = runs.matrix @ counts
    tried = np.flatnonzero(number >= least)
    if not len(tried):
        return []
    known = background(network, runs, counts, number, np.zeros(len(counts), bool))
    known = Background(known.rate, np.zeros(LONGEST + 1))
    hot = None
    for _ in range(ROUNDS):
        q = _hot(runs, tried, number, known, level=level, segments=len(counts))
        now = np.isfinite(q) if hot is None else np.isfinite(q) & hot
        if hot is not None and (now == hot).all():
            break
        hot = now
        known = background(network, runs, counts, number, hot)
    return _stretches(network, category, counts, known, q) if np.isfinite(q).any() else []


def _hot(
    runs: Runs, tried: Ints, number: Floats, known: Background, *, level: float, segments: int
) -> Floats:
    """By segment the q of the run that was chosen there; infinite where none stands out."""
    expected = known.rate[runs.area[tried]] * runs.exposure[tried]
    above = number[tried] > expected
    tried, expected = tried[above], expected[above]
    p = tail(number[tried], expected, known.dispersion[runs.size[tried]])
    chosen = _chosen(runs, tried, number[tried], expected, p, most=level)
    q = adjusted(p[chosen], INDEPENDENT * runs.tested.sum())
    found = np.full(segments, np.inf)
    for at, value in zip(tried[chosen][q <= level].tolist(), q[q <= level].tolist(), strict=True):
        found[runs.segments(at)] = value
    return found


def _chosen(runs: Runs, tried: Ints, number: Floats, expected: Floats, p: Floats, *, most: float) -> Ints:
    """Of the runs with a p of `most` or less, the likeliest first, those that share no segment with a likelier one.

    Likelihood as Kulldorff's: n ln(n / m) − (n − m). Positions in `tried`.
    """
    hot = np.flatnonzero(p <= most)
    ratio = number[hot] * np.log(number[hot] / expected[hot]) - (number[hot] - expected[hot])
    taken: set[int] = set()
    chosen = []
    for at in hot[np.argsort(-ratio, kind="stable")].tolist():
        mine = runs.segments(int(tried[at])).tolist()
        if taken.isdisjoint(mine):
            taken.update(mine)
            chosen.append(at)
    return np.array(chosen, np.int64)


def adjusted(p: Floats, tests: float) -> Floats:
    """False-discovery q of the least p of so many tests (Y. Benjamini and Y. Hochberg, JRSS B 57, 1995, 289–300)."""
    order = np.argsort(p)
    q = p[order] * tests / np.arange(1, len(p) + 1)
    found = np.empty(len(p))
    found[order] = np.minimum(np.minimum.accumulate(q[::-1])[::-1], 1.0)
    return found


def _stretches(
    network: Network, category: int, counts: Floats, known: Background, q: Floats
) -> list[Stretch]:
    """Hot segments (those with a q) that are near each other, as one."""
    hot = np.isfinite(q)
    one, other = network.near.reshape(-1, 2).T
    joined = hot[one] & hot[other] & (network.area[one] == network.area[other])
    size = (len(counts), len(counts))
    links = sparse.coo_array((np.ones(joined.sum()), (one[joined], other[joined])), shape=size)
    label = csgraph.connected_components(links, directed=False)[1]
    found = []
    for which in np.unique(label[hot]).tolist():
        mine = np.flatnonzero(hot & (label == which))
        area = int(network.area[mine[0]])
        count, expected = counts[mine].sum(), known.rate[area] * network.exposure[mine].sum()
        dispersion = known.dispersion[[min(len(mine), LONGEST)]]
        p = tail(np.array([count]), np.array([expected]), dispersion)
        found.append(Stretch(category, area, tuple(mine.tolist()), int(count),
                             float(expected), float(p[0]), float(q[mine].min())))  # fmt: skip
    return found
