"""Tickets: a burst in an area or category against what is usual there, and deadlines that are near or past.

Usual is the mean of the same hour of the same kind of day in the weeks before, where holidays count as Sundays and
make-up days as working days. A burst is told by surprise: if tickets came by chance at the usual rate (Poisson), one in
10^surprise such spans would have so many or more. The rate never counts as less than a floor, and few tickets never
burst: three where one in a month is usual is surprising and means nothing.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammainc

from geodata.rules.levels import Limits
from geodata.rules.workdays import WorkCalendar
from geodata.types import Level

SLOTS, HOURS = 7, 24
MOST_SURPRISE = 99.0
Table = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class BurstNumbers:
    """Surprise from which each level begins; floor of the usual rate; fewest tickets; hours of the span."""

    surprise: Limits
    floor_per_h: float
    least_tickets: int
    window_h: float
    weeks: int

    @classmethod
    def from_dict(cls, told: Mapping[str, Any]) -> BurstNumbers:
        """Read what defaults.py or the table of thresholds holds."""
        return cls(
            Limits.from_dict(told),
            float(told["floor_per_h"]),
            int(told["least_tickets"]),
            float(told["window_h"]),
            int(told["weeks"]),
        )


@dataclass(frozen=True, slots=True)
class Usual:
    """Tickets seen and hours watched, by kind of day (rows: Monday–Friday worked, Saturday, Sunday) and hour."""

    tickets: Table
    hours: Table

    def per_h(self, slot: int, hour: int) -> float:
        """Usual tickets an hour; where that hour was never watched, the mean of all that were; NaN for none."""
        if self.hours[slot, hour] > 0:
            return float(self.tickets[slot, hour] / self.hours[slot, hour])
        watched = float(self.hours.sum())
        return float(self.tickets.sum()) / watched if watched > 0 else math.nan

    def expected(self, begin: datetime, end: datetime, calendar: WorkCalendar) -> float:
        """Usual tickets of a span, hour by hour."""
        total, at = 0.0, begin.astimezone(calendar.zone)
        while at < end:
            next_hour = at.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
            part = (min(next_hour, end) - at).total_seconds() / 3600.0
            total += part * self.per_h(calendar.slot(at.date()), at.hour)
            at = next_hour
        return total


def usual_of(
    counts: Iterable[tuple[date, int, float]], first: date, last: date, calendar: WorkCalendar
) -> Usual:
    """Learn what is usual from tickets by local day and hour; hours without a row had none, both days included."""
    tickets, hours = np.zeros((SLOTS, HOURS)), np.zeros((SLOTS, HOURS))
    for away in range((last - first).days + 1):
        hours[calendar.slot(first + timedelta(days=away))] += 1.0
    for day, hour, count in counts:
        if first <= day <= last:
            tickets[calendar.slot(day), hour] += count
    return Usual(tickets, hours)


@dataclass(frozen=True, slots=True)
class Burst:
    """Tickets of a span against the usual; surprise in powers of ten; the level it means."""

    tickets: int
    usual: float
    surprise: float
    level: Level | None


def surprise(tickets: int, usual: float) -> float:
    """How unlikely so many or more are by chance, as the negative power of ten; at most 99."""
    if tickets <= 0:
        return 0.0
    chance = float(gammainc(tickets, usual))  # P(X ≥ n) for a Poisson X of mean `usual`
    return MOST_SURPRISE if chance <= 10**-MOST_SURPRISE else max(-math.log10(chance), 0.0)


def burst(tickets: int, usual: float, numbers: BurstNumbers) -> Burst:
    """Judge the tickets of one span in one area or category; an unknown usual says nothing."""
    if not math.isfinite(usual):
        return Burst(tickets, usual, 0.0, None)
    told = surprise(tickets, max(usual, numbers.floor_per_h * numbers.window_h))
    return Burst(
        tickets, usual, told, numbers.surprise.level(told) if tickets >= numbers.least_tickets else None
    )


@dataclass(frozen=True, slots=True)
class Deadline:
    """One open ticket's deadline: working hours left, negative when past, and whether it is near or past."""

    hours_left: float
    standing: Literal["far", "near", "past"]


def deadline(due_at: datetime, now: datetime, calendar: WorkCalendar, near_h: float) -> Deadline:
    """Judge a deadline; past is past, even on a holiday on which no working hour goes by."""
    hours = calendar.working_hours(now, due_at)
    if now >= due_at:
        return Deadline(hours, "past")
    return Deadline(hours, "near" if hours <= near_h else "far")


@dataclass(frozen=True, slots=True)
class Pressing:
    """Open tickets of an area whose deadline presses; the latest is so many working hours late."""

    near: int
    past: int
    latest_h: float


def pressing(deadlines: Iterable[Deadline]) -> Pressing:
    """Sum up the deadlines of an area; its level is that of `past` on the limits of the rule."""
    told = list(deadlines)
    late = [-each.hours_left for each in told if each.standing == "past"]
    return Pressing(sum(each.standing == "near" for each in told), len(late), max(late, default=0.0))
