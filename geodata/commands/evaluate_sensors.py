"""Readings of sensors judged: level, rate of change, and the way gone from a datum."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, text

from geodata.commands.desk import Desk, Last, differ
from geodata.commands.finding import Finding
from geodata.commands.findings import refresh
from geodata.commands.intake import Taken, from_us
from geodata.commands.sensor_memory import (
    DATUM,
    LEVEL,
    RATE,
    SensorFacts,
    SensorMemory,
    SensorRules,
    read_sensors,
)
from geodata.commands.watches import Key
from geodata.rules import levels, sensors as rule
from geodata.rules.levels import Change, Holding, Limits, Watch, highest
from geodata.rules.sensors import Datum, RateWatch
from geodata.types import Level

POINTS_IN_WINDOW = 48  # a rate needs no more, however often a sensor speaks
LEARN_DAYS, LEARN_MOST = 30, 720
RELEARN = timedelta(hours=6)


@dataclass(frozen=True, slots=True)
class DatumWatch:
    """Where the judging against a datum stands, with the datum that was learnt."""

    watch: Watch = field(default_factory=Watch)
    datum: Datum | None = None
    tried_at: datetime | None = None

    def as_dict(self) -> dict[str, Any]:
        """As JSON keeps it."""
        return {"watch": self.watch.as_dict(), "datum": self.datum and self.datum.as_dict(),
                "tried_at": self.tried_at and self.tried_at.isoformat()}  # fmt: skip

    @classmethod
    def from_dict(cls, told: Mapping[str, Any]) -> DatumWatch:
        """Read what `as_dict` wrote."""
        datum, tried = told.get("datum"), told.get("tried_at")
        return cls(Watch.from_dict(told.get("watch", {})), Datum.from_dict(datum) if datum else None,
                   datetime.fromisoformat(tried) if tried else None)  # fmt: skip


def judge_readings(desk: Desk, memory: SensorMemory, taken: Taken) -> None:
    """Judge the readings of one batch, sensor by sensor in time order, and keep the sensors' states."""
    body = taken.readings()
    order = np.argsort(body["sensor"], kind="stable")
    ids, starts = np.unique(body["sensor"][order], return_index=True)
    parts = dict(zip(ids.tolist(), np.split(body[order], starts[1:]), strict=True))
    if any(key not in memory.by_id for key in parts):
        memory.by_id = {facts.id: facts for facts in read_sensors(desk.c)}
    known = {memory.by_id[key].id: part for key, part in parts.items() if key in memory.by_id}
    _seed_points(desk, memory, known, taken.drill_id)
    for key, part in known.items():
        facts = memory.by_id[key]
        _judge_sensor(Heard(desk, facts, part, taken), memory.rules_of(desk, facts))
    if not taken.drill_id:
        for key in known:
            memory.heard[key] = (taken.feed.id, taken.accepted_at)
        keep_states(desk, memory, known)


@dataclass(frozen=True, slots=True)
class Heard:
    """What one sensor said in a batch: an array of READING in time order."""

    desk: Desk
    facts: SensorFacts
    part: NDArray[np.void]
    taken: Taken

    def key(self, name: str) -> Key:
        """The cause of a rule for this sensor."""
        return f"{name}:{self.facts.code}", self.taken.drill_id or 0

    def each(self) -> Iterator[tuple[datetime, float]]:
        """Moment and value, oldest first."""
        for at_us, value in zip(self.part["at_us"].tolist(), self.part["value"].tolist(), strict=True):
            yield from_us(at_us), value

    @property
    def last_at(self) -> datetime:
        """Moment of the last reading."""
        return from_us(int(self.part["at_us"][-1]))

    def finding(
        self, name: str, watch: Watch, before: Watch, limits: Limits, *, at: datetime, value: float, unit: str,
        reopen_s: float, **more: Any,
    ) -> Finding:  # fmt: skip
        """What an alert of it tells."""
        facts, level = self.facts, watch.level or before.level or "notice"
        return Finding(
            cause=self.key(name)[0], rule=name, level=level, subject_kind="sensor", subject_key=facts.code,
            subject_name=facts.name, kind=facts.kind, area_id=facts.area_id, area_code=facts.area_code,
            lon=facts.lon, lat=facts.lat, value=value, threshold=limits.limit(level), unit=unit, observed_at=at,
            accepted_at=self.taken.accepted_at, drill_id=self.taken.drill_id, reopen_s=reopen_s,
            facts={"sensor_kind": facts.kind, "feed": self.taken.feed.key, "falling": limits.falling} | more,
        )  # fmt: skip

    def write(self, change: Change, finding: Finding, watch: Watch) -> None:
        """Write down a change, or bring the figures of the open alert up to date."""
        if change != "none":
            self.desk.decide(change, finding)
        elif watch.level:
            refresh(self.desk.c, finding)


