"""Sensors: a level by kind, a rate of change, and for settlement and tilt the way gone from a datum.

Levels are judged by `levels.step` with the limits of the sensor. The datum is what the structure stood at when it was
last found sound; steel and brick also move with the temperature, so that part is taken off before judging, where the
temperature is known. Where it is not, the finding says so.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import numpy as np

from geodata.rules import levels
from geodata.rules.crowd import fit
from geodata.rules.levels import Change, Holding, Limits, Watch

LEARN_READINGS = 24  # fewer teach no datum
LEARN_SPAN_C = 5.0  # a smaller span of temperatures teaches no coefficient


def limits_of(numbers: Mapping[str, Any], own: Limits | None = None) -> Limits:
    """The limits of a sensor: its own where it has any, else those of its kind."""
    return own if own is not None and own.set_ones() else Limits.from_dict(numbers)


@dataclass(frozen=True, slots=True)
class RateWatch:
    """Where the judging of one sensor's rate stands, with the recent readings it needs."""

    watch: Watch = Watch()  # noqa: RUF009 - frozen
    points: tuple[tuple[datetime, float], ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """As JSON keeps it."""
        return {
            "watch": self.watch.as_dict(),
            "points": [[at.isoformat(), value] for at, value in self.points],
        }

    @classmethod
    def from_dict(cls, told: Mapping[str, Any]) -> RateWatch:
        """Read what `as_dict` wrote."""
        points = tuple((datetime.fromisoformat(at), float(value)) for at, value in told.get("points", ()))
        return cls(Watch.from_dict(told.get("watch", {})), points)


def step_rate(
    state: RateWatch, value: float, at: datetime, *, limits_per_h: Limits, window_min: float, holding: Holding
) -> tuple[RateWatch, Change, float | None]:
    """Judge how fast a reading changes, in its unit an hour; needs four readings in the window, else it says nothing.

    Rising limits judge the change either way; falling limits (low is bad) are given as negative numbers.
    """
    last = state.points[-1][0] if state.points else None
    if not math.isfinite(value) or (last is not None and at <= last):
        return state, "none", None
    since = at - timedelta(minutes=window_min)
    points = (*((when, told) for when, told in state.points if when >= since), (at, value))
    line = fit(points, window_min)
    if line is None:
        return replace(state, points=points), "none", None
    rate = line.per_min * 60.0
    judged = rate if limits_per_h.falling else abs(rate)
    watch, change = levels.step(state.watch, judged, at, limits_per_h, holding)
    return RateWatch(watch, points), change, rate


@dataclass(frozen=True, slots=True)
class Datum:
    """What a structure stood at when sound: reading, temperature then, and what a degree does to the reading."""

    value: float
    temperature_c: float | None = None
    per_c: float = 0.0

    def as_dict(self) -> dict[str, float | None]:
        """As JSON keeps it."""
        return {"value": self.value, "temperature_c": self.temperature_c, "per_c": self.per_c}

    @classmethod
    def from_dict(cls, told: Mapping[str, Any]) -> Datum:
        """Read what `as_dict` wrote."""
        warmth = told.get("temperature_c")
        return cls(
            float(told["value"]), None if warmth is None else float(warmth), float(told.get("per_c", 0.0))
        )


@dataclass(frozen=True, slots=True)
class Deviation:
    """The way gone from the datum, in the sensor's unit, and whether the temperature's part was taken off."""

    value: float
    corrected: bool


def deviation(value: float, datum: Datum, temperature_c: float | None = None) -> Deviation:
    """How far a reading is from its datum, without the part that the temperature explains."""
    if temperature_c is None or datum.temperature_c is None:
        return Deviation(value - datum.value, corrected=False)
    warmth = datum.per_c * (temperature_c - datum.temperature_c)
    return Deviation(value - datum.value - warmth, corrected=True)


def learn(values: Sequence[float], temperatures_c: Sequence[float] | None = None) -> Datum | None:
    """A datum from readings of a sound time: the middle reading, and the middle slope against temperature (Theil–Sen).

    None when there are too few readings; without temperatures, or with too small a span of them, no coefficient.
    """
    if len(values) < LEARN_READINGS:
        return None
    middle = float(np.median(values))
    if temperatures_c is None or np.ptp(temperatures_c) < LEARN_SPAN_C:
        return Datum(middle)
    told, warm = np.asarray(values, float), np.asarray(temperatures_c, float)
    one, other = np.triu_indices(len(told), 1)
    apart = np.abs(warm[other] - warm[one]) > 0
    slopes = (told[other] - told[one])[apart] / (warm[other] - warm[one])[apart]
    per_c, mean = float(np.median(slopes)), float(np.median(warm))
    return Datum(float(np.median(told - per_c * (warm - mean))), mean, per_c)


def step_datum(
    watch: Watch,
    value: float,
    at: datetime,
    *,
    datum: Datum,
    limits: Limits,
    holding: Holding,
    temperature_c: float | None = None,
) -> tuple[Watch, Change, Deviation]:
    """Judge how far a structure has moved from its datum, either way."""
    moved = deviation(value, datum, temperature_c)
    watch, change = levels.step(watch, abs(moved.value), at, limits, holding)
    return watch, change, moved
