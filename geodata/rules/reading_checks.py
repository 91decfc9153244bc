"""Whether a reading can be true: its form, its moment, its value, and how it stands to the one before."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from typing import Any, NamedTuple

AHEAD = timedelta(minutes=5)  # clocks of devices are a little wrong; more is no clock
LATE_INTERVALS, LATE_AT_LEAST_S = 3.0, 300.0
BELOW_ZERO = frozenset({"tilt", "settlement", "water_level"})  # kinds that may read less than nothing
JUMP_SPANS = 3.0  # a change of more than so many times the span from notice to danger is a jump


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a sensor when a reading of it comes."""

    id: int
    kind: str
    interval_s: float
    span: float | None  # from notice to danger, in the sensor's unit
    last_at: datetime | None
    last_value: float | None


class Told(NamedTuple):
    """A reading as its sender tells it."""

    row: int
    code: str
    at: datetime
    value: float


class Wrong(NamedTuple):
    """Why a row is no reading."""

    verdict: str
    reason: str


def read_row(row: int, told: Any) -> Told | Wrong:
    """The reading that a row tells, or what is wrong with its form or its number."""
    if not isinstance(told, Mapping):
        return Wrong("malformed", "The row is no object.")
    code, at, value = told.get("sensor"), moment_of(told.get("at")), told.get("value")
    if not is_word(code):
        return Wrong("malformed", "“sensor” is missing or no code.")
    if at is None:
        return Wrong("malformed", no_moment("at"))
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return (
            Wrong("impossible", "“value” is NaN.")
            if value == "NaN"
            else Wrong("malformed", "“value” is no number.")
        )
    number = as_float(value)
    if not math.isfinite(number):
        return Wrong("impossible", "“value” is not a finite number.")
    return Told(row, str(code), at, number)


def check_moment(at: datetime, now: datetime, oldest: datetime) -> Wrong | None:
    """Whether a moment can be: not ahead of the clock, not older than the oldest that is taken."""
    if at > now + AHEAD:
        return Wrong("impossible", f"{at.isoformat()} lies in the future.")
    if at < oldest:
        days = (now - oldest).days
        return Wrong("impossible", f"{at.isoformat()} is older than the {days} days that are taken.")
    return None


def check_value(value: float, sensor: Known) -> Wrong | None:
    """Whether a kind of sensor can read this."""
    if value < 0 and sensor.kind not in BELOW_ZERO:
        return Wrong("impossible", f"A sensor of kind {sensor.kind} cannot read less than nothing.")
    return None


def standing(told: Told, sensor: Known, now: datetime) -> Wrong | None:
    """How a reading that can be true stands to the clock and to the newest before it; None when plainly in order."""
    age_s = (now - told.at).total_seconds()
    if sensor.last_at is not None and told.at < sensor.last_at:
        return Wrong(
            "out_of_order", f"Older than the newest known, {sensor.last_at.isoformat()}; kept, not judged."
        )
    if age_s > max(LATE_INTERVALS * sensor.interval_s, LATE_AT_LEAST_S):
        return Wrong("late", f"It came {age_s:.0f} s after it was measured.")
    if (
        sensor.last_value is not None
        and sensor.span
        and abs(told.value - sensor.last_value) > JUMP_SPANS * sensor.span
    ):
        return Wrong("jump", f"It jumped from {sensor.last_value:g} to {told.value:g}.")
    return None


def is_word(value: Any, longest: int = 100) -> bool:
    """Whether a value can be a code or a name: text of printable letters, as the database takes it."""
    return isinstance(value, str) and 0 < len(value) <= longest and value.isprintable()


def as_float(value: float) -> float:
    """The number as the database keeps it; infinity for a whole number that is too large."""
    try:
        return float(value)
    except OverflowError:
        return math.inf


def moment_of(value: Any, zone: tzinfo | None = None) -> datetime | None:
    """An aware moment as a sender writes it; None where it is none, or has no offset and no `zone` is meant."""
    try:
        at = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return None
    if at.tzinfo is None:
        return at.replace(tzinfo=zone) if zone else None
    return at


def no_moment(name: str) -> str:
    """What a sender is told about a field that is no moment."""
    return f"“{name}” is no moment with an offset, like 2026-11-22T12:00:00+08:00."
