"""What each kind of feed sends when: crowd ticks, readings and tickets, of the day's rhythm or of a script."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

import numpy as np

from etl.demo import sensors as demo_sensors
from etl.feeds.crowd_model import CrowdModel
from etl.feeds.script import Script, due, readings_ramps, value_at
from etl.feeds.sender import Batch
from etl.feeds.ticket_model import TicketModel
from geodata.plans import Play
from geodata.queries.simulated import SensorRow
from geodata.space.hexes import as_text

TURN = 7919  # a prime: sensors beside each other do not speak at once
CROWD_EVERY_S, READINGS_EVERY_S, TICKETS_EVERY_S = 5.0, 10.0, 5.0
Elapsed = Callable[[datetime], float]  # seconds of the script that have passed at a moment


class Feeder(Protocol):
    """Something that is asked again and again what is to be sent."""

    every_s: float

    def batch(self, now: datetime) -> Batch | None:
        """What is to be sent now, if anything."""


@dataclass
class CrowdFeeder:
    """People in all cells of the model's ground, or only in the cells of `codes`; cells are told once."""

    model: CrowdModel
    token: str
    script: Script | None = None
    elapsed: Elapsed = lambda _now: 0.0
    only: Sequence[str] | None = None
    every_s: float = CROWD_EVERY_S
    _grid: str | None = None

    def batch(self, now: datetime) -> Batch:
        """One tick."""
        rows = slice(None) if self.only is None else self.model.rows_of(self.only)
        people = self.model.people(now, self._told(now))[rows].tolist()
        tick: dict[str, Any] = {"at": _iso(now), "people": people}
        if self._grid is None:
            cells = self.model.ground.cells[rows]
            self._grid = hashlib.sha256(np.asarray(cells, "<i8").tobytes()).hexdigest()
            tick |= {"resolution": 11, "cells": [as_text(int(cell)) for cell in cells]}
        else:
            tick["grid"] = self._grid
        return Batch("crowd", self.token, tick)

    def _told(self, now: datetime) -> Mapping[str, float]:
        if self.script is None:
            return {}
        at_s = self.elapsed(now)
        told = {
            place.code: self.script.people(place.code, at_s, self.model.usual(place, now))
            for place in self.model.places
            if place.code in self.script.places
        }
        return {code: people for code, people in told.items() if people is not None}


@dataclass
class DemoReadings:
    """The demo's own sensors, read on from a moment, each in its own second of its interval so that they take turns.

    Sensors that a script speaks for are left to it.
    """

    token: str
    seed: int
    since: datetime
    left_out: frozenset[str] = frozenset()
    every_s: float = READINGS_EVERY_S

    def batch(self, now: datetime) -> Batch | None:
        """What was measured since the last time."""
        rows = [row for kind, keys in demo_sensors.keyed() for row in self._rows(kind, keys, now)]
        self.since = now
        return Batch("readings", self.token, rows) if rows else None

    def _rows(self, kind: demo_sensors.Kind, keys: Any, now: datetime) -> list[dict[str, Any]]:
        since = self.since - timedelta(seconds=kind.interval_s)
        times, values, arrived = demo_sensors.readings(kind, keys, self.seed, since, now)
        turn = keys * TURN % kind.interval_s
        at = times[None, :] + turn[:, None]
        due = arrived & (at > self.since.timestamp()) & (at <= now.timestamp())
        rows = [
            (int(at[row]), f"S{int(keys[row[0]]):05d}", float(values[row]))
            for row in zip(*np.nonzero(due), strict=True)
        ]
        return [
            {"sensor": code, "at": _iso(datetime.fromtimestamp(moment, now.tzinfo)), "value": value}
            for moment, code, value in sorted(rows) if code not in self.left_out
        ]  # fmt: skip


@dataclass
class ScriptReadings:
    """Sensors that a script speaks for, from the first step that names them until the script ends."""

    token: str
    script: Script
    elapsed: Elapsed
    sensors: Sequence[tuple[SensorRow, Sequence[Play]]]
    every_s: float = READINGS_EVERY_S

    def batch(self, now: datetime) -> Batch | None:
        """Where each of them stands now."""
        at_s = self.elapsed(now)
        if at_s >= self.script.lasts_s:
            return None
        rows = []
        for sensor, plays in self.sensors:
            usual = sensor.value if sensor.value is not None else float(plays[0].told["value"])
            value = value_at(readings_ramps(plays), at_s, usual)
            if value is not None:
                rows.append({"sensor": sensor.code, "at": _iso(now), "value": round(value, 3)})
        return Batch("readings", self.token, rows) if rows else None


@dataclass
class DayTickets:
    """Tickets of the day's rhythm."""

    token: str
    model: TicketModel
    since: datetime
    speed: float = 1.0
    every_s: float = TICKETS_EVERY_S

    def batch(self, now: datetime) -> Batch | None:
        """Those received since the last time."""
        rows = self.model.between(self.since, now, self.speed)
        self.since = now
        return Batch("tickets", self.token, rows) if rows else None


@dataclass
class ScriptTickets:
    """Tickets that a script tells of, each at its moment."""

    token: str
    script: Script
    elapsed: Elapsed
    model: TicketModel
    points: Mapping[str, tuple[float, float]]  # where each named place is, EPSG:4326
    every_s: float = TICKETS_EVERY_S
    _since_s: float = field(default=-1.0)

    def batch(self, now: datetime) -> Batch | None:
        """Those whose moment has come since the last time."""
        at_s = self.elapsed(now)
        rows = [
            self._row(play, now)
            for play in self.script.of_feed("tickets")
            for _ in due(play, self._since_s, at_s)
        ]
        self._since_s = at_s
        return Batch("tickets", self.token, rows) if rows else None

    def _row(self, play: Play, now: datetime) -> dict[str, Any]:
        told: dict[str, Any] = {}
        if play.told["category"] != "*":
            told["category"] = play.told["category"]
        if "title" in play.told:
            told["title"] = play.told["title"]
        point = play.told.get("near") or self.points.get(
            play.told.get("place") or play.told.get("near_place", "")
        )
        if point:
            told |= {"address": play.told.get("address")} | self.model.scattered(*point)
        return self.model.one(now, told)


def every(feeders: Sequence[Feeder], since: datetime, until: datetime) -> list[tuple[datetime, Batch]]:
    """All that feeders send in a span, in order of time; a script played without waiting."""
    found = []
    for feeder in feeders:
        at = since
        while at <= until:
            batch = feeder.batch(at)
            if batch is not None:
                found.append((at, batch))
            at += timedelta(seconds=feeder.every_s)
    return sorted(found, key=lambda pair: pair[0])


def _iso(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds")