def _judge_sensor(heard: Heard, rules: SensorRules) -> None:
    if rules.level:
        _level(heard, *rules.level)
    if rules.rate:
        _rate(heard, *rules.rate)
    if rules.datum:
        _datum(heard, *rules.datum)


def _level(heard: Heard, limits: Limits, holding: Holding) -> None:
    desk, facts, key = heard.desk, heard.facts, heard.key(LEVEL)
    first = watch = desk.watches.get(key, Watch) or Watch()
    if _calm(watch, limits, heard.part["value"]):
        desk.watches.put(key, _moved_on(watch, heard.last_at), write=False)
        return
    shown: Finding | None = None
    for at, value in heard.each():
        before = watch
        watch, change = levels.step(watch, value, at, limits, holding)
        if watch.last_at == before.last_at or (change == "none" and not watch.level):
            continue
        finding = heard.finding(LEVEL, watch, before, limits, at=at, value=value, unit=facts.unit,
                                reopen_s=holding.reopen_s)  # fmt: skip
        shown = finding if change == "none" else None
        desk.decide(change, finding)
    if shown:
        refresh(desk.c, shown)
    if watch.last_at and watch.last_at != first.last_at:
        value = float(heard.part["value"][-1])
        last = Last(value, watch.last_at, heard.taken.accepted_at, facts.interval_s)
        desk.remember(key, watch, first, last)


def _rate(heard: Heard, limits: Limits, holding: Holding, window_min: float, unit: str) -> None:
    desk, key = heard.desk, heard.key(RATE)
    known = desk.watches.get(key, RateWatch)
    first = state = known or RateWatch()
    apart = timedelta(minutes=window_min / POINTS_IN_WINDOW)
    for at, value in heard.each():
        before = state
        if state.points and at < state.points[-1][0] + apart:
            continue
        state, change, per_h = rule.step_rate(
            state, value, at, limits_per_h=limits, window_min=window_min, holding=holding
        )
        if per_h is None or (change == "none" and not state.watch.level):
            continue
        told = per_h if limits.falling else abs(per_h)
        finding = heard.finding(RATE, state.watch, before.watch, limits, at=at, value=told, unit=unit,
                                reopen_s=holding.reopen_s, reading=value, rate_per_h=per_h)  # fmt: skip
        heard.write(change, finding, state.watch)
    desk.watches.put(key, state, write=known is None or differ(state.watch, first.watch))


def _datum(heard: Heard, limits: Limits, holding: Holding, unit: str) -> None:
    desk, key = heard.desk, heard.key(DATUM)
    first = state = _with_datum(heard, key)
    datum = state.datum
    if datum is None:
        return
    if _calm(state.watch, limits, np.abs(heard.part["value"] - datum.value)):
        moved_on = _moved_on(state.watch, heard.last_at)
        desk.watches.put(key, replace(state, watch=moved_on), write=False)
        return
    for at, value in heard.each():
        before = state.watch
        watch, change, moved = rule.step_datum(before, value, at, datum=datum, limits=limits, holding=holding)
        state = replace(state, watch=watch)
        if watch.last_at == before.last_at or (change == "none" and not watch.level):
            continue
        finding = heard.finding(
            DATUM, watch, before, limits, at=at, value=abs(moved.value), unit=unit, reopen_s=holding.reopen_s,
            reading=value, datum=datum.value, temperature_corrected=moved.corrected,
        )  # fmt: skip
        heard.write(change, finding, watch)
    desk.watches.put(key, state, write=differ(state.watch, first.watch))


def _with_datum(heard: Heard, key: Key) -> DatumWatch:
    """The state of a sensor with its datum; learnt from what it measured before, when it measured enough."""
    desk, before = heard.desk, from_us(int(heard.part["at_us"][0]))
    state = desk.watches.get(key, DatumWatch) or DatumWatch()
    if key[1] and state.datum is None:  # a drill plays against the datum of the true sensor
        true = desk.watches.get((key[0], 0), DatumWatch) or DatumWatch()
        state = replace(state, datum=true.datum)
    if state.datum is not None or (state.tried_at and before < state.tried_at + RELEARN):
        return state
    values = desk.c.execute(
        text("""select value from readings where sensor_id = :id and at < :before and at >= :since
                order by at desc limit :most"""),
        {
            "id": heard.facts.id,
            "before": before,
            "since": before - timedelta(days=LEARN_DAYS),
            "most": LEARN_MOST,
        },
    )
    state = replace(state, datum=rule.learn([float(value) for value in values.scalars()]), tried_at=before)
    desk.watches.put(key, state)
    return state


