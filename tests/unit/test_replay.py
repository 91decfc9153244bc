"""What would have been raised is what stepping through every value raises."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from geodata.rules import replay
from geodata.rules.defaults import DEFAULTS
from geodata.rules.levels import Holding, Limits, Watch, step
from geodata.rules.replay import Series
from geodata.rules.rise import RiseNumbers, RiseWatch, step as rise_step

START = datetime(2026, 10, 1, tzinfo=UTC)
LIMITS = Limits(10, 20, 30, 40)
HOLDING = Holding(120, 0.8, 300, 1800)


def series_of(values: np.ndarray, apart_s: float = 60) -> Series:
    return Series("x", [START + timedelta(seconds=apart_s * n) for n in range(len(values))], values)


@pytest.mark.parametrize("seed", range(8))
def test_passing_over_calm_stretches_changes_nothing(seed: int) -> None:
    rng = np.random.default_rng(seed)
    values = np.abs(np.convolve(rng.normal(0, 12, 1200), np.ones(9) / 3, "same"))
    series = series_of(values)
    watch, raised, cleared = Watch(), 0, 0
    for at, value in zip(series.at, values.tolist(), strict=True):
        watch, change = step(watch, value, at, LIMITS, HOLDING)
        raised += change == "raised"
        cleared += change == "cleared"
    holding = Holding(120, 0.8, 300, 0)
    found = replay.of_level(series, LIMITS, holding)
    assert raised > 3
    assert len(found) == raised
    assert sum(each.ended_at is not None for each in found) == cleared


def test_what_returns_in_time_is_one_alert() -> None:
    values = np.array([0.0] * 3 + [35] * 5 + [0] * 10 + [35] * 5 + [0] * 60 + [15] * 5 + [0] * 10)
    found = replay.of_level(series_of(values), LIMITS, HOLDING)
    assert [(each.level, each.worst) for each in found] == [("warning", 35.0), ("notice", 15.0)]


def test_falling_limits_count_downwards() -> None:
    values = np.array([5.0] * 5 + [1.5] * 5 + [5.0] * 20)
    [found] = replay.of_level(series_of(values), Limits(4, 3, 2, 1), HOLDING)
    assert (found.level, found.worst) == ("warning", 1.5)


def test_a_rise_is_found_where_the_judge_finds_it() -> None:
    told = DEFAULTS["crowd_rise", "*"]
    numbers, holding = RiseNumbers.from_dict(told), Holding.from_dict(told)
    limits = Limits(0.4, 0.7, 1.0, 2.0)
    values = np.concatenate(
        [np.full(120, 0.05), np.linspace(0.3, 2.2, 20), np.linspace(2.2, 0.05, 40), np.full(60, 0.05)]
    )
    series = series_of(values)
    state, raised = RiseWatch(), []
    for at, value in zip(series.at, values.tolist(), strict=True):
        state, change, _ = rise_step(state, value, at, limits=limits, numbers=numbers, holding=holding)
        raised += [at] if change == "raised" else []
    found = replay.of_rise(series, limits, numbers, holding)
    assert raised
    assert [each.began_at for each in found] == raised[:1]


def test_gaps_are_silences() -> None:
    heard = [START + timedelta(minutes=n) for n in (0, 1, 2, 10, 11)]
    found = replay.of_gaps(
        "f", heard, START + timedelta(minutes=40), interval_s=60, intervals=Limits(3, 6, 20), least_s=60
    )
    assert [(each.level, each.worst, each.ended_at is None) for each in found] == [
        ("watch", 480.0, False), ("warning", 1740.0, True)]  # fmt: skip
