"""The demo's 600 sensors of six kinds and seven days of what they measured."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection

from etl.demo.catalogue import read
from etl.demo.rhythm import generator
from etl.demo.spots import Spots
from etl.demo.streets import Floats, Ints
from geodata.commands.bulk import copy_encoded, copy_rows
from geodata.commands.copy_binary import encode, instants, number, points, strings
from geodata.commands.demo import READINGS, ensure_months, extra_readings, sensors_stand

DAYS = 7
STRUCK = 0.035  # share of sensors with an incident on a day; thousands of them had 5,170 warnings in a month
LOST = 0.004  # share of readings that never arrive
OUTAGES = 0.08  # share of sensors with an outage in a week
WEEK_S, LOCAL_H = 7 * 86_400, 8  # seconds of a week; hours of the district before UTC


@dataclass(frozen=True, slots=True)
class Kind:
    """How one kind of sensor behaves."""

    key: str
    count: int
    name: str
    unit: str
    thresholds: tuple[float, float, float, float]
    interval_s: int
    level: float  # mean of readings when all is well
    spread: float  # between sensors
    swing: float  # of the day
    peak_h: float  # local hour of the day's highest
    noise: float
    places: str

    @property
    def falling(self) -> bool:
        """Whether low is bad."""
        return self.thresholds[0] > self.thresholds[3]


def kinds() -> list[Kind]:
    """The kinds as the data file tells them."""
    return [Kind(**(x | {"thresholds": tuple(x["thresholds"])})) for x in read("sensors")["kind"]]


def write_sensors(connection: Connection, spots: Spots, area_ids: Ints, seed: int, now: datetime) -> None:
    """Write sensors and their readings of the last seven days into empty tables."""
    for at, (kind, keys) in enumerate(keyed()):
        spot = _spots(spots, kind, generator(seed, 8, at))
        _write_kind(connection, spots, area_ids[spots.area[spot]], kind, keys=keys, spot=spot)
    _write(
        connection,
        seed,
        now - timedelta(days=DAYS),
        now,
        partial(copy_encoded, connection, "readings", READINGS),
    )


def write_readings(connection: Connection, seed: int, since: datetime, now: datetime) -> None:
    """Write what was measured after `since`, but at most seven days, and how the sensors stand now.

    Readings that a feed brought meanwhile stay as they are.
    """
    _write(connection, seed, max(since, now - timedelta(days=DAYS)), now, partial(extra_readings, connection))


def _write(
    connection: Connection, seed: int, since: datetime, now: datetime, add: Callable[[Iterable[bytes]], None]
) -> None:
    ensure_months(connection, (since.date(), now.date()))
    add(_encoded(kind, keys, seed, since, now) for kind, keys in keyed())
    sensors_stand(connection, int(keyed()[-1][1][-1]), since, now)


def _encoded(kind: Kind, keys: Ints, seed: int, since: datetime, now: datetime) -> bytes:
    times, values, arrived = readings(kind, keys, seed, since, now)
    sensor, tick = np.nonzero(arrived)
    return encode([
        number(keys[sensor], "i8"), instants(times[tick].astype("datetime64[s]")), number(values[sensor, tick], "f8")
    ])  # fmt: skip


def keyed() -> list[tuple[Kind, Ints]]:
    """Each kind with the keys of its sensors, which count from 1."""
    counts = [kind.count for kind in kinds()]
    ends = np.cumsum(counts)
    return [(kind, np.arange(end - kind.count + 1, end + 1)) for kind, end in zip(kinds(), ends, strict=True)]


def readings(
    kind: Kind, keys: Ints, seed: int, since: datetime, now: datetime
) -> tuple[Ints, Floats, NDArray[np.bool_]]:
    """Times after `since` until `now` (seconds since 1970), values (sensor, time) and which of them arrived.

    A reading hangs on its sensor and moment alone, so that a longer stretch only adds to a shorter one.
    """
    span = (int(moment.timestamp()) // kind.interval_s + 1 for moment in (since, now))
    ticks = np.arange(*span, dtype=np.int64)
    times = ticks * kind.interval_s
    own = _chance(keys, np.zeros(1, np.int64), seed)[:, 0]
    base = kind.level + kind.spread * (own - 0.5) * 2
    hour = (times / 3600 + LOCAL_H) % 24
    day = kind.swing * np.cos((hour - kind.peak_h) / 24 * 2 * np.pi)
    noise = (_chance(keys, ticks, seed + 1) + _chance(keys, ticks, seed + 2) - 1.0) * kind.noise
    values = np.maximum(base[:, None] + day[None, :] + noise + _breach(kind, keys, times, seed), 0.0)
    values = np.round(values) if kind.key == "ai_event" else np.round(values, 3)
    arrived = (_chance(keys, ticks, seed + 3) > LOST) & ~_outage(keys, times, seed)
    return times, np.asarray(values, np.float64), arrived


def _outage(keys: Ints, times: Ints, seed: int) -> NDArray[np.bool_]:
    """Now and then a sensor sends nothing for hours or days; its week decides."""
    week = times // WEEK_S
    out = np.zeros((len(keys), len(times)), bool)
    for at in range(int(week.min()) - 1, int(week.max()) + 1) if len(times) else ():
        u = _chance(keys, np.array([at * 4, at * 4 + 1, at * 4 + 2], np.int64), seed + 4)
        begin = (at + u[:, 1]) * WEEK_S
        end = begin + (4 + 56 * u[:, 2]) * 3600
        out |= (u[:, 0] < OUTAGES)[:, None] & (times >= begin[:, None]) & (times < end[:, None])
    return out


def _breach(kind: Kind, keys: Ints, times: Ints, seed: int) -> Floats:
    """Now and then a few hours lead towards the thresholds and back; the day and the sensor decide when."""
    local_day = (times + LOCAL_H * 3600) // 86_400
    size = np.zeros((len(keys), len(times)))
    for day in (
        range(int(local_day.min()) - 1, int(local_day.max()) + 2) if len(times) else ()
    ):  # it may pass midnight
        u = _chance(keys, np.array([day * 4, day * 4 + 1, day * 4 + 2], np.int64), seed + 5)
        struck = np.flatnonzero(u[:, 0] < STRUCK)
        middle = (day * 86_400 - LOCAL_H * 3600) + 24 * u[struck, 1] * 3600
        width = 3600 * (0.6 + 1.8 * u[struck, 2])
        span = np.abs(kind.thresholds[3] - kind.level) * (0.45 + 0.75 * u[struck, 2])
        bump = np.exp(-(((times[None, :] - middle[:, None]) / width[:, None]) ** 2)) * span[:, None]
        size[struck] += -bump if kind.falling else bump
    return size


def _chance(keys: Ints, ticks: Ints, seed: int) -> Floats:
    """A number in 0–1 for each key and tick, by mixing bits: no state, so any stretch can be made alone."""
    with np.errstate(over="ignore"):
        x = keys.astype(np.uint64)[:, None] * np.uint64(0x9E3779B97F4A7C15)
        x = x ^ (ticks.astype(np.uint64)[None, :] + np.uint64(seed) * np.uint64(0xD1B54A32D192ED03))
        x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return ((x ^ (x >> np.uint64(31))) >> np.uint64(11)).astype(np.float64) / 2.0**53


def _spots(spots: Spots, kind: Kind, rng: np.random.Generator) -> Ints:
    fit = {
        "estate": spots.estate >= 0,
        "water": spots.water_m < 25,
        "lane": np.isin(spots.streets.classes, ("lane", "pedestrian"))[spots.road],
        "place": spots.place >= 0,
        "street": np.arange(len(spots)) < spots.on_street,
    }[kind.places]
    return np.asarray(rng.choice(np.flatnonzero(fit), kind.count, replace=False), np.int64)


def _write_kind(
    connection: Connection, spots: Spots, area_id: Ints, kind: Kind, *, keys: Ints, spot: Ints
) -> None:
    rows = kind.count
    names = [f"{spots.names[max(at, 0)]}{kind.name}" for at in spots.name[spot]]
    told = [f"{name}{number_:02d}" for name, number_ in zip(names, _nth(names), strict=True)]
    limits: list[Any] = [number(np.full(rows, limit), "f8") for limit in kind.thresholds]
    copy_rows(connection, "sensors", (
        "id", "code", "name", "kind", "unit", "state", "notice_at", "watch_at", "warning_at", "danger_at", "interval_s",
        "area_id", "geom",
    ), [
        number(keys, "i8"), strings([f"S{key:05d}" for key in keys]), strings(told), strings([kind.key] * rows),
        strings([kind.unit] * rows), strings(["normal"] * rows), *limits, number(np.full(rows, kind.interval_s), "f8"),
        number(area_id, "i8"), points(spots.lon[spot], spots.lat[spot]),
    ])  # fmt: skip


def _nth(names: list[str]) -> list[int]:
    seen: dict[str, int] = {}
    found = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        found.append(seen[name])
    return found
