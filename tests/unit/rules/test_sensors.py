"""Sensors: rate of change, the way gone from a datum, and silence."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, strategies as some

from geodata.rules import silence
from geodata.rules.defaults import DEFAULTS
from geodata.rules.levels import Holding, Limits, Watch
from geodata.rules.sensors import (
    Datum,
    Deviation,
    RateWatch,
    deviation,
    learn,
    limits_of,
    step_datum,
    step_rate,
)
from geodata.rules.silence import SilenceNumbers, silent_since

T0 = datetime(2026, 11, 22, tzinfo=UTC)
AT_ONCE = Holding(0, 0.8, 0, 0)
FEED = SilenceNumbers.from_dict(DEFAULTS["feed_silence", "*"])


def rates(values: list[float], limits: Limits, every_min: float = 5) -> tuple[RateWatch, list[float | None]]:
    state, seen = RateWatch(), []
    for at, value in enumerate(values):
        moment = T0 + timedelta(minutes=every_min * at)
        state, _, rate = step_rate(state, value, moment, limits_per_h=limits, window_min=60, holding=AT_ONCE)
        seen.append(rate)
    return state, seen


def test_a_sensor_keeps_its_own_limits() -> None:
    own = Limits(notice=9.0)
    assert limits_of(DEFAULTS["sensor_level", "tilt"], own) is own
    assert limits_of(DEFAULTS["sensor_level", "tilt"], Limits()).danger == 1.0
    assert limits_of(DEFAULTS["sensor_level", "water_quality"]).falling


def test_a_rate_is_told_in_units_an_hour_once_four_readings_are_there() -> None:
    state, seen = rates([3.0, 3.05, 3.10, 3.15, 3.20], Limits(0.1, 0.2, 0.3, 0.5))
    assert seen[:3] == [None, None, None]
    assert seen[3] == pytest.approx(0.6)
    assert state.watch.level == "danger"
    assert RateWatch.from_dict(json.loads(json.dumps(state.as_dict()))) == state


def test_a_fall_counts_like_a_rise_where_either_is_bad_and_alone_where_low_is() -> None:
    either, low_is_bad = Limits(0.1, 0.2, 0.3, 0.5), Limits(-0.1, -0.2, -0.3, -0.5)
    falling, rising = [3.0 - 0.05 * n for n in range(6)], [3.0 + 0.05 * n for n in range(6)]
    assert rates(falling, either)[0].watch.level == "danger"
    assert rates(falling, low_is_bad)[0].watch.level == "danger"
    assert rates(rising, low_is_bad)[0].watch.level is None


@given(warmth=some.floats(-20, 45), moved=some.floats(-5, 5), per_c=some.floats(-0.2, 0.2))
def test_the_temperatures_part_is_taken_off(warmth: float, moved: float, per_c: float) -> None:
    datum = Datum(10.0, 15.0, per_c)
    reading = 10.0 + moved + per_c * (warmth - 15.0)
    assert deviation(reading, datum, warmth).value == pytest.approx(moved, abs=1e-9)


def test_without_a_temperature_it_says_so() -> None:
    assert deviation(12.0, Datum(10.0, 15.0, 0.1)) == Deviation(2.0, corrected=False)
    assert deviation(12.0, Datum(10.0), 30.0) == Deviation(2.0, corrected=False)


def test_a_datum_is_learnt_with_its_temperature() -> None:
    rng = np.random.default_rng(5)
    warm = rng.uniform(5, 30, 60)
    told = 1.0 + 0.04 * (warm - 18) + rng.normal(0, 0.01, 60)
    told[:5] += 3.0  # a few wild readings move neither middle
    datum = learn(told.tolist(), warm.tolist())
    assert datum is not None
    assert datum.per_c == pytest.approx(0.04, abs=0.003)
    assert deviation(1.0 + 0.04 * (35 - 18), datum, 35.0).value == pytest.approx(0, abs=0.06)
    assert Datum.from_dict(json.loads(json.dumps(datum.as_dict()))) == datum
    assert learn(told[:10].tolist()) is None
    same = learn([1.0] * 30, [20.0] * 30)
    assert same == Datum(1.0)


def test_a_structure_that_moved_either_way_is_told() -> None:
    limits = Limits(2.0, 4.0, 7.0, 10.0)
    for reading in (15.0, 5.0):
        watch, change, moved = step_datum(
            Watch(), reading, T0, datum=Datum(10.0), limits=limits, holding=AT_ONCE
        )
        assert (watch.level, change, abs(moved.value)) == ("watch", "raised", 5.0)


def test_silence_grows_with_missed_intervals_and_ends_with_the_first_word() -> None:
    watch, levels = Watch(), []
    for minute in (1, 2, 3, 5, 30, 31):
        since = T0 if minute < 31 else T0 + timedelta(minutes=31)
        watch, change, seconds = silence.step(watch, since, T0 + timedelta(minutes=minute), 60, FEED)
        levels.append((watch.level, change, seconds))
    assert levels == [
        (None, "none", 60),
        ("notice", "raised", 120),
        ("watch", "grown", 180),
        ("warning", "grown", 300),
        ("danger", "grown", 1800),
        (None, "cleared", 0),
    ]


def test_a_fast_sender_is_given_some_seconds() -> None:
    after = lambda seconds: silence.step(Watch(), T0, T0 + timedelta(seconds=seconds), 1.0, FEED)[0].level  # noqa: E731
    assert after(20) is None
    assert after(31) == "danger"


def test_sensors_of_a_silent_feed_are_one_alert_not_hundreds() -> None:
    late = T0 + timedelta(hours=5)
    watch, change, _ = silence.step(Watch(), T0, late, 900, FEED, explained=True)
    assert (watch, change) == (Watch(), "none")


def test_a_feed_that_repeats_old_news_is_silent() -> None:
    old, new = T0 - timedelta(hours=1), T0
    assert silent_since(old, None) == old
    assert silent_since(old, new) == new
    assert silent_since(old, new, last_at=old) == old
