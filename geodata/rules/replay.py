"""What a rule would have raised over a time that is past: the same steps as the judge's, over a kept series."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from geodata.rules import rise, sensors
from geodata.rules.levels import Change, Holding, Limits, Watch, highest, step
from geodata.rules.rise import RiseNumbers, RiseWatch
from geodata.rules.sensors import RateWatch
from geodata.types import Level

Values = NDArray[np.float64]
Stepped = Iterator[tuple[datetime, float, Watch, Change]]


@dataclass(frozen=True, slots=True)
class Episode:
    """One alert that would have been: its worst level, from when to when (None: it still stood), its worst value."""

    subject: str
    level: Level
    began_at: datetime
    ended_at: datetime | None
    worst: float


@dataclass(frozen=True, slots=True)
class Series:
    """What a subject measured, in time order; times in UTC."""

    subject: str
    at: list[datetime]
    value: Values


def of_level(series: Series, limits: Limits, holding: Holding) -> list[Episode]:
    """Alerts of a level rule; stretches in which nothing can happen are passed over."""
    return _episodes(series.subject, _level_steps(series, limits, holding), limits, holding)


def _level_steps(series: Series, limits: Limits, holding: Holding) -> Stepped:
    watch, at = Watch(), 0
    if not limits.set_ones():
        return
    mildest = limits.set_ones()[0][1]
    reaching = np.flatnonzero(series.value <= mildest if limits.falling else series.value >= mildest)
    while at < len(series.at):
        if watch.level is None and watch.pending is None:
            ahead = int(np.searchsorted(reaching, at))
            if ahead == len(reaching):
                return
            at = int(reaching[ahead])
        value = float(series.value[at])
        watch, change = step(watch, value, series.at[at], limits, holding)
        yield series.at[at], value, watch, change
        at += 1


def of_rate(
    series: Series, limits: Limits, holding: Holding, *, window_min: float, most_points: int
) -> list[Episode]:
    """Alerts of a rate rule, by as many points a window as the judge takes."""
    apart = timedelta(minutes=window_min / most_points)

    def steps() -> Stepped:
        state = RateWatch()
        for at, value in zip(series.at, series.value.tolist(), strict=True):
            if state.points and at < state.points[-1][0] + apart:
                continue
            state, change, per_h = sensors.step_rate(
                state, value, at, limits_per_h=limits, window_min=window_min, holding=holding
            )
            if per_h is not None:
                yield at, per_h if limits.falling else abs(per_h), state.watch, change

    return _episodes(series.subject, steps(), limits, holding)


def of_rise(series: Series, limits: Limits, numbers: RiseNumbers, holding: Holding) -> list[Episode]:
    """Alerts of the rise rule over the densities of a place; its value is shares of danger a minute."""
    if limits.danger is None:
        return []
    quiet = series.value < numbers.floor_share * rise.EASED * limits.danger
    window = timedelta(minutes=numbers.window_min)

    def steps() -> Stepped:
        state, skipped = RiseWatch(), False
        for place, at in enumerate(series.at):
            calm = state.watch.level is None and state.watch.pending is None
            if quiet[place] and calm:
                skipped = True
                continue
            if skipped:
                state, skipped = replace(state, points=_before(series, place, at - window)), False
            state, change, seen = rise.step(
                state, float(series.value[place]), at, limits=limits, numbers=numbers, holding=holding
            )
            if seen is not None:
                yield at, seen.share_per_min, state.watch, change

    return _episodes(series.subject, steps(), numbers.rates, holding)


def _before(series: Series, place: int, since: datetime) -> tuple[tuple[datetime, float], ...]:
    first = place
    while first > 0 and series.at[first - 1] >= since:
        first -= 1
    return tuple(zip(series.at[first:place], series.value[first:place].tolist(), strict=True))


def of_gaps(
    subject: str,
    heard: Iterable[datetime],
    until: datetime,
    *,
    interval_s: float,
    intervals: Limits,
    least_s: float,
) -> list[Episode]:
    """Alerts of silence: every gap between two words that is long enough; the last gap lasts until `until`."""
    found = []
    moments = list(heard)
    for before, after in pairwise([*moments, until] if moments else []):
        silent_s = (after - before).total_seconds()
        level = intervals.level(silent_s / interval_s) if silent_s >= least_s else None
        if level:
            first_s = max(intervals.set_ones()[0][1] * interval_s, least_s)
            ended = None if after is until else after
            found.append(Episode(subject, level, before + timedelta(seconds=first_s), ended, silent_s))
    return found


def _episodes(subject: str, steps: Stepped, limits: Limits, holding: Holding) -> list[Episode]:
    """Changes gathered to alerts; what returns within the reopen time is the one that ended."""
    worse: Callable[[float, float], float] = min if limits.falling else max
    found: list[Episode] = []
    open_one: Episode | None = None
    for at, value, watch, change in steps:
        if change == "raised" and watch.level:
            last = found[-1] if found else None
            if last and last.ended_at and holding.reopens(last.ended_at, at):
                open_one = replace(found.pop(), ended_at=None)
            else:
                open_one = Episode(subject, watch.level, at, None, value)
        if open_one is not None:
            level = highest(open_one.level, watch.level) or open_one.level
            open_one = replace(open_one, level=level, worst=worse(open_one.worst, value))
        if change == "cleared" and open_one is not None:
            found.append(replace(open_one, ended_at=at))
            open_one = None
    return [*found, open_one] if open_one else found
