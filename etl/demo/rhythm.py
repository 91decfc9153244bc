"""How many tickets a day brings, at what hour they come, and how long an office day is.

All of it hangs on the seed and the day alone, never on which days are made together.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

import chinese_calendar
import numpy as np
from numpy.typing import NDArray

Seconds = NDArray[np.int64]  # since 1970 in UTC
OFFICE_OPENS_S, OFFICE_DAY_S = 9 * 3600, 8 * 3600
GROWTH_A_YEAR = 0.09
SPRING_FESTIVAL = "Spring Festival"
# Share of a day's tickets by local hour: the hotline wakes at eight and rests at noon, patrols walk the office day.
HOURS = {
    "service": [6, 4, 3, 2, 2, 4, 9, 24, 58, 84, 82, 62, 46, 56, 74, 76, 70, 58, 50, 52, 46, 34, 22, 12],
    "city": [2, 1, 1, 1, 1, 3, 14, 52, 92, 104, 96, 62, 36, 72, 96, 92, 78, 48, 30, 32, 24, 14, 6, 3],
}


def generator(*key: int) -> np.random.Generator:
    """Chance that only this key decides."""
    return np.random.Generator(np.random.PCG64(list(key)))


@cache
def is_working_day(day: date) -> bool:
    """Whether offices work: China's calendar with its moved days; beyond its years, Monday to Friday."""
    try:
        return bool(chinese_calendar.is_workday(day))
    except NotImplementedError:  # the State Council names the next year's days late in the year
        return day.weekday() < 5


@cache
def holiday(day: date) -> str | None:
    """Name of the public holiday, where the calendar knows the year."""
    try:
        named = chinese_calendar.get_holiday_detail(day)[1]
    except NotImplementedError:
        return None
    return None if named is None or is_working_day(day) else str(named)


def weight(day: date) -> float:
    """How busy a day is, an ordinary weekday being about 1."""
    name = holiday(day)
    if name == SPRING_FESTIVAL:
        busy = 0.46
    elif name:
        busy = 0.66
    else:
        busy = (1.06, 1.04, 1.02, 1.0, 1.02, 0.86, 0.78)[day.weekday()] if is_working_day(day) else 0.78
        busy = max(busy, 0.98) if is_working_day(day) else busy
    summer = 1 + 0.07 * np.cos(2 * np.pi * (day.timetuple().tm_yday - 196) / 365.25)
    return float(busy * summer)


class Volume:
    """Tickets by day, so that the year ending on `anchor` has about `per_year`."""

    def __init__(self, seed: int, anchor: date, per_year: int) -> None:
        self._seed, self.anchor, self.per_year = seed, anchor, per_year
        self._scale = 1.0
        year = [anchor - timedelta(days=back) for back in range(365)]
        self._scale = per_year / sum(self._expected(day) for day in year)

    def _expected(self, day: date) -> float:
        years = max(-1.0, min(3.0, (day - self.anchor).days / 365))
        noise = generator(self._seed, 11, day.toordinal()).normal(0, 0.05)
        return self._scale * weight(day) * float(np.exp(GROWTH_A_YEAR * years + noise))

    def on(self, day: date) -> int:
        """How many tickets a whole day brings."""
        return round(self._expected(day))


def midnight(day: date, zone: ZoneInfo) -> int:
    """The instant a local day begins, seconds since 1970 in UTC."""
    return int(datetime.combine(day, time.min, zone).timestamp())


def second_of_day(chance: NDArray[np.float64], family: str) -> Seconds:
    """A second of the local day, as the family's tickets come."""
    hours = np.array(HOURS[family], float)
    edges = np.concatenate([[0.0], np.cumsum(hours) / hours.sum()])
    return np.asarray(np.minimum(np.interp(chance, edges, np.arange(25) * 3600.0), 86_399), np.int64)


class OfficeHours:
    """Counting time only while offices work: 8 hours from 9:00 on each working day."""

    def __init__(self, first: date, last: date, zone: ZoneInfo) -> None:
        span = [first + timedelta(days=ahead) for ahead in range((last - first).days + 120)]
        working = [day for day in span if is_working_day(day)]
        self._opens = np.array([midnight(day, zone) + OFFICE_OPENS_S for day in working], np.int64)

    def later(self, since: Seconds, hours: NDArray[Any]) -> Seconds:
        """The instant at which so many office hours have passed."""
        day = np.searchsorted(self._opens, since, side="right") - 1
        into = np.clip(since - self._opens[np.maximum(day, 0)], 0, OFFICE_DAY_S)
        worked = np.where(day < 0, 0, day * OFFICE_DAY_S + into)
        target = worked + (np.asarray(hours) * 3600).astype(np.int64)
        day, rest = np.divmod(target, OFFICE_DAY_S)
        closes = (rest == 0) & (day > 0)  # a full day ends when the office closes, not when the next opens
        return np.asarray(self._opens[day - closes] + np.where(closes, OFFICE_DAY_S, rest), np.int64)
