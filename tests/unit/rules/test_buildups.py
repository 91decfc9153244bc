"""The promise about crowds, kept on a small scale: early warnings, few in vain. The bench keeps it on a large one."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from geodata.rules.levels import Holding
from tests.benchmarks import buildups
from tests.benchmarks.buildups import PLACES, Desk, build_ups, false_alarms, play, quiet_days

SEED = 41


def test_a_warning_comes_five_minutes_before_danger_in_nineteen_of_twenty() -> None:
    leads = [play(story, SEED + at).either for at, story in enumerate(build_ups(SEED, 200))]
    assert np.mean(np.array(leads) >= 5.0) >= 0.95


def test_quiet_days_stay_quiet() -> None:
    places, days = PLACES[::4], 7
    raised = sum(sum(false_alarms(place, days, SEED + at)) for at, place in enumerate(places))
    assert raised / len(places) / (days / 7) <= 1.0


def test_the_simulation_can_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rules that wait a quarter of an hour miss the promise, and rules without any patience cry wolf."""
    patient = Holding(hold_s=900, release_share=0.8, release_s=300, reopen_s=0)
    fresh = Desk.of

    def slow(place, rise_told=None):
        desk = fresh(place, rise_told)
        desk.holding = desk.rise_holding = patient
        return desk

    monkeypatch.setattr(Desk, "of", staticmethod(slow))
    leads = [play(story, SEED + at).either for at, story in enumerate(build_ups(SEED, 60))]
    assert np.mean(np.array(leads) >= 5.0) < 0.95

    def low(place, rise_told=None):
        desk = fresh(place, rise_told)
        desk.limits, desk.holding = desk.limits.scaled(0.4), replace(patient, hold_s=0, release_s=0)
        return desk

    monkeypatch.setattr(Desk, "of", staticmethod(low))
    assert sum(false_alarms(PLACES[0], 3, SEED)) / (3 / 7) > 1.0


def test_a_build_up_is_what_it_says() -> None:
    for story in build_ups(SEED, 60):
        danger = story.place.limits.danger
        assert story.truth(story.danger_min) >= danger
        assert story.truth(story.danger_min - 0.5) < danger
        assert 10 < story.danger_min - 20 < 66
        assert story.truth(0.0) < story.place.limits.warning
    rng = np.random.default_rng(SEED)
    told = list(buildups.ticks(lambda _: 1.0, 600.0, rng))
    values = np.array([value for _, value in told])
    assert 0.9 <= values.min() < 0.91
    assert 1.09 < values.max() <= 1.1
    assert 480 < len(told) < 560  # one in ten is missing


def test_quiet_days_have_a_rhythm_and_a_weekend() -> None:
    days = quiet_days(PLACES[0], 14, np.random.default_rng(SEED)).reshape(14, -1)
    assert days[:, 15 * 60].mean() > 5 * days[:, 3 * 60].mean()
    assert days[[5, 6, 12, 13]].max(axis=1).mean() > 1.1 * days[[0, 1, 2, 3, 4]].max(axis=1).mean()
    assert days.max() < PLACES[0].limits.warning * 1.1