def _calm(watch: Watch, limits: Limits, values: NDArray[np.float64]) -> bool:
    """Whether nothing can change: all is normal, and no value reaches the mildest level."""
    if watch.level or watch.pending or not limits.set_ones():
        return watch.level is None and watch.pending is None
    mildest = limits.set_ones()[0][1]
    return bool(np.nanmin(values) > mildest if limits.falling else np.nanmax(values) < mildest)


def _moved_on(watch: Watch, at: datetime) -> Watch:
    return replace(watch, last_at=at if watch.last_at is None else max(watch.last_at, at))


def _seed_points(
    desk: Desk, memory: SensorMemory, known: Mapping[int, NDArray[np.void]], drill_id: int | None
) -> None:
    """Give the rate rule of sensors not heard since the start what they said since they were first heard.

    What stands before that was loaded, and a rate between a loaded value and a live one means nothing.
    """
    drill = drill_id or 0
    fresh = [key for key in known if (key, drill) not in memory.seeded]
    memory.seeded.update((key, drill) for key in fresh)
    heard = {key for key in fresh if desk.watches.get((f"{RATE}:{memory.by_id[key].code}", drill), RateWatch)}
    wanted = [] if drill else [key for key in heard if memory.rules_of(desk, memory.by_id[key]).rate]
    if not wanted:
        return
    windows = [memory.rules_of(desk, memory.by_id[key]).rate[2] for key in wanted]  # type: ignore[index]
    rows = desk.c.execute(
        text("""select w.id, r.at, r.value
                from unnest(cast(:ids as bigint[]), cast(:firsts as timestamptz[]), cast(:windows as float8[]))
                         as w (id, first, window_min)
                cross join lateral (select at, value from readings where sensor_id = w.id and at < w.first
                                    and at >= w.first - w.window_min * interval '1 min'
                                    order by at desc limit 200) r order by r.at"""),
        {
            "ids": wanted,
            "windows": windows,
            "firsts": [from_us(int(known[key]["at_us"][0])) for key in wanted],
        },
    ).all()
    points: dict[int, list[tuple[datetime, float]]] = {}
    for key, at, value in rows:
        points.setdefault(key, []).append((at, value))
    for key, told in points.items():
        cause = (f"{RATE}:{memory.by_id[key].code}", 0)
        state = desk.watches.get(cause, RateWatch) or RateWatch()
        last = state.points[-1][0] if state.points else None
        newer = tuple((at, value) for at, value in told if last is None or at > last)
        desk.watches.put(cause, replace(state, points=(*state.points, *newer)), write=False)


def keep_states(desk: Desk, memory: SensorMemory, keys: Iterable[int]) -> None:
    """Write the state of sensors whose worst level is another than the table says."""
    changed: dict[int, str] = {}
    for key in keys:
        facts = memory.by_id[key]
        state = worst(desk, facts.code) or "normal"
        if state != facts.state:
            changed[key] = facts.state = state
            desk.outbox.touch(
                "sensors", facts.code
            )  # the door has told of the reading, but not of what it means
    write_states(desk.c, changed)


def write_states(c: Connection, states: Mapping[int, str]) -> None:
    """Write states by key of the sensor."""
    if states:
        c.execute(
            text("""update sensors s set state = t.state
                    from unnest(cast(:ids as bigint[]), cast(:states as text[])) as t (id, state) where s.id = t.id"""),
            {"ids": list(states), "states": list(states.values())},
        )


def worst(desk: Desk, code: str) -> Level | None:
    """The worst level that a sensor stands at by any of its rules."""
    level = desk.watches.get((f"{LEVEL}:{code}", 0), Watch) or Watch()
    rate = desk.watches.get((f"{RATE}:{code}", 0), RateWatch) or RateWatch()
    datum = desk.watches.get((f"{DATUM}:{code}", 0), DatumWatch) or DatumWatch()
    return highest(level.level, rate.watch.level, datum.watch.level)
