"""What limits would have raised in the last 30 days, beside what those that hold raise, by the judge's own rules."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
from sqlalchemy import Connection, text

from geodata.errors import BadArgument
from geodata.profile import Profile
from geodata.queries.thresholds import InForce, in_force, limits_and_holding
from geodata.rules import replay
from geodata.rules.fruin import bounded
from geodata.rules.levels import Limits
from geodata.rules.replay import Episode, Series
from geodata.rules.rise import RiseNumbers
from geodata.rules.silence import SilenceNumbers
from geodata.types import LEVELS, Level

DAYS = 30
SHOWN = 200
RATE_POINTS = 48  # as many points a window as the judge takes
OF_SENSORS = ("sensor_level", "sensor_rate")
OF_PLACES = ("crowd_density", "crowd_rise")
OF_GAPS = ("sensor_silence", "feed_silence")
KNOWN = (*OF_SENSORS, *OF_PLACES, *OF_GAPS)


@dataclass(frozen=True, slots=True)
class Told:
    """Alerts that would have been: how many by worst level, by day (the oldest first), and the newest of them."""

    total: int
    by_level: dict[Level, int]
    by_day: list[int]
    newest: list[Episode]


@dataclass(frozen=True, slots=True)
class Backtest:
    """Two sets of numbers over the same time; `since` is from when anything is kept, None where nothing is."""

    rule: str
    subject: str
    days: int
    since: datetime | None
    subjects: int
    now: Told
    then: Told


Judged = Callable[[InForce], Iterator[Episode]]


def compare(
    c: Connection,
    profile: Profile,
    rule: str,
    subject: str,
    limits: Mapping[str, Any],
    *,
    now: datetime | None = None,
) -> Backtest:
    """What a rule raises as it stands, and with the limits of a subject changed; refused for rules that keep no series."""
    at = now or datetime.now(UTC)
    since = at - timedelta(days=DAYS)
    present = in_force(c)
    changed = present.with_one(rule, subject, limits)
    if rule in OF_SENSORS:
        parts = _sensors(c, rule, subject, since)
    elif rule in OF_PLACES:
        parts = _places(c, rule, subject, since)
    elif rule == "sensor_silence":
        parts = _silent_sensors(c, subject, since, at)
    elif rule == "feed_silence":
        parts = _silent_feeds(c, subject, since, at)
    else:
        raise BadArgument(
            "rule", f"What {rule} would have raised cannot be told: only {', '.join(KNOWN)} keep a series."
        )
    first, judged = parts
    told = [
        _told(profile, [e for each in judged for e in each(force)], since, at) for force in (present, changed)
    ]
    return Backtest(rule, subject, DAYS, first, len(judged), told[0], told[1])


def _told(profile: Profile, episodes: list[Episode], since: datetime, until: datetime) -> Told:
    newest = sorted(episodes, key=lambda episode: episode.began_at, reverse=True)
    first = since.astimezone(profile.zone).date()
    days = [0] * ((until.astimezone(profile.zone).date() - first).days + 1)
    for episode in episodes:
        days[min(max((episode.began_at.astimezone(profile.zone).date() - first).days, 0), len(days) - 1)] += 1
    counts = {level: sum(episode.level == level for episode in episodes) for level in LEVELS}
    return Told(len(episodes), counts, days, newest[:SHOWN])


def _sensors(c: Connection, rule: str, subject: str, since: datetime) -> tuple[datetime | None, list[Judged]]:
    sensors = c.execute(
        text("""select id, code, kind, notice_at, watch_at, warning_at, danger_at from sensors
                where :subject in ('*', code, kind) order by code"""),
        {"subject": subject},
    ).all()
    series = _readings(c, [row.id for row in sensors], since)
    judged = [_sensor(rule, row, series[row.id]) for row in sensors if row.id in series]
    return min((told.at[0] for told in series.values()), default=None), judged


def _sensor(rule: str, row: Any, series: Series) -> Judged:
    own: dict[str, float] = {
        level: limit for level, limit in zip(LEVELS, row[3:7], strict=True) if limit is not None
    }

    def judge(force: InForce) -> Iterator[Episode]:
        numbers = force.numbers(rule, row.code, row.kind, own=own if rule == "sensor_level" else None)
        if not any(numbers.get(level) is not None for level in LEVELS):
            return iter(())
        limits, holding = limits_and_holding(numbers)
        named = Series(row.code, series.at, series.value)
        if rule == "sensor_level":
            return iter(replay.of_level(named, limits, holding))
        window_min = float(numbers.get("window_min", 60.0))
        return iter(replay.of_rate(named, limits, holding, window_min=window_min, most_points=RATE_POINTS))

    return judge


def _readings(c: Connection, ids: list[int], since: datetime) -> dict[int, Series]:
    """Readings by sensor; a sensor whose readings were thinned out has one an hour for that time, the mean."""
    rows = c.execute(
        text("""select sensor_id, array_agg(at order by at) as at, array_agg(value order by at) as value
                from (select sensor_id, at, value from readings
                      where sensor_id = any(cast(:ids as bigint[])) and at >= :since
                      union all
                      select h.sensor_id, h.hour, h.mean from readings_hourly h
                      where h.sensor_id = any(cast(:ids as bigint[])) and h.hour >= :since
                        and not exists (select from readings r where r.sensor_id = h.sensor_id
                                        and r.at >= h.hour and r.at < h.hour + interval '1 hour')) s
                group by sensor_id"""),
        {"ids": ids, "since": since},
    )
    return {row[0]: Series("", list(row[1]), np.array(row[2], np.float64)) for row in rows}


def _places(c: Connection, rule: str, subject: str, since: datetime) -> tuple[datetime | None, list[Judged]]:
    metres = c.execute(text("select value from facts where key = 'crowd_walkable_m2'")).scalar() or {}
    rows = c.execute(
        text("""select p.code, p.mode, p.capacity_people, st_area(p.geom::geography) * p.walkable_share as m2,
                       array_agg(s.at order by s.at) as at, array_agg(s.density_per_m2 order by s.at) as density
                from crowd_places p join crowd_series s on s.place_id = p.id and s.drill_id = 0 and s.at >= :since
                where :subject in ('*', p.code, p.mode) group by p.id order by p.code"""),
        {"subject": subject, "since": since},
    ).all()
    judged = [_place(rule, row, float(metres.get(row.code, row.m2))) for row in rows]
    return min((row.at[0] for row in rows), default=None), judged


def _place(rule: str, row: Any, walkable_m2: float) -> Judged:
    series = Series(row.code, list(row.at), np.array(row.density, np.float64))

    def judge(force: InForce) -> Iterator[Episode]:
        limits, holding = limits_and_holding(force.numbers("crowd_density", row.code, row.mode))
        if ("crowd_density", row.code) not in force.set_by_people:
            limits = bounded(limits, row.capacity_people, walkable_m2)
        if rule == "crowd_density":
            return iter(replay.of_level(series, limits, holding))
        numbers = force.numbers(rule, row.code, row.mode)
        return iter(
            replay.of_rise(series, limits, RiseNumbers.from_dict(numbers), limits_and_holding(numbers)[1])
        )

    return judge


def _silent_sensors(
    c: Connection, subject: str, since: datetime, until: datetime
) -> tuple[datetime | None, list[Judged]]:
    rows = c.execute(
        text("""select s.code, s.kind, s.interval_s, array_agg(r.at order by r.at) as heard
                from sensors s join readings r on r.sensor_id = s.id and r.at >= :since
                where :subject in ('*', s.code, s.kind) group by s.id order by s.code"""),
        {"subject": subject, "since": since},
    ).all()
    return min((row.heard[0] for row in rows), default=None), [
        _gaps("sensor_silence", row, until) for row in rows
    ]


def _silent_feeds(
    c: Connection, subject: str, since: datetime, until: datetime
) -> tuple[datetime | None, list[Judged]]:
    """Only feeds of crowds: of the others no moment of a batch is kept, only its rows."""
    rows = c.execute(
        text("""select f.key as code, f.kind, f.interval_s, array_agg(t.accepted_at order by t.accepted_at) as heard
                from feeds f join crowd_ticks t on t.feed_id = f.id and t.accepted_at >= :since
                where f.drill_id is null and :subject in ('*', f.key, f.kind) group by f.id order by f.key"""),
        {"subject": subject, "since": since},
    ).all()
    return min((row.heard[0] for row in rows), default=None), [
        _gaps("feed_silence", row, until) for row in rows
    ]


def _gaps(rule: str, row: Any, until: datetime) -> Judged:
    def judge(force: InForce) -> Iterator[Episode]:
        numbers = SilenceNumbers.from_dict(force.numbers(rule, row.code, row.kind))
        intervals: Limits = numbers.intervals
        return iter(replay.of_gaps(row.code, row.heard, until, interval_s=row.interval_s, intervals=intervals,
                                   least_s=numbers.least_s))  # fmt: skip

    return judge
