"""Hold times that end without a reading: a sensor that spoke once of danger is not waited for."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sqlalchemy import text

from geodata.commands import evaluate_crowd, evaluate_sensors
from geodata.commands.crowd_memory import CrowdMemory
from geodata.commands.crowd_together import Spoken, write_both
from geodata.commands.desk import Desk, Last
from geodata.commands.finding import Finding
from geodata.commands.sensor_memory import LEVEL, SensorMemory
from geodata.commands.watches import Key
from geodata.rules.levels import Change, Holding, Limits, Watch, step
from geodata.rules.rise import RiseWatch

OVERDUE = 1.5  # intervals after which the next word is no longer waited for


def end_holds(desk: Desk, sensors: SensorMemory, crowd: CrowdMemory, now: datetime) -> None:
    """Judge again, by the last value, whatever has waited for its hold time and heard nothing since."""
    for key, last in list(desk.last.items()):
        rule = key[0].partition(":")[0]
        if rule == LEVEL:
            _sensor(desk, sensors, key, last, now)
        elif rule == evaluate_crowd.DENSITY:
            _place(desk, crowd, key, last, now)


def _sensor(desk: Desk, memory: SensorMemory, key: Key, last: Last, now: datetime) -> None:
    code = key[0].partition(":")[2]
    facts = next((facts for facts in memory.by_id.values() if facts.code == code), None)
    rules = memory.rules_of(desk, facts).level if facts else None
    if facts is None or rules is None:
        desk.last.pop(key)
        return
    limits, holding = rules
    change, watch, at = _ended(desk, key, last, limits, holding, now=now)
    if change == "none":
        return
    level = watch.level or "notice"
    desk.decide(change, Finding(
        cause=key[0], rule=LEVEL, level=level, subject_kind="sensor", subject_key=code, subject_name=facts.name,
        kind=facts.kind, area_id=facts.area_id, area_code=facts.area_code, lon=facts.lon, lat=facts.lat,
        value=last.value, threshold=limits.limit(level), unit=facts.unit, observed_at=at,
        accepted_at=last.accepted_at, drill_id=key[1] or None, reopen_s=holding.reopen_s,
        facts={"sensor_kind": facts.kind, "held_without_reading": True},
    ))  # fmt: skip
    if not key[1]:
        evaluate_sensors.keep_states(desk, memory, [facts.id])
        desk.outbox.touch("sensors", code)


def _place(desk: Desk, memory: CrowdMemory, key: Key, last: Last, now: datetime) -> None:
    code = key[0].partition(":")[2]
    place, rules = memory.places.get(code), memory.last_rules.get(code)
    if place is None or rules is None:
        return  # after a start the limits of a place are known with its next tick
    limits, holding = rules
    change, watch, at = _ended(desk, key, last, limits, holding, now=now)
    if change == "none":
        return
    level, point = watch.level or "notice", place.place.shape.representative_point()
    rising = (f"{evaluate_crowd.RISE}:{code}", key[1])
    rise = desk.watches.get(rising, RiseWatch) or RiseWatch()
    finding = Finding(
        cause=key[0], rule=evaluate_crowd.DENSITY, level=level, subject_kind="place", subject_key=code,
        subject_name=place.name, subject_name_en=place.name_en, kind=place.kind, area_id=place.area_id,
        area_code=place.area_code, lon=point.x, lat=point.y, value=last.value, threshold=limits.limit(level),
        unit=evaluate_crowd.UNIT, observed_at=at, accepted_at=last.accepted_at, drill_id=key[1] or None,
        reopen_s=holding.reopen_s, facts={"capacity": place.capacity_people, "held_without_reading": True},
    )  # fmt: skip
    write_both(desk, Spoken(key[0], watch.level, change, finding), Spoken(rising[0], rise.watch.level))


def _ended(
    desk: Desk, key: Key, last: Last, limits: Limits, holding: Holding, *, now: datetime
) -> tuple[Change, Watch, datetime]:
    """What a hold time that ended without a word changed, and when in the sender's own time."""
    watch = desk.watches.get(key, Watch) or Watch()
    silent = now - last.accepted_at
    at = last.at + silent
    if watch.pending_since is None or (at - watch.pending_since).total_seconds() < holding.hold_s:
        return "none", watch, at
    if last.interval_s <= holding.hold_s and silent.total_seconds() < OVERDUE * last.interval_s:
        return "none", watch, at  # the next word comes in time to say more
    after, change = step(watch, last.value, at, limits, holding)
    after = replace(after, last_at=watch.last_at)  # the next true reading may be older than our clock says
    desk.remember(key, after, watch, last)
    return change, after, at


def reload_last(desk: Desk, sensors: SensorMemory, crowd: CrowdMemory) -> None:
    """After a start: the last values of what waits for a hold time to end."""
    codes = {facts.code: facts for facts in sensors.by_id.values()}
    waiting: dict[int, Key] = {}
    for key in desk.watches.keys(LEVEL):
        watch, facts = desk.watches.get(key, Watch), codes.get(key[0].partition(":")[2])
        if watch and watch.pending and facts and not key[1]:
            waiting[facts.id] = key
    rows = desk.c.execute(
        text("select sensor_id, at, value from sensor_latest where sensor_id = any(cast(:ids as bigint[]))"),
        {"ids": list(waiting)},
    )
    for sensor, at, value in rows:
        key = waiting[sensor]
        heard = desk.watches.saved_at(key) or at
        desk.last[key] = Last(value, at, heard, sensors.by_id[sensor].interval_s)
    for (code, drill), series in crowd.series.items():
        key = (f"{evaluate_crowd.DENSITY}:{code}", drill)
        watch = desk.watches.get(key, Watch)
        if watch and watch.pending and series:
            at, density, _ = series[-1]
            desk.last[key] = Last(density, at, desk.watches.saved_at(key) or at, 60.0)
