"""Working days and hours, holidays, make-up days, and deadlines counted in them."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, strategies as some

from geodata.rules.workdays import WorkCalendar, calendar_of

SHANGHAI, NEW_YORK = ZoneInfo("Asia/Shanghai"), ZoneInfo("America/New_York")
CHINA, AMERICA = calendar_of(SHANGHAI), calendar_of(NEW_YORK)
# The calendar of China ends within these years, and summer time begins and ends in them.
FIRST, LAST = datetime(2024, 1, 1), datetime(2028, 12, 31)  # noqa: DTZ001 - the strategy adds the zone
moments = some.datetimes(FIRST, LAST, timezones=some.just(SHANGHAI))
american = some.datetimes(FIRST, LAST, timezones=some.just(NEW_YORK))


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def test_holidays_and_make_up_days() -> None:
    assert not CHINA.working_day(date(2024, 10, 1))  # National Day, a Tuesday
    assert CHINA.working_day(date(2024, 9, 29))  # a Sunday that is worked for it
    assert CHINA.working_day(date(2024, 10, 12))  # a Saturday that is worked for it
    assert not CHINA.working_day(date(2024, 10, 19))  # a plain Saturday
    assert AMERICA.working_day(date(2024, 10, 1))


def test_a_day_is_like_the_day_it_is_lived_as() -> None:
    assert CHINA.slot(date(2024, 10, 1)) == 6  # a holiday is a Sunday
    assert CHINA.slot(date(2024, 9, 29)) == 4  # a make-up day is a working day
    assert [CHINA.slot(date(2024, 10, 14) + timedelta(days=n)) for n in range(7)] == list(range(7))


def test_where_the_calendar_ends_only_weekends_are_known_and_it_says_so() -> None:
    far = date(2090, 10, 2)  # a Monday in what will be the holiday week
    assert not CHINA.known(far)
    assert CHINA.working_day(far)
    assert not CHINA.working_day(date(2090, 10, 1))
    assert CHINA.known(date(2024, 10, 1))
    assert not AMERICA.known(date(2024, 10, 1))


def test_hours_are_counted_over_noon_night_and_holidays() -> None:
    assert CHINA.hours_per_day() == 7
    assert CHINA.working_hours(local("2024-09-30 11:00"), local("2024-09-30 14:00")) == 2
    assert CHINA.working_hours(local("2024-09-30 16:00"), local("2024-10-08 10:00")) == 2
    assert CHINA.working_hours(local("2024-10-08 10:00"), local("2024-09-30 16:00")) == -2
    assert CHINA.after(local("2024-09-30 16:00"), 2) == local("2024-10-08 10:00")
    assert CHINA.after(local("2024-10-01 12:00"), 0.5) == local("2024-10-08 09:30")


@given(begin=moments, hours=some.floats(0.01, 200))
def test_after_so_many_hours_so_many_hours_were_worked(begin: datetime, hours: float) -> None:
    end = CHINA.after(begin, hours)
    assert end >= begin
    assert CHINA.working_hours(begin, end) == pytest.approx(hours, abs=1e-3)


@given(begin=american, hours=some.floats(0.01, 200))
def test_a_change_to_summer_time_loses_no_hour(begin: datetime, hours: float) -> None:
    night = WorkCalendar(NEW_YORK, "weekends_only")
    assert night.working_hours(begin, night.after(begin, hours)) == pytest.approx(hours, abs=1e-3)


@given(times=some.lists(moments, min_size=3, max_size=3))
def test_hours_add_up(times: list[datetime]) -> None:
    first, middle, last = sorted(times)
    whole = CHINA.working_hours(first, last)
    parts = CHINA.working_hours(first, middle) + CHINA.working_hours(middle, last)
    assert whole == pytest.approx(parts, abs=1e-6)
    assert whole >= 0
