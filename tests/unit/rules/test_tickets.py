"""Bursts against what is usual, and deadlines in working hours."""

from __future__ import annotations

import math
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, strategies as some
from scipy.stats import poisson

from geodata.rules.defaults import DEFAULTS
from geodata.rules.levels import Limits, rank
from geodata.rules.tickets import BurstNumbers, burst, deadline, pressing, surprise, usual_of
from geodata.rules.workdays import calendar_of

SHANGHAI = ZoneInfo("Asia/Shanghai")
CHINA = calendar_of(SHANGHAI)
SHIPPED = BurstNumbers.from_dict(DEFAULTS["ticket_burst", "*"])


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


@given(tickets=some.integers(1, 60), usual=some.floats(0.05, 40))
def test_surprise_is_the_tail_of_the_poisson_distribution(tickets: int, usual: float) -> None:
    chance = poisson.sf(tickets - 1, usual)
    assert surprise(tickets, usual) == pytest.approx(min(-math.log10(chance), 99.0), rel=1e-6, abs=1e-9)


@given(tickets=some.integers(0, 200), usual=some.floats(0.0, 50), more=some.integers(0, 50))
def test_more_tickets_are_never_a_lower_level(tickets: int, usual: float, more: int) -> None:
    assert rank(burst(tickets, usual, SHIPPED).level) <= rank(burst(tickets + more, usual, SHIPPED).level)


def test_few_tickets_never_burst_and_an_unknown_usual_says_nothing() -> None:
    assert burst(4, 0.0, SHIPPED).level is None
    assert burst(400, math.nan, SHIPPED).level is None
    assert burst(9, 9.0, SHIPPED).level is None
    assert burst(40, 3.0, SHIPPED).level == "danger"
    assert burst(0, 0.0, SHIPPED).surprise == 0.0
    assert surprise(10_000, 1.0) == 99.0


def test_by_chance_alone_it_speaks_as_seldom_as_it_says() -> None:
    """At the usual rate a notice (10⁻³) comes in about one of a thousand spans."""
    told = np.random.default_rng(3).poisson(6.0, 20_000)
    spoke = sum(burst(int(tickets), 6.0, SHIPPED).level is not None for tickets in told)
    assert spoke <= 20_000 * 10**-SHIPPED.surprise.notice * 1.6


def test_usual_knows_the_kind_of_day() -> None:
    """Four weeks with ten tickets at nine on working days, none otherwise; over the National Day week."""
    first, last = date(2024, 9, 16), date(2024, 10, 13)
    days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    usual = usual_of(
        [(day, 9, 10.0) for day in days if CHINA.working_day(day)] + [(date(2020, 1, 1), 9, 500.0)], first, last, CHINA
    )  # fmt: skip
    assert usual.per_h(1, 9) == 10
    assert usual.per_h(6, 9) == 0
    whole = lambda day: usual.expected(local(f"{day} 00:00"), local(f"{day} 23:59"), CHINA)  # noqa: E731
    assert whole("2024-09-29") == pytest.approx(10)  # a Sunday that was worked
    assert whole("2024-10-02") == 0  # a Wednesday that was not
    assert usual.expected(local("2024-10-14 09:30"), local("2024-10-14 12:30"), CHINA) == pytest.approx(5)


def test_usual_of_an_hour_never_watched_is_the_mean_of_what_was() -> None:
    usual = usual_of([(date(2024, 10, 14), 9, 24.0)], date(2024, 10, 14), date(2024, 10, 14), CHINA)
    assert usual.per_h(3, 9) == 1.0
    assert math.isnan(usual_of([], date(2024, 10, 14), date(2024, 10, 13), CHINA).per_h(0, 0))


def test_a_deadline_is_counted_in_working_hours() -> None:
    due = local("2024-10-08 10:00")  # the first morning after the holidays
    assert deadline(due, local("2024-09-30 10:00"), CHINA, 4).standing == "far"
    assert deadline(due, local("2024-10-04 10:00"), CHINA, 4) == deadline(
        due, local("2024-10-07 10:00"), CHINA, 4
    )
    near = deadline(due, local("2024-10-04 10:00"), CHINA, 4)
    assert (near.standing, near.hours_left) == ("near", 1.0)


def test_past_is_past_even_on_a_holiday() -> None:
    due = local("2024-09-30 17:00")
    late = deadline(due, local("2024-10-05 12:00"), CHINA, 4)
    assert (late.standing, late.hours_left) == ("past", 0.0)
    assert deadline(due, local("2024-10-08 12:00"), CHINA, 4).hours_left == -3.0


def test_an_area_is_judged_by_how_many_are_past() -> None:
    now = local("2024-10-08 12:00")
    told = [deadline(now + timedelta(hours=h), now, CHINA, 4) for h in (-2, -1, 2, 200)]
    found = pressing(told)
    assert (found.near, found.past, found.latest_h) == (1, 2, 2.0)
    assert Limits.from_dict(DEFAULTS["ticket_deadline", "*"]).level(found.past) is None
    assert pressing([]).past == 0
