"""Repeated demand 连续诉求热点事件: tickets about the same matter at the same place again and again in a short time.

Linked as DBSCAN links (M. Ester, H.-P. Kriegel, J. Sander, X. Xu, A density-based algorithm for discovering clusters,
KDD 1996): a ticket with enough neighbours is the core of an event, and events grow from core to core. Neighbours lie
within 100 m and 7 days of each other, in one group of categories, and their words are alike.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse import csgraph
from scipy.spatial import cKDTree
from sklearn.feature_extraction.text import TfidfVectorizer

WITHIN_M, WITHIN_DAYS = 100.0, 7.0
LEAST = 5  # tickets of an event, and of the neighbourhood that makes one
ALIKE, ALIKE_APART = 0.18, 0.35  # cosine of words: of one category, and of two of one group
AT_ONCE = 200_000  # pairs compared at once
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
    """Rows that have enough others near in space, time and matter, and the pairs of them, as positions in `rows`."""

    rows: Ints
    pairs: Ints


@dataclass(frozen=True, slots=True)
class Event:
    """Rows of one event in order of time; the medoid's words are the likest to those of all others."""

    rows: tuple[int, ...]
    medoid: int


def candidates(demands: Demands, least: int = LEAST) -> Candidates:
    """What could be repeated, before any word is read: tickets are looked up in a grid, never all with all."""
    near = [_near(demands, np.flatnonzero(demands.group == group)) for group in np.unique(demands.group)]
    pairs = np.concatenate([np.empty((0, 2), np.int64), *near])
    neighbours = np.bincount(pairs.ravel(), minlength=len(demands.at_s))
    core = neighbours >= least - 1
    pairs = pairs[core[pairs].any(axis=1)]
    rows, at = np.unique(pairs, return_inverse=True)
    return Candidates(rows, at.reshape(-1, 2))


def events(demands: Demands, found: Candidates, texts: Sequence[str], least: int = LEAST) -> list[Event]:
    """The events among candidates, by the time of their first ticket; `texts` are those of the candidates' rows."""
    if not len(found.rows):
        return []
    vectors = vectorized(texts)
    one, other = found.pairs.T
    same = demands.category[found.rows[one]] == demands.category[found.rows[other]]
    alike = likeness(vectors, found.pairs) >= np.where(same, ALIKE, ALIKE_APART)
    label = _grown(found.pairs[alike], len(found.rows), least)
    order = np.lexsort((found.rows, demands.at_s[found.rows], label))
    order = order[label[order] >= 0]
    groups = np.split(order, np.flatnonzero(np.diff(label[order])) + 1)
    made = [Event(tuple(found.rows[mine].tolist()), int(found.rows[mine[medoid(vectors[mine])]]))
            for mine in groups if len(mine) >= least]  # fmt: skip
    return sorted(made, key=lambda event: (demands.at_s[event.rows[0]], event.rows))


def vectorized(texts: Sequence[str]) -> sparse.csr_matrix:
    """Words as character n-grams of one to three, weighed by how rare they are (tf-idf), of unit length."""
    cleaned = [NO_WORDS.sub(" ", text).strip() or "—" for text in texts]
    return TfidfVectorizer(
        analyzer="char", ngram_range=(1, 3), sublinear_tf=True, dtype=np.float32
    ).fit_transform(cleaned)


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
    """Pairs of rows within reach of each other in space and time."""
    scaled = np.column_stack([demands.x_m[rows] / WITHIN_M, demands.y_m[rows] / WITHIN_M,
                              demands.at_s[rows] / (WITHIN_DAYS * 86_400)])  # fmt: skip
    pairs = cKDTree(scaled).query_pairs(1.0, p=np.inf, output_type="ndarray").astype(np.int64)
    apart = scaled[pairs[:, 0], :2] - scaled[pairs[:, 1], :2]
    return np.asarray(rows[pairs[(apart**2).sum(axis=1) <= 1.0]])


def _grown(pairs: Ints, count: int, least: int) -> Ints:
    """The event of each row by number; -1 for rows in none. A row at the edge goes with its lowest core."""
    core = np.bincount(pairs.ravel(), minlength=count) >= least - 1
    inner = pairs[core[pairs].all(axis=1)]
    links = sparse.coo_array((np.ones(len(inner)), tuple(inner.T)), shape=(count, count))
    label = np.where(core, csgraph.connected_components(links, directed=False)[1], -1)
    both = np.concatenate([pairs, pairs[:, ::-1]])
    edge = both[core[both[:, 0]] & ~core[both[:, 1]]]
    first = np.full(count, count, np.int64)
    np.minimum.at(first, edge[:, 1], edge[:, 0])
    at_edge = first < count
    label[at_edge] = label[first[at_edge]]
    return label
