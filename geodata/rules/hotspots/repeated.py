"""Repeated demand 连续诉求热点事件: tickets about the same matter at the same place again and again in a short time.

First, numbers: a ticket opens a burst when more of its kind follow it within 7 days, at its spot (30 m) or around it (100
m), than the place's usual pace explains, by the scan statistic of one dimension (S. Wallenstein and N. Neff, An
approximation for the distribution of the scan statistic, Statistics in Medicine 6, 1987, 197–207). A place that is
complained of evenly all month is no event but a hotspot road. Then, words: of those that follow, the ones that are alike in
character n-grams make the event; the surest burst takes its tickets first.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise, product

import numpy as np
from numpy.typing import NDArray
from scipy import sparse, stats
from scipy.spatial import cKDTree
from sklearn.feature_extraction.text import TfidfVectorizer

WITHIN_M, WITHIN_DAYS = 100.0, 7.0
SAME_SPOT_M = 30.0  # a burst at one door may hide in a street that is complained of all month
GAP_DAYS = 2.0  # what comes so soon before or after an event belongs to it
LEAST = 5  # tickets of an event
SHORT = 0.5  # from this share of the whole time on, 7 days cannot be told from it, and numbers alone decide
CHANCE = 0.002  # of such a burst where tickets come at the place's usual pace
ALIKE, ALIKE_APART = 0.12, 0.45  # cosine of words: of one category, and of two of one group
AT_ONCE = 200_000  # pairs compared at once
DAY_S = 86_400.0
NO_WORDS = re.compile(r"[\s\d,，。、；;：:（）()“”\"'!！?？.\-]+")

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Demands:
    """Where (metric CRS), when (seconds) and about what (category, and the group it belongs to) tickets came."""

    x_m: Floats
    y_m: Floats
    at_s: Floats
    category: Ints
    group: Ints


@dataclass(frozen=True, slots=True)
class Candidates:
    """Rows in or beside a burst, the pairs of them within reach as positions in `rows`, and how likely each row's burst is.

    In a pair the earlier row stands first. `chance` is infinite for a row that opens no burst.
    """

    rows: Ints
    pairs: Ints
    chance: Floats


@dataclass(frozen=True, slots=True)
class Event:
    """Rows of one event in order of time; the medoid's words are the likest to those of all others."""

    rows: tuple[int, ...]
    medoid: int


def candidates(demands: Demands, least: int = LEAST) -> Candidates:
    """What could be repeated, before any word is read: tickets are looked up in a grid, never all with all."""
    groups = [np.flatnonzero(demands.group == group) for group in np.unique(demands.group)]
    pairs = np.concatenate([np.empty((0, 2), np.int64), *(_near(demands, rows) for rows in groups)])
    chance = np.full(len(demands.at_s), np.inf)
    for kind, within_m in product((demands.group, demands.category), (SAME_SPOT_M, WITHIN_M)):
        chance = np.minimum(chance, _chances(demands, kind, pairs, within_m, least))
    near = pairs[np.isfinite(chance[pairs]).any(axis=1)]
    held = np.unique(near)
    pairs = pairs[np.isin(pairs, held).all(axis=1)]
    return Candidates(held, np.searchsorted(held, pairs), chance[held])


def events(demands: Demands, found: Candidates, texts: Sequence[str], least: int = LEAST) -> list[Event]:
    """The events among candidates, by the time of their first ticket; `texts` are those of the candidates' rows."""
    if not len(found.rows):
        return []
    vectors = vectorized(texts)
    one, other = found.pairs.T
    same = demands.category[found.rows[one]] == demands.category[found.rows[other]]
    cosine = likeness(vectors, found.pairs)
    linked, alike = cosine >= np.where(same, ALIKE, ALIKE_APART), cosine >= ALIKE
    at_s = demands.at_s[found.rows]
    made = []
    for mine in _gathered(found, at_s, linked, alike, least=least):
        rows = mine[np.lexsort((mine, at_s[mine]))]
        made.append(Event(tuple(found.rows[rows].tolist()), int(found.rows[rows[medoid(vectors[rows])]])))
    return sorted(made, key=lambda event: (demands.at_s[event.rows[0]], event.rows))


def chance_of(count: Ints, among: Ints, share: Floats) -> Floats:
    """The chance that some stretch of time that is `share` of the whole holds `count` of `among` tickets or more."""
    exactly = stats.binom.pmf(count, among, share)
    more = stats.binom.sf(count, among, share)
    return np.asarray(np.clip((count / share - among - 1) * exactly + 2 * (exactly + more), 0.0, 1.0))


def vectorized(texts: Sequence[str]) -> sparse.csr_matrix:
    """Words as character n-grams of one to three, weighed by how rare they are (tf-idf), of unit length."""
    cleaned = [NO_WORDS.sub(" ", text).strip() or "—" for text in texts]
    weigh = TfidfVectorizer(analyzer="char", ngram_range=(1, 3), sublinear_tf=True, dtype=np.float32)
    return weigh.fit_transform(cleaned)


