"""What a place usually tells: how much of other kinds comes from there, and how much of one kind comes along its street.

A category is not held against its own past of the place, which would hide a stretch that has been bad for a year, nor
against the length of road, which would name every busy street. It is held against the other tickets of the place, times the
category's share of the tickets along the street on both sides of it: a running mean with Epanechnikov's weights (V. A.
Epanechnikov, Non-parametric estimation of a multivariate probability density, Theory of Probability and its Applications
14, 1969, 153–158) that leaves the place itself out.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from geodata.rules.hotspots.exposure import history

OUT_M, REACH_M = 200.0, 900.0  # along the street; nearer is the place itself, further says nothing of it
PRIOR = 120.0  # other tickets' worth of the district's share in each place's

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Streets:
    """Steps of road in order of road and offset, with what lies along the same road as sparse weights (steps, steps)."""

    length_m: Floats
    along: sparse.csr_array


def streets(road: Ints, from_m: Floats, to_m: Floats) -> Streets:
    """The steps of roads, whose number and metres along it are given."""
    middle = (from_m + to_m) / 2
    far = float(to_m.max(initial=0.0)) + 2 * REACH_M
    at = road * far + middle
    begin, end = np.searchsorted(at, at - REACH_M), np.searchsorted(at, at + REACH_M, "right")
    counts = end - begin
    row = np.repeat(np.arange(len(at)), counts)
    column = np.arange(len(row)) - np.repeat(np.cumsum(counts) - counts, counts) + np.repeat(begin, counts)
    away = np.abs(at[row] - at[column])
    kept = (away >= OUT_M) & (away < REACH_M)
    weights = 1 - (away[kept] / REACH_M) ** 2
    shape = (len(at), len(at))
    return Streets(to_m - from_m, sparse.csr_array((weights, (row[kept], column[kept])), shape=shape))


def usual(known: Streets, own: Floats, others: Floats) -> Floats:
    """By step what a category is proportional to, where `own` and `others` are tickets of it and of all else, of a year.

    Other tickets are drawn to the length of road as far as few of them say little. Without any, it is the length.
    """
    if not others.any() or not own.any():
        return known.length_m
    busy = history(others, known.length_m)[0]
    share = own.sum() / busy.sum()
    found: Floats = busy * (known.along @ own + PRIOR * share) / (known.along @ busy + PRIOR)
    return found
