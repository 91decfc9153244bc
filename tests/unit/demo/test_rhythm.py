"""Days, hours and office time."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from etl.demo.rhythm import OfficeHours, Volume, is_working_day, second_of_day, weight

ZONE = ZoneInfo("Asia/Shanghai")


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=ZONE).timestamp())


@pytest.mark.parametrize(
    ("since", "hours", "until"),
    [
        ("2026-03-10 10:00", 2, "2026-03-10 12:00"),
        ("2026-03-10 10:00", 7, "2026-03-10 17:00"),  # Tuesday, until the office closes
        ("2026-03-10 16:00", 2, "2026-03-11 10:00"),
        ("2026-03-13 16:00", 2, "2026-03-16 10:00"),  # over a weekend
        ("2026-03-14 12:00", 1, "2026-03-16 10:00"),  # received on a Saturday
        ("2026-03-10 22:00", 8, "2026-03-11 17:00"),  # received at night
        ("2026-03-10 06:00", 1, "2026-03-10 10:00"),  # received before the office opens
        ("2026-03-09 09:00", 40, "2026-03-13 17:00"),
        ("2026-09-30 16:00", 2, "2026-10-08 10:00"),  # over the National Day holiday of 2026
    ],
)
def test_office_hours(since: str, hours: float, until: str) -> None:
    office = OfficeHours(date(2026, 1, 1), date(2026, 12, 31), ZONE)
    assert office.later(np.array([at(since)]), np.array([hours])).tolist() == [at(until)]


def test_a_moved_working_sunday_is_a_working_day_and_an_unknown_year_falls_back() -> None:
    assert is_working_day(date(2026, 10, 10))  # Saturday worked for the National Day week
    assert not is_working_day(date(2026, 10, 1))
    assert is_working_day(date(2040, 5, 1))  # a Tuesday of a year that the calendar does not know
    assert not is_working_day(date(2040, 5, 5))


def test_holidays_are_quieter_than_working_days() -> None:
    assert weight(date(2026, 2, 17)) < weight(date(2026, 10, 2)) < weight(date(2026, 3, 11))


def test_a_year_has_as_many_tickets_as_asked_and_a_day_the_same_whenever_it_is_asked() -> None:
    volume = Volume(3, date(2026, 6, 30), 745_000)
    days = [date(2026, 6, 30) - timedelta(days=back) for back in range(365)]
    counts = [volume.on(day) for day in days]
    assert abs(sum(counts) - 745_000) < 200
    assert volume.on(days[100]) == counts[100]
    assert volume.on(date(2026, 6, 30)) != Volume(4, date(2026, 6, 30), 745_000).on(date(2026, 6, 30))


def test_nights_are_quiet() -> None:
    seconds = second_of_day(np.linspace(0, 1, 10_001), "service")
    assert seconds.min() == 0
    assert seconds.max() == 86_399
    by_hour = np.bincount(seconds // 3600, minlength=24)
    assert by_hour[3] * 20 < by_hour[9]
