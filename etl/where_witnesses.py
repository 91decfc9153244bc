"""What the store has to say on where coordinates lie: roads, edges of areas, the outline of the district, and names."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import shapely
from numpy.typing import NDArray

from geodata.queries.evidence import Evidence

Numbers = NDArray[np.float64]
MOVES, MOVED = 32, 140  # ways, and how many of the places go each
LEAST_MOVE_M, MOST_MOVE_M, CLEAR_M = 250.0, 1600.0, 120.0
REACH_M = 120.0
ROAD_M, EDGE_M = (8.0, 25.0), (3.0, 15.0)  # how near counts as on it: sharp and blunt
MOST_LOG, LEAST_LOG = 8.0, -4.0  # one witness is believed so far and no further
FREEDOM, SPREAD = 6.0, 8.0
ENOUGH = 15.0  # coordinates; with fewer, chance plays too large a part
CHANCE_M = 1500.0
OUTSIDE_LOG, STRAY = -3.0, 0.02
RIM_M = 30.0


def witnesses(
    contend: Sequence[Numbers], known: Evidence, names: Sequence[str | None]
) -> tuple[Numbers, list[str]]:
    """For each candidate's places (x, y in metres) the logarithm of how much better than chance it does, and by what."""
    total, words = np.zeros(len(contend)), [""] * len(contend)
    if len(contend) < 2:
        return total, words
    nameless = np.array([name is None for name in names]) if any(names) else np.ones(len(names), bool)
    moves = _moves(contend)
    spots = [each[nameless] if nameless.sum() > ENOUGH else each for each in contend]
    for heard, word in (
        (_lines(spots, moves, known.roads, ROAD_M), "on the roads"),
        (_lines(spots, moves, known.edges, EDGE_M), "along the boundaries in the store"),
        (_names(contend, known, names), "where the same names stand"),
        (_outline(spots, known), ""),
    ):
        total += heard
        words = [f"{old} and {word}" if old and hit > 1 and word else (f"so it lies {word}" if hit > 1 and word else old)
                 for old, hit in zip(words, heard, strict=True)]  # fmt: skip
    return total, words


def _moves(contend: Sequence[Numbers]) -> Numbers:
    """Ways to move the first candidate's places that lead to none of the others."""
    rng = np.random.default_rng(1229)
    angle = rng.uniform(0, 2 * np.pi, 4 * MOVES)
    reach = rng.uniform(LEAST_MOVE_M, MOST_MOVE_M, 4 * MOVES)
    moves = np.column_stack([reach * np.cos(angle), reach * np.sin(angle)])
    to_others = [np.nanmedian(other - contend[0], axis=0) for other in contend]
    clear = np.all([np.hypot(*(moves - way).T) > CLEAR_M for way in to_others], axis=0)
    return moves[clear][:MOVES]


def _lines(
    contend: Sequence[Numbers], moves: Numbers, tree: shapely.STRtree | None, near_m: tuple[float, float]
) -> Numbers:
    """How much better the places lie on lines than the same places moved."""
    if tree is None:
        return np.zeros(len(contend))
    base = contend[0][np.isfinite(contend[0]).all(axis=1)]
    count = len(base)
    thin = base[:MOVED]
    chance = _closeness(np.concatenate([thin + move for move in moves]), tree, near_m, len(moves))
    found = np.concatenate([_closeness(each, tree, near_m, 1) for each in contend])
    # The moved places are fewer, so that they stray more from one move to the next than the whole would.
    stray = np.maximum(chance.std(axis=0), 0.01)
    z = ((found - chance.mean(axis=0)) / stray).max(axis=1)
    return _log_odds(z) * count / (count + ENOUGH)


def _closeness(spots: Numbers, tree: shapely.STRtree, near_m: tuple[float, float], parts: int) -> Numbers:
    """Mean nearness to the nearest line, 1 on it and 0 far away, for each part and each measure of near."""
    spots = np.where(np.isfinite(spots), spots, 1e12)
    distance = np.full(len(spots), np.inf)
    which, away = tree.query_nearest(
        shapely.points(spots), max_distance=REACH_M, return_distance=True, all_matches=False
    )
    distance[which[0]] = away
    return np.column_stack([np.exp(-distance / near).reshape(parts, -1).mean(axis=1) for near in near_m])


def _log_odds(z: Numbers) -> Numbers:
    """Of a true place against chance, for one that stands out by z; heavy tails, for streets repeat themselves."""
    high = (
        (FREEDOM + 1) / 2 * np.log1p(np.maximum(z, 0) ** 2 / FREEDOM)
        - np.log(np.hypot(1, SPREAD))
        + np.log(2)
    )
    low = -np.log(np.hypot(1, SPREAD)) + np.minimum(z, 0)
    return np.asarray(np.clip(np.where(z > 0, high, low), LEAST_LOG, MOST_LOG))


def _names(contend: Sequence[Numbers], known: Evidence, names: Sequence[str | None]) -> Numbers:
    """How well things stand where others of the same name do; redrawn ones may lie off, but not all the same way."""
    there_are = known.names or {}
    shared = [(place, there_are[name]) for place, name in enumerate(names) if name and name in there_are]
    if not shared:
        return np.zeros(len(contend))
    places = [place for place, _ in shared]
    there = np.array([spot[:2] for _, spot in shared])
    loose_m = float(np.median([spot[2] for _, spot in shared]))
    return np.array([_together(each[places] - there, loose_m) for each in contend])


def _together(off: Numbers, loose_m: float) -> float:
    off = off[np.isfinite(off).all(axis=1)]
    if not len(off):
        return LEAST_LOG
    middle = np.median(off, axis=0)
    spread = 1.4826 * np.median(np.abs(off - middle)) * 1.25
    least_m = loose_m if len(off) < 5 else loose_m / 4
    error_m = max(float(spread) / np.sqrt(len(off)), least_m / min(np.sqrt(len(off)), 3.0))
    better = 2 * np.log(CHANCE_M / error_m) - float(middle @ middle) / 2 * (error_m**-2 - CHANCE_M**-2)
    return float(np.clip(better, LEAST_LOG, MOST_LOG))


def _outline(contend: Sequence[Numbers], known: Evidence) -> Numbers:
    """What puts more outside the district than another does is the less likely."""
    if known.outline is None:
        return np.zeros(len(contend))
    around = shapely.buffer(known.outline, RIM_M)
    shapely.prepare(around)
    outside = np.array([1 - shapely.contains_xy(around, each[:, 0], each[:, 1]).mean() for each in contend])
    usual = float(np.clip(outside.min(), STRAY, 1 - STRAY))
    count = min(len(contend[0]), 100)
    told = count * (outside * np.log(usual) + (1 - outside) * np.log(1 - usual))
    return np.asarray(np.maximum(told - told.max(), OUTSIDE_LOG))