def likeness(vectors: sparse.csr_matrix, pairs: Ints) -> Floats:
    """The cosine of the vectors of each pair."""
    parts = [pairs[at : at + AT_ONCE] for at in range(0, len(pairs), AT_ONCE)]
    found = [np.asarray(vectors[p[:, 0]].multiply(vectors[p[:, 1]]).sum(axis=1)).ravel() for p in parts]
    return np.concatenate([np.empty(0), *found])


def medoid(vectors: sparse.csr_matrix) -> int:
    """Which of some vectors is the likest to all, the first of equals."""
    middle = np.asarray(vectors.sum(axis=0)).ravel()
    return int(np.argmax(np.asarray(vectors @ middle).ravel()))


def without_place(text: str, address: str | None) -> str:
    """The words without the place, which all tickets of a place share whatever they are about."""
    return text.replace(address, " ") if address else text


def _near(demands: Demands, rows: Ints) -> Ints:
    """Pairs of rows within reach of each other in space and time, the earlier first."""
    scaled = np.column_stack([demands.x_m[rows] / WITHIN_M, demands.y_m[rows] / WITHIN_M,
                              demands.at_s[rows] / (WITHIN_DAYS * DAY_S)])  # fmt: skip
    pairs = cKDTree(scaled).query_pairs(1.0, p=np.inf, output_type="ndarray").astype(np.int64)
    apart = scaled[pairs[:, 0], :2] - scaled[pairs[:, 1], :2]
    pairs = pairs[(apart**2).sum(axis=1) <= 1.0]
    late = scaled[pairs[:, 0], 2] > scaled[pairs[:, 1], 2]
    pairs[late] = pairs[late][:, ::-1]
    return np.asarray(rows[pairs])


def _chances(demands: Demands, kind: Ints, pairs: Ints, within_m: float, least: int) -> Floats:
    """For each row that opens a burst of its kind, how likely it is by the usual pace; infinite for the others."""
    one, other = pairs.T
    apart = np.hypot(demands.x_m[one] - demands.x_m[other], demands.y_m[one] - demands.y_m[other])
    follow = 1 + np.bincount(one[(kind[one] == kind[other]) & (apart <= within_m)], minlength=len(kind))
    share = _shares(demands.at_s)
    chance = chance_of(follow, _around(demands, kind, within_m), share)
    chance = np.where(share > SHORT, 0.0, chance)
    return np.where((follow >= least) & (chance <= CHANCE), chance, np.inf)


def _shares(at_s: Floats) -> Floats:
    """For each row the share of all demands that came in the 7 days after it: time as the district's pace counts it."""
    ordered = np.sort(at_s)
    until = np.searchsorted(ordered, at_s + WITHIN_DAYS * DAY_S, side="right")
    return np.asarray((until - np.searchsorted(ordered, at_s)) / max(len(ordered), 1))


def _around(demands: Demands, kind: Ints, within_m: float) -> Ints:
    """For each row the rows of its kind within reach in space, whenever they came, itself included."""
    found = np.ones(len(kind), np.int64)
    for one in np.unique(kind):
        rows = np.flatnonzero(kind == one)
        points = np.column_stack([demands.x_m[rows], demands.y_m[rows]])
        found[rows] = cKDTree(points).query_ball_point(points, within_m, return_length=True)
    return found


def _gathered(
    found: Candidates, at_s: Floats, linked: NDArray[np.bool_], alike: NDArray[np.bool_], *, least: int
) -> list[Ints]:
    """The rows of each event: those linked to an opening that follow it, and what is alike just before or after; each once.

    What came just before or after, or is of another category, must be alike to half of the event.
    """
    count = len(found.rows)
    follow = _linked(found.pairs, count)
    chain, beside = (_linked(np.concatenate([pairs, pairs[:, ::-1]]), count)
                     for pairs in (found.pairs[linked], found.pairs[alike]))  # fmt: skip
    free = np.ones(count, bool)
    made = []
    for opening in np.lexsort((at_s, found.chance)).tolist():
        if not free[opening] or not np.isfinite(found.chance[opening]):
            continue
        mine = _chained(opening, set(follow[opening][free[follow[opening]]].tolist()), chain)
        if len(mine) < least:
            continue
        free[mine] = False
        first, last = at_s[mine].min() - GAP_DAYS * DAY_S, at_s[mine].max() + GAP_DAYS * DAY_S
        others, links = np.unique(np.concatenate([beside[at] for at in mine]), return_counts=True)
        more = others[
            (links * 2 >= len(mine)) & free[others] & (first <= at_s[others]) & (at_s[others] <= last)
        ]
        free[more] = False
        made.append(np.concatenate([np.array(mine, np.int64), more]))
    return made


def _chained(opening: int, within: set[int], chain: list[Ints]) -> list[int]:
    """The opening and all that are linked to it, or to one that is, and so on, among those that follow it."""
    mine, waiting = [opening], [opening]
    while waiting:
        new = [at for at in chain[waiting.pop()].tolist() if at in within]
        within.difference_update(new)
        mine += new
        waiting += new
    return mine


def _linked(pairs: Ints, count: int) -> list[Ints]:
    """For each position those that a pair leads to."""
    ordered = pairs[np.argsort(pairs[:, 0], kind="stable")]
    edges = np.searchsorted(ordered[:, 0], np.arange(count + 1))
    return [ordered[begin:end, 1] for begin, end in pairwise(edges.tolist())]
