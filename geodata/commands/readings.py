"""Accepting readings: judged row by row, written once, left for the rules – in one transaction, with one statement a step."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import Connection, text
from sqlalchemy.exc import IntegrityError

from geodata.commands import intake
from geodata.commands.feeds import Feed, count_verdicts, mark_heard
from geodata.commands.intake import pack_readings, to_us
from geodata.commands.retention import taken_from
from geodata.profile import Profile
from geodata.rules.reading_checks import Known, Told, Wrong, check_moment, check_value, read_row, standing
from geodata.rules.verdicts import Verdicts
from geodata.store.locks import Lock, hold
from geodata.store.notices import changed

SENSORS = """
    select s.code, s.id, s.kind, s.interval_s, abs(s.danger_at - s.notice_at), l.at, l.value
    from sensors s left join {latest} l on l.sensor_id = s.id where s.code = any(:codes)
"""
OF_DRILL = """(select distinct on (sensor_id) sensor_id, at, value from drill_readings where drill_id = :drill
              order by sensor_id, at desc)"""
WRITE = """
    insert into {table} ({columns}) select {values} from unnest(
        cast(:sensors as bigint[]), cast(:ats as timestamptz[]), cast(:values as float8[])) as told (sensor_id, at, value)
    order by sensor_id, at on conflict do nothing returning sensor_id, at
"""
# In the order of their keys, so that two batches never wait for each other.
LATEST = """
    insert into sensor_latest as l (sensor_id, at, value) select distinct on (sensor_id) sensor_id, at, value from unnest(
        cast(:sensors as bigint[]), cast(:ats as timestamptz[]), cast(:values as float8[])) as told (sensor_id, at, value)
    order by sensor_id, at desc on conflict (sensor_id) do update set at = excluded.at, value = excluded.value
    where excluded.at > l.at
"""
MISSING = """
    select month from unnest(cast(:months as date[])) as told (month)
    where to_regclass('readings_' || to_char(month, 'YYYY_MM')) is null order by month
"""
Key = tuple[int, datetime]


def accept(c: Connection, profile: Profile, feed: Feed, rows: Sequence[Any], *, now: datetime) -> Verdicts:
    """Write those of the rows {sensor, at, value} that are readings, once each; says what became of every row.

    A second reading of a sensor for the same moment is a repetition, whatever its value: the first one stands.
    """
    verdicts = Verdicts(feed.key)
    told = _told(c, rows, now, verdicts)
    known = _known(c, feed, {one.code for one in told})
    ready = _ready(told, known, verdicts)
    if feed.drill_id is None:
        _ensure_months(c, {at.astimezone(UTC).date().replace(day=1) for _, at in ready})
    fresh = _write(c, feed, {key: one.value for key, one in ready.items()})
    judged = _judge(ready, fresh, known, now=now, verdicts=verdicts)
    if feed.drill_id is None and fresh:
        _stand(c, [(key[0], key[1], ready[key].value) for key in fresh])
        changed(c, "sensors", {ready[key].code for key in fresh})
    intake.put(c, feed, "readings", pack_readings(judged))
    count_verdicts(c, feed, now.astimezone(profile.zone).date(), verdicts.counts)
    if fresh:  # a feed that only repeats itself is not heard: it stalls
        mark_heard(c, feed, now, max(key[1] for key in fresh))
    return verdicts


def _told(c: Connection, rows: Sequence[Any], now: datetime, verdicts: Verdicts) -> list[Told]:
    oldest = taken_from(c, "readings", now)
    found: list[Told] = []
    for number, row in enumerate(rows):
        one = read_row(number, row)
        wrong = one if isinstance(one, Wrong) else check_moment(one.at, now, oldest)
        if isinstance(one, Told) and wrong is None:
            found.append(one)
        elif wrong is not None:
            verdicts.add(number, *wrong)
    return found


def _known(c: Connection, feed: Feed, codes: Iterable[str]) -> dict[str, Known]:
    latest = "sensor_latest" if feed.drill_id is None else OF_DRILL
    found = c.execute(text(SENSORS.format(latest=latest)), {"codes": sorted(codes), "drill": feed.drill_id})
    return {code: Known(*rest) for code, *rest in found}


def _ready(told: Iterable[Told], known: Mapping[str, Known], verdicts: Verdicts) -> dict[Key, Told]:
    """The readings that can be written, by sensor and moment."""
    ready: dict[Key, Told] = {}
    for one in told:
        sensor = known.get(one.code)
        if sensor is None:
            verdicts.add(one.row, "unknown", f"There is no sensor “{one.code[:60]}”.")
        elif wrong := check_value(one.value, sensor):
            verdicts.add(one.row, *wrong)
        elif (sensor.id, one.at) in ready:
            verdicts.add(
                one.row, "repeated", "The batch tells this moment of the sensor twice; the first one stands."
            )
        else:
            ready[sensor.id, one.at] = one
    return ready


def _ensure_months(c: Connection, months: Iterable[date]) -> None:
    """Make the partitions that a late or an early reading needs, before anything else is held."""
    told = {"months": sorted(months)}
    if not c.execute(text(MISSING), told).first():
        return
    hold(c, Lock.READING_MONTHS)
    for (month,) in c.execute(text(MISSING), told).all():
        try:
            with c.begin_nested():
                c.execute(text("select ensure_readings_month(:month)"), {"month": month})
        except IntegrityError:  # rows of that month stand in the partition of all others, and so will these
            continue


def _columns(readings: Iterable[tuple[int, datetime, float]]) -> dict[str, Any]:
    sensors, ats, values = zip(*readings, strict=True)
    return {"sensors": list(sensors), "ats": list(ats), "values": list(values)}


def _write(c: Connection, feed: Feed, readings: Mapping[Key, float]) -> set[Key]:
    """Write readings; gives those that were not there yet."""
    if not readings:
        return set()
    drill = feed.drill_id is not None
    statement = WRITE.format(
        table="drill_readings" if drill else "readings",
        columns="drill_id, sensor_id, at, value" if drill else "sensor_id, at, value",
        values="cast(:drill as bigint), sensor_id, at, value" if drill else "sensor_id, at, value",
    )
    told = _columns((sensor, at, value) for (sensor, at), value in readings.items())
    return {
        (sensor, at)
        for sensor, at in c.execute(text(statement), told | ({"drill": feed.drill_id} if drill else {}))
    }


def _judge(
    ready: Mapping[Key, Told],
    fresh: set[Key],
    known: Mapping[str, Known],
    *,
    now: datetime,
    verdicts: Verdicts,
) -> list[tuple[int, int, float]]:
    """Say how each reading stands; gives those the rules look at, in time order."""
    newest, judged = dict(known), []
    for key in sorted(ready, key=lambda key: key[1]):
        one = ready[key]
        if key not in fresh:
            verdicts.add(one.row, "repeated", "This moment of the sensor is known already.")
            continue
        sensor = newest[one.code]
        how = standing(one, sensor, now)
        verdicts.add(one.row, *(how or ("accepted", "")))
        if how is None or how.verdict != "out_of_order":
            newest[one.code] = replace(sensor, last_at=one.at, last_value=one.value)
            judged.append((key[0], to_us(one.at), one.value))
    return judged


def _stand(c: Connection, readings: Sequence[tuple[int, datetime, float]]) -> None:
    """Keep the newest reading of each sensor; an older one never takes its place."""
    c.execute(text(LATEST), _columns(readings))
