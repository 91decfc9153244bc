"""A crowd that grows fast is told before it is dense."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings, strategies as some

from geodata.rules.crowd import Line
from geodata.rules.defaults import DEFAULTS
from geodata.rules.levels import Holding, Limits, rank
from geodata.rules.rise import RiseNumbers, RiseWatch, judge, step

T0 = datetime(2026, 11, 22, tzinfo=UTC)
LIMITS = Limits(0.43, 0.72, 1.08, 2.0)
SHIPPED = RiseNumbers.from_dict(DEFAULTS["crowd_rise", "*"])
HOLDING = Holding.from_dict(DEFAULTS["crowd_rise", "*"])


def play(told: list[float], state: RiseWatch | None = None) -> tuple[RiseWatch, list[str]]:
    state, seen = state or RiseWatch(), []
    for at, value in enumerate(told):
        moment = T0 + timedelta(minutes=at)
        state, change, _ = step(state, value, moment, limits=LIMITS, numbers=SHIPPED, holding=HOLDING)
        seen.append(change)
    return state, seen


def test_a_steep_growth_warns_long_before_danger() -> None:
    state, _ = play([0.3 + 0.1 * minute for minute in range(9)])  # 1.1 now, danger in nine minutes
    assert rank(state.watch.level) >= rank("warning")


def test_a_quiet_place_that_doubles_is_no_crowd() -> None:
    state, seen = play([0.05 + 0.05 * minute for minute in range(9)])
    assert state.watch.level is None
    assert set(seen) == {"none"}


def test_a_crowd_that_stands_still_is_not_rising() -> None:
    state, _ = play([1.5] * 15)
    assert state.watch.level is None


def test_a_rise_that_ends_is_cleared() -> None:
    state, seen = play([0.5 + 0.1 * minute for minute in range(10)] + [1.4] * 20)
    assert state.watch.level is None
    assert seen[-1] == "none"
    assert "cleared" in seen


def test_the_two_questions() -> None:
    fast = judge(Line(now=0.8, per_min=0.16, error_per_min=0.0), 2.0, SHIPPED)
    assert fast.share_per_min == pytest.approx(0.08)
    assert fast.minutes_to_danger == pytest.approx(7.5)
    assert fast.level == "warning"
    near = judge(Line(now=1.7, per_min=0.025, error_per_min=0.0), 2.0, SHIPPED)
    assert near.minutes_to_danger == pytest.approx(12.0)
    assert near.level == "warning"
    unsure = judge(Line(now=1.7, per_min=0.025, error_per_min=0.03), 2.0, SHIPPED)
    assert unsure.level is None
    far = judge(Line(now=1.0, per_min=0.02, error_per_min=0.0), 2.0, SHIPPED)
    assert far.level is None


@given(now=some.floats(0.7, 1.9), slow=some.floats(0, 0.3), more=some.floats(0, 0.3))
def test_a_steeper_rise_is_never_a_lower_level(now: float, slow: float, more: float) -> None:
    one, other = (judge(Line(now, slope, 0.0), 2.0, SHIPPED) for slope in (slow, slow + more))
    assert rank(one.level) <= rank(other.level)


@settings(max_examples=40)
@given(seed=some.integers(0, 999))
def test_noise_around_a_steady_crowd_raises_no_warning(seed: int) -> None:
    """Half of danger, ±10 %, for two hours: the certain part of the slope stays far from danger."""
    told = (1.0 * np.random.default_rng(seed).uniform(0.9, 1.1, 120)).tolist()
    state, levels = RiseWatch(), []
    for at, value in enumerate(told):
        moment = T0 + timedelta(minutes=at)
        state, _, _ = step(state, value, moment, limits=LIMITS, numbers=SHIPPED, holding=HOLDING)
        levels.append(rank(state.watch.level))
    assert sum(level >= rank("warning") for level in levels) <= 0.05 * len(levels)


def test_a_state_that_was_written_down_goes_on_as_if_it_had_not() -> None:
    told = [0.3 + 0.1 * minute for minute in range(9)]
    state, _ = play(told)
    kept = RiseWatch.from_dict(json.loads(json.dumps(state.as_dict())))
    assert kept == state
    assert len(state.points) <= SHIPPED.window_min + 1
    assert RiseWatch.from_dict({}) == RiseWatch()


def test_what_is_no_number_or_old_changes_nothing() -> None:
    state, _ = play([1.0] * 5)
    for value, at in ((np.nan, 9), (9.0, 4), (9.0, 1)):
        moment = T0 + timedelta(minutes=at)
        after = step(state, value, moment, limits=LIMITS, numbers=SHIPPED, holding=HOLDING)
        assert after == (state, "none", None)
