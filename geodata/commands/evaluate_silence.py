"""Silence of feeds and sensors, asked by the clock because nobody reports that nothing came."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, text

from geodata.commands.desk import Desk
from geodata.commands.evaluate_sensors import worst, write_states
from geodata.commands.finding import Finding
from geodata.commands.findings import refresh
from geodata.commands.sensor_memory import SensorFacts, SensorMemory
from geodata.rules import silence
from geodata.rules.levels import Watch
from geodata.rules.silence import SilenceNumbers
from geodata.types import Level

FEED, SENSOR = "feed_silence", "sensor_silence"
REOPEN_S = 600.0


@dataclass(frozen=True, slots=True)
class SilenceWatch:
    """Where the judging of a sender stands: the newest moment it told about, and when it told about it.

    A feed that is always ten minutes late is not silent; one that repeats itself is, though it sends.
    """

    watch: Watch = field(default_factory=Watch)
    told: datetime | None = None
    since: datetime | None = None

    def as_dict(self) -> dict[str, Any]:
        """As JSON keeps it."""
        return {"watch": self.watch.as_dict(), "told": self.told and self.told.isoformat(),
                "since": self.since and self.since.isoformat()}  # fmt: skip

    @classmethod
    def from_dict(cls, told: Mapping[str, Any]) -> SilenceWatch:
        """Read what `as_dict` wrote."""
        at = {key: datetime.fromisoformat(told[key]) if told.get(key) else None for key in ("told", "since")}
        return cls(Watch.from_dict(told.get("watch", {})), at["told"], at["since"])


def judge_feeds(desk: Desk, now: datetime, started_at: datetime) -> set[int]:
    """Judge every feed that has ever spoken; gives the keys of those that are silent.

    While nobody judged, feeds could not be heard either, so a silence that is not raised yet counts from the start.
    """
    rows = desk.c.execute(
        text("""select id, key, kind, title, title_en, interval_s, state, last_batch_at, last_at from feeds
                where drill_id is null and state in ('live', 'silent') and last_batch_at is not null""")
    ).all()
    return {row.id for row in rows if _judge_feed(desk, row, now, started_at)}


def _judge_feed(desk: Desk, row: Row[Any], now: datetime, started_at: datetime) -> bool:
    key = (f"{FEED}:{row.key}", 0)
    before = desk.watches.get(key, SilenceWatch) or SilenceWatch()
    told = row.last_at or row.last_batch_at
    news = before.told is None or told > before.told
    state = replace(before, told=told, since=row.last_batch_at) if news else before
    since = state.since or row.last_batch_at
    numbers = SilenceNumbers.from_dict(desk.thresholds.numbers(FEED, row.key, row.kind))
    counted = since if state.watch.level else max(since, started_at)
    watch, change, silent_s = silence.step(state.watch, counted, now, row.interval_s, numbers)
    state = replace(state, watch=watch)
    desk.watches.put(key, state, write=change != "none")
    level = watch.level or before.watch.level
    if level:
        limit_s = _limit_s(numbers, level, row.interval_s)
        finding = Finding(
            cause=key[0], rule=FEED, level=level, subject_kind="feed", subject_key=row.key, subject_name=row.title,
            subject_name_en=row.title_en, kind=row.kind, value=silent_s, threshold=limit_s, unit="s", observed_at=now,
            accepted_at=now, reopen_s=REOPEN_S,
            facts={"since": since.isoformat(), "interval_s": row.interval_s, "feed_kind": row.kind},
        )  # fmt: skip
        desk.decide(change, finding)
        if change == "none" and int(silent_s) % 5 == 0:  # nobody reads the seconds of a silence
            refresh(desk.c, finding)
    _keep_feed_state(desk.c, row, silent=watch.level is not None)
    return watch.level is not None


def _limit_s(numbers: SilenceNumbers, level: Level, interval_s: float) -> float | None:
    limit = numbers.intervals.limit(level)
    return None if limit is None else max(limit * interval_s, numbers.least_s)


def _keep_feed_state(c: Connection, row: Row[Any], *, silent: bool) -> None:
    state = "silent" if silent else "live"
    if row.state != state:
        c.execute(
            text("""update feeds set state = :state
                    where id = :id and state <> 'retired' and last_batch_at = :heard"""),
            {"id": row.id, "state": state, "heard": row.last_batch_at},
        )


def judge_sensors(desk: Desk, memory: SensorMemory, silent_feeds: set[int], now: datetime) -> None:
    """Judge every sensor that a feed has spoken for; while its feed is silent too, that alone is told."""
    states: dict[int, str] = {}
    for key, (feed, heard_at) in memory.heard.items():
        facts = memory.by_id.get(key)
        if facts is None:
            continue
        cause = (f"{SENSOR}:{facts.code}", 0)
        before = desk.watches.get(cause, SilenceWatch) or SilenceWatch()
        numbers = SilenceNumbers.from_dict(desk.thresholds.numbers(SENSOR, facts.code, facts.kind))
        watch, change, silent_s = silence.step(
            before.watch, heard_at, now, facts.interval_s, numbers, explained=feed in silent_feeds
        )
        desk.watches.put(cause, SilenceWatch(watch, heard_at, heard_at), write=change != "none")
        if change != "none":
            level = watch.level or before.watch.level or "notice"
            limit_s = _limit_s(numbers, level, facts.interval_s)
            desk.decide(change, _of_sensor(facts, level, silent_s, limit_s, heard_at=heard_at, now=now))
            state = "silent" if watch.level else worst(desk, facts.code) or "normal"
            if state != facts.state:
                states[key] = facts.state = state
    write_states(desk.c, states)
    for key in states:
        desk.outbox.touch("sensors", memory.by_id[key].code)


def _of_sensor(
    facts: SensorFacts,
    level: Level,
    silent_s: float,
    limit_s: float | None,
    *,
    heard_at: datetime,
    now: datetime,
) -> Finding:
    return Finding(
        cause=f"{SENSOR}:{facts.code}", rule=SENSOR, level=level, subject_kind="sensor", subject_key=facts.code,
        subject_name=facts.name, kind=facts.kind, area_id=facts.area_id, area_code=facts.area_code, lon=facts.lon,
        lat=facts.lat, value=silent_s, threshold=limit_s, unit="s", observed_at=now, accepted_at=now, reopen_s=REOPEN_S,
        facts={"since": heard_at.isoformat(), "interval_s": facts.interval_s, "sensor_kind": facts.kind},
    )  # fmt: skip


def reload_heard(desk: Desk, memory: SensorMemory, now: datetime) -> None:
    """After a start: sensors whose silence is raised are still listened for; the others begin anew when they speak."""
    codes = {facts.code: facts.id for facts in memory.by_id.values()}
    for key in desk.watches.keys(SENSOR):
        state, sensor = desk.watches.get(key, SilenceWatch), codes.get(key[0].partition(":")[2])
        if state and sensor and state.watch.level:
            memory.heard[sensor] = (0, state.since or now)
