"""Crowds 人群聚集: people per cell become density, density a level per place, hot cells that touch one crowd.

Density is people per square metre that can be walked on, by each cell's true area. What was not told is NaN and stays
out of sums and areas alike: missing is never zero.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from geodata.rules.levels import Limits
from geodata.space.crowd_ground import NOWHERE, Floats, Ground, outline
from geodata.space.hexes import Cells
from geodata.types import LEVELS, Level

__all__ = [
    "Crowd",
    "Ground",
    "Judged",
    "Line",
    "PlaceDensity",
    "fit",
    "judge",
    "minutes_to",
    "minutes_to_next",
    "outline",
    "touching",
    "trend",
]

People = NDArray[np.float32]
HOT: Level = "watch"  # from this level of its own limits a cell belongs to a crowd
TREND_WINDOW_MIN = 10.0
LEAST_POINTS = 4


@dataclass(frozen=True, slots=True)
class PlaceDensity:
    """One place at one tick; figures are NaN and the level None where none of its cells was told."""

    place: str
    people: float
    density_per_m2: float
    peak_per_m2: float
    peak_cell: int
    told_share: float  # share of its walkable ground that was told
    level: Level | None  # where the density of the whole place stands, before any hold time


@dataclass(frozen=True, slots=True)
class Crowd:
    """Hot cells that touch: ascending cells, people in them, the densest cell, the place that has most of them."""

    cells: Cells
    people: float
    density_per_m2: float
    peak_per_m2: float
    peak_cell: int
    place: str | None
    level: Level | None  # the worst level any of its cells reaches


@dataclass(frozen=True, slots=True)
class Judged:
    """One tick judged."""

    density_per_m2: Floats  # per cell, NaN where not told
    level: NDArray[np.int8]  # per cell: 0 normal or not told, 1 notice … 4 danger
    places: list[PlaceDensity]
    crowds: list[Crowd]  # most people first


def judge(
    ground: Ground,
    people: People,
    limits: Sequence[Limits | None],
    elsewhere: Limits | None = None,
    hot: Level = HOT,
) -> Judged:
    """Judge one tick; `limits` stand in the order of `ground.places`, in persons per m², `elsewhere` off places."""
    density = people / ground.walkable_m2
    lines = _limit_lines(limits, elsewhere)
    level = _levels(ground, density, lines)
    places = _places(ground, people, density, lines)
    return Judged(density, level, places, _crowds(ground, people, density, level, hot))


def _limit_lines(limits: Sequence[Limits | None], elsewhere: Limits | None) -> Floats:
    """One row of four limits a place, the last for cells of no place; what is not set is never reached."""
    never = Limits()
    rows = [
        (x.notice, x.watch, x.warning, x.danger) for x in (each or never for each in (*limits, elsewhere))
    ]
    told = np.array(rows, np.float64)  # None becomes NaN
    # A level that is not set begins where the next worse does, so that reaching that one counts as having passed it.
    return np.minimum.accumulate(np.where(np.isnan(told), np.inf, told)[:, ::-1], axis=1)[:, ::-1]


def _levels(ground: Ground, density: Floats, lines: Floats) -> NDArray[np.int8]:
    level = np.zeros(len(density), np.int8)
    some = np.flatnonzero(density >= lines[:, 0].min(initial=np.inf))  # most cells are far below every limit
    level[some] = (density[some, None] >= lines[ground.place[some]]).sum(axis=1)
    return level


def _places(ground: Ground, people: People, density: Floats, lines: Floats) -> list[PlaceDensity]:
    if not len(ground.placed):
        return []
    told = ~np.isnan(people[ground.placed])
    area, starts = ground.walkable_m2[ground.placed], ground.starts
    heads = np.add.reduceat(np.where(told, people[ground.placed], 0.0), starts)
    metres = np.add.reduceat(np.where(told, area, 0.0), starts)
    with np.errstate(invalid="ignore", divide="ignore"):
        dense = np.where(metres > 0, heads / metres, np.nan)
    heads = np.where(metres > 0, heads, np.nan)
    packed = np.where(told, density[ground.placed], -np.inf)
    peak = ground.placed[_first_highest(packed, starts)]
    worst = (dense[:, None] >= lines[ground.present]).sum(axis=1)
    share = metres / np.add.reduceat(area, starts)
    columns = (ground.present, heads, dense, density[peak], ground.cells[peak], share, worst)
    return [
        PlaceDensity(
            ground.places[place], whole, mean, top, cell, part, LEVELS[reached - 1] if reached else None
        )
        for place, whole, mean, top, cell, part, reached in zip(*(x.tolist() for x in columns), strict=True)
    ]


def _first_highest(values: Floats, starts: NDArray[np.int64]) -> NDArray[np.int64]:
    """Where each run of values, beginning at `starts`, has its highest, the first of equals."""
    run = np.repeat(np.arange(len(starts)), np.diff(np.append(starts, len(values))))
    order = np.lexsort((-np.arange(len(values)), values, run))
    return np.asarray(order[np.append(starts[1:], len(values)) - 1], np.int64)


def _crowds(
    ground: Ground, people: People, density: Floats, level: NDArray[np.int8], hot: Level
) -> list[Crowd]:
    rows = np.flatnonzero(level >= LEVELS.index(hot) + 1)
    if not len(rows):
        return []
    group = touching(ground, rows)
    order = np.argsort(group, kind="stable")  # within a group the cells go on ascending
    rows, group = rows[order], group[order]
    starts = np.flatnonzero(np.append(True, np.diff(group)))
    heads = np.add.reduceat(people[rows].astype(np.float64), starts)
    dense = heads / np.add.reduceat(ground.walkable_m2[rows], starts)
    peak = rows[_first_highest(density[rows], starts)]
    place = _most_of_each(group, ground.place[rows], people[rows])
    worst = np.maximum.reduceat(level[rows], starts)
    cells, ends = ground.cells[rows], np.append(starts[1:], len(rows))
    columns = (starts, ends, heads, dense, density[peak], ground.cells[peak], place, worst)
    found = [
        Crowd(
            cells[a:b],
            whole,
            mean,
            top,
            cell,
            None if at == NOWHERE else ground.places[at],
            LEVELS[reached - 1],
        )
        for a, b, whole, mean, top, cell, at, reached in zip(*(x.tolist() for x in columns), strict=True)
    ]
    return sorted(found, key=lambda crowd: -crowd.people)


def _most_of_each(group: NDArray[np.int32], place: NDArray[np.int32], people: People) -> NDArray[np.int64]:
    """The place that has most people of each group; -1 where that is no place."""
    wide = int(place.max(initial=0)) + 2
    heads = np.bincount(group.astype(np.int64) * wide + place + 1, people, (int(group.max()) + 1) * wide)
    return np.asarray(heads.reshape(-1, wide).argmax(axis=1) - 1, np.int64)


def touching(ground: Ground, rows: NDArray[np.int64]) -> NDArray[np.int32]:
    """Number of the group of each of the rows: cells that share a side, directly or through others, share a group."""
    place_in_rows = np.full(len(ground), NOWHERE, np.int32)
    place_in_rows[rows] = np.arange(len(rows), dtype=np.int32)
    beside = ground.neighbours[rows]
    other = np.where(beside == NOWHERE, NOWHERE, place_in_rows[beside])
    one, side = np.nonzero(other != NOWHERE)
    links = csr_array((np.ones(len(one), np.int8), (one, other[one, side])), shape=(len(rows), len(rows)))
    return np.asarray(connected_components(links, directed=False)[1], np.int32)


@dataclass(frozen=True, slots=True)
class Line:
    """A straight line through a series: its value at the last moment, its slope, and how sure the slope is."""

    now: float
    per_min: float
    error_per_min: float  # standard error of the slope


def fit(series: Sequence[tuple[datetime, float]], window_min: float = TREND_WINDOW_MIN) -> Line | None:
    """Least squares over the last minutes of a series in time order; None when fewer than four values are told."""
    told = [(at, value) for at, value in series if math.isfinite(value)]
    if not told:
        return None
    last = told[-1][0]
    since = last - timedelta(minutes=window_min)
    recent = [((at - last).total_seconds() / 60.0, value) for at, value in told if at >= since]
    return _least_squares(recent) if len(recent) >= LEAST_POINTS else None


def _least_squares(points: Sequence[tuple[float, float]]) -> Line | None:
    # A dozen points: plain sums are ten times faster here than arrays.
    count = len(points)
    middle, mean = sum(t for t, _ in points) / count, sum(value for _, value in points) / count
    spread = sum((t - middle) ** 2 for t, _ in points)
    if spread <= 0:
        return None
    slope = sum((t - middle) * value for t, value in points) / spread
    now = mean - slope * middle
    left = sum((value - now - slope * t) ** 2 for t, value in points)
    return Line(now, slope, math.sqrt(left / max(count - 2, 1) / spread))


def trend(series: Sequence[tuple[datetime, float]], window_min: float = TREND_WINDOW_MIN) -> float | None:
    """Change a minute over the last minutes of a series, in its unit; None when too little is told."""
    line = fit(series, window_min)
    return None if line is None else line.per_min


def minutes_to(value: float, per_min: float | None, limit: float | None) -> float | None:
    """Minutes until a rising value meets a limit above it; 0 when it has, None when it never will or is not known."""
    if limit is None or per_min is None or not math.isfinite(value):
        return None
    if value >= limit:
        return 0.0
    return (limit - value) / per_min if per_min > 0 else None


def minutes_to_next(
    value: float, per_min: float | None, limits: Limits, level: Level | None
) -> tuple[Level, float] | None:
    """The next worse level and the minutes until it, as the trend has it; None when it is not on the way there."""
    above = limits.next_above(level)
    minutes = minutes_to(value, per_min, above[1]) if above else None
    return None if above is None or minutes is None else (above[0], minutes)
