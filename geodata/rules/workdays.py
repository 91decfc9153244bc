"""Working days and hours: weekends, public holidays and make-up days 调休, and deadlines counted in them.

China's calendar comes from the library chinese_calendar, which is extended when the State Council publishes a year.
Beyond its last year, and in other countries, only weekends are known, and `known` says so.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache, lru_cache
from typing import Literal
from zoneinfo import ZoneInfo

import chinese_calendar

Country = Literal["china", "weekends_only"]
SATURDAY = 5
SUNDAY = 6
FARTHEST_DAYS = 3660  # no deadline lies further away


@dataclass(frozen=True, slots=True)
class WorkCalendar:
    """Which days and hours are worked; spans are local times of the zone, in order."""

    zone: ZoneInfo
    country: Country = "china"
    spans: tuple[tuple[time, time], ...] = ((time(9), time(12)), (time(13), time(17)))

    def known(self, day: date) -> bool:
        """Whether holidays and make-up days of the day's year are known; else only weekends are."""
        first, last = _years()
        return self.country == "china" and first <= day.year <= last

    def working_day(self, day: date) -> bool:
        """Whether a day is worked: make-up days are, holidays are not."""
        if self.known(day):
            return bool(chinese_calendar.is_workday(day))
        return day.weekday() < SATURDAY

    def slot(self, day: date) -> int:
        """The day of the week that a day is like: 0–4 worked, 5 Saturday, 6 Sunday and holidays; a make-up day is a Friday.

        What is usual is learnt by these, because a holiday Tuesday is no Tuesday.
        """
        if self.working_day(day):
            return min(day.weekday(), 4)
        return SATURDAY if day.weekday() == SATURDAY and not self._holiday(day) else SUNDAY

    def hours_per_day(self) -> float:
        """Hours worked on a working day."""
        return sum(_hours(begin, end) for begin, end in self.spans)

    def working_hours(self, begin: datetime, end: datetime) -> float:
        """Hours worked between two instants; negative when the end comes first."""
        if end < begin:
            return -self.working_hours(end, begin)
        day, last, total = begin.astimezone(self.zone).date(), end.astimezone(self.zone).date(), 0.0
        while day <= last:
            for opens, closes in _open(self, day):
                total += max((min(end, closes) - max(begin, opens)).total_seconds(), 0.0)
            day += timedelta(days=1)
        return total / 3600.0

    def after(self, begin: datetime, hours: float) -> datetime:
        """The instant at which so many hours have been worked since `begin`, in the zone of `begin`."""
        left, day = hours * 3600.0, begin.astimezone(self.zone).date()
        for _ in range(FARTHEST_DAYS):
            for opens, closes in _open(self, day):
                free = (closes - max(begin, opens)).total_seconds()
                if free > 0 and left <= free:
                    return (max(begin, opens) + timedelta(seconds=left)).astimezone(begin.tzinfo)
                left -= max(free, 0.0)
            day += timedelta(days=1)
        raise ValueError("a deadline lies more than ten years away")

    def _holiday(self, day: date) -> bool:
        return self.known(day) and day in chinese_calendar.holidays


def calendar_of(zone: ZoneInfo) -> WorkCalendar:
    """The calendar of a time zone: China's, or weekends only where no maintained calendar is at hand."""
    return WorkCalendar(zone, "china" if zone.key in {"Asia/Shanghai", "Asia/Urumqi"} else "weekends_only")


@lru_cache(maxsize=4096)
def _open(calendar: WorkCalendar, day: date) -> tuple[tuple[datetime, datetime], ...]:
    """The spans worked on a day, in UTC: differences of two times of one zone would ignore a change to summer time."""
    if not calendar.working_day(day):
        return ()
    return tuple(
        (_instant(calendar, day, opens), _instant(calendar, day, ends)) for opens, ends in calendar.spans
    )


def _instant(calendar: WorkCalendar, day: date, moment: time) -> datetime:
    return datetime.combine(day, moment, calendar.zone).astimezone(UTC)


@cache
def _years() -> tuple[int, int]:
    years = [holiday.year for holiday in chinese_calendar.holidays]
    return min(years), max(years)


def _hours(begin: time, end: time) -> float:
    return (end.hour - begin.hour) + (end.minute - begin.minute) / 60.0
