"""What the demo's sensors measure."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from etl.demo.sensors import Kind, keyed, readings

NOW = datetime(2026, 3, 31, 7, 0, tzinfo=UTC)


@pytest.mark.parametrize(("kind", "keys"), keyed(), ids=[kind.key for kind, _ in keyed()])
def test_a_longer_stretch_only_adds(kind: Kind, keys: np.ndarray) -> None:
    week = readings(kind, keys, 5, NOW - timedelta(days=7), NOW)
    day = readings(kind, keys, 5, NOW - timedelta(hours=8), NOW)  # begins just before local midnight
    count = len(day[0])
    assert count == 8 * 3600 // kind.interval_s
    assert np.array_equal(week[0][-count:], day[0])
    assert np.array_equal(week[1][:, -count:], day[1])
    assert np.array_equal(week[2][:, -count:], day[2])
    assert day[0][-1] <= NOW.timestamp() < day[0][-1] + kind.interval_s


@pytest.mark.parametrize(("kind", "keys"), keyed(), ids=[kind.key for kind, _ in keyed()])
def test_most_readings_are_normal_and_some_pass_a_threshold(kind: Kind, keys: np.ndarray) -> None:
    _, values, arrived = readings(kind, keys, 5, NOW - timedelta(days=7), NOW)
    notice = kind.thresholds[0]
    beyond = values <= notice if kind.falling else values >= notice
    assert 0.001 < beyond.mean() < 0.06
    assert beyond.any(axis=1).mean() > 0.04
    assert 0.95 < arrived.mean() < 0.999
    assert np.isfinite(values).all()


def test_six_hundred_sensors_of_six_kinds_with_keys_of_their_own() -> None:
    keys = np.concatenate([keys for _, keys in keyed()])
    assert keys.tolist() == list(range(1, 601))
    assert len(keyed()) == 6
