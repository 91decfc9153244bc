"""The demo's 600 sensors of six kinds and seven days of what they measured."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, text as sql

from etl.demo.catalogue import read
from etl.demo.rhythm import generator
from etl.demo.spots import Spots
from etl.demo.streets import Floats, Ints
from geodata.commands.bulk import copy_rows
from geodata.commands.copy_binary import instants, number, points, strings

DAYS = 7
SILENT_AFTER = 3  # intervals without a reading
LEVELS = ("normal", "notice", "watch", "warning", "danger")


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
    """Write sensors, readings until `now` and the latest of each into empty tables."""
    for month in {now.date(), date.fromordinal(now.date().toordinal() - DAYS)}:
        connection.execute(sql("select ensure_readings_month(:day)"), {"day": month})
    first = 1
    for at, kind in enumerate(kinds()):
        rng = generator(seed, 8, at)
        keys = np.arange(first, first + kind.count, dtype=np.int64)
        spot = _spots(spots, kind, rng)
        times, values, here = readings(kind, keys, seed, now, _silent(kind, rng))
        states = state(kind, times, values, here, now)
        _write_kind(connection, spots, area_ids[spots.area[spot]], kind, keys, spot, states)
        _write_readings(connection, keys, times, values, here)
        first += kind.count
    connection.execute(sql(
        "insert into sensor_latest (sensor_id, at, value)"
        " select distinct on (sensor_id) sensor_id, at, value from readings order by sensor_id, at desc"
    ))  # fmt: skip


def readings(
    kind: Kind, keys: Ints, seed: int, now: datetime, silent_s: Floats, days: float = DAYS
) -> tuple[Ints, Floats, NDArray[np.bool_]]:
    """Times (seconds since 1970), values (sensor, time) and which of them arrived, until `now`.

    A reading hangs on its sensor and moment alone, so that a longer stretch only adds to a shorter one.
    """
    end = int(now.timestamp()) // kind.interval_s
    ticks = np.arange(end - int(days * 86_400) // kind.interval_s + 1, end + 1, dtype=np.int64)
    times = ticks * kind.interval_s
    own = _chance(keys, np.zeros(1, np.int64), seed)[:, 0]
    base = kind.level + kind.spread * (own - 0.5) * 2
    hour = (times / 3600 + 8) % 24
    day = kind.swing * np.cos((hour - kind.peak_h) / 24 * 2 * np.pi)
    noise = (_chance(keys, ticks, seed) + _chance(keys, ticks, seed + 1) - 1.0) * kind.noise
    values = base[:, None] + day[None, :] + noise + _breach(kind, keys, times, seed)
    values = np.maximum(values, 0.0) if min(kind.thresholds) >= 0 else values
    values = np.round(values) if kind.key == "ai_event" else np.round(values, 3)
    arrived = _chance(keys, ticks, seed + 2) > 0.004  # noqa: PLR2004 - share lost on the way
    arrived &= times[None, :] <= now.timestamp() - silent_s[:, None]
    return times, values, arrived


def state(kind: Kind, times: Ints, values: Floats, here: NDArray[np.bool_], now: datetime) -> list[str]:
    """Normal or the level that the last reading reaches; silent when it is too old."""
    last = here.shape[1] - 1 - np.argmax(here[:, ::-1], axis=1)
    value = values[np.arange(len(values)), last]
    limits = np.array(kind.thresholds)
    reached = (value[:, None] <= limits if kind.falling else value[:, None] >= limits).sum(axis=1)
    old = now.timestamp() - times[last] > SILENT_AFTER * kind.interval_s
    return ["silent" if gone else LEVELS[level] for gone, level in zip(old, reached, strict=True)]


def _breach(kind: Kind, keys: Ints, times: Ints, seed: int) -> Floats:
    """Now and then a few hours lead towards the thresholds and back; the day and the sensor decide when."""
    local_day = (times + 8 * 3600) // 86_400
    size = np.zeros((len(keys), len(times)))
    for day in np.unique(local_day):
        u = _chance(keys, np.array([day * 4, day * 4 + 1, day * 4 + 2], np.int64), seed + 3)
        struck = np.flatnonzero(u[:, 0] < 0.035)  # noqa: PLR2004 - share of sensors on a day
        middle = (day * 86_400 - 8 * 3600) + (3 + 18 * u[struck, 1]) * 3600
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


def _silent(kind: Kind, rng: np.random.Generator) -> Floats:
    """For how long each sensor has sent nothing, s; mostly not at all."""
    return np.where(rng.random(kind.count) < 0.015, rng.uniform(4, 60, kind.count) * 3600, 0.0)  # noqa: PLR2004


def _spots(spots: Spots, kind: Kind, rng: np.random.Generator) -> Ints:
    fit = {
        "estate": spots.estate >= 0,
        "water": spots.water_m < 25,  # noqa: PLR2004 - m
        "lane": np.isin(spots.streets.classes, ("lane", "pedestrian"))[spots.road],
        "place": spots.place >= 0,
        "street": np.arange(len(spots)) < spots.on_street,
    }[kind.places]
    return np.asarray(rng.choice(np.flatnonzero(fit), kind.count, replace=False), np.int64)


def _write_kind(
    connection: Connection, spots: Spots, area_id: Ints, kind: Kind, keys: Ints, spot: Ints, states: list[str]
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
        strings([kind.unit] * rows), strings(states), *limits, number(np.full(rows, kind.interval_s), "f8"),
        number(area_id, "i8"), points(spots.lon[spot], spots.lat[spot]),
    ])  # fmt: skip


def _write_readings(connection: Connection, keys: Ints, times: Ints, values: Floats, here: NDArray[np.bool_]) -> None:
    sensor, tick = np.nonzero(here)
    copy_rows(connection, "readings", ("sensor_id", "at", "value"), [
        number(keys[sensor], "i8"), instants(times[tick].astype("datetime64[s]")), number(values[sensor, tick], "f8"),
    ])  # fmt: skip


def _nth(names: list[str]) -> list[int]:
    seen: dict[str, int] = {}
    found = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        found.append(seen[name])
    return found
