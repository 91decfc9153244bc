"""Fruin's two scales, and the limits of a place made of them."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, strategies as some

from geodata.rules.defaults import DEFAULTS, numbers_of
from geodata.rules.fruin import (
    LEAST_FT2,
    SERVICES,
    bounded,
    density_from,
    limits_of,
    limits_of_place,
    service,
)
from geodata.rules.levels import Holding, Limits
from geodata.rules.rise import RiseNumbers
from geodata.rules.silence import SilenceNumbers
from geodata.rules.tickets import BurstNumbers
from geodata.store.schema.rules import RULES

# Square metres a person as the handbooks reprint them, rounded (HCM for walking; TCQSM for queues).
WALKING_M2 = (3.25, 2.32, 1.39, 0.93, 0.46)
QUEUE_M2 = (1.21, 0.93, 0.65, 0.28, 0.19)


@pytest.mark.parametrize(("mode", "printed"), [("walking", WALKING_M2), ("queue", QUEUE_M2)])
def test_the_scales_are_the_printed_ones(mode, printed) -> None:
    ours = [1 / density_from(mode, step) for step in SERVICES[1:]]
    assert ours == pytest.approx(printed, abs=0.005)


@given(one=some.floats(0, 20), other=some.floats(0, 20), mode=some.sampled_from(sorted(LEAST_FT2)))
def test_denser_is_never_better(one, other, mode) -> None:
    low, high = sorted((one, other))
    assert service(mode, low) <= service(mode, high)


def test_the_scales_are_not_mixed() -> None:
    assert service("walking", 1.6) == "E"
    assert service("queue", 1.6) == "D"
    assert service("queue", math.nan) is None
    walking, queue = limits_of("walking"), limits_of("queue")
    assert walking.danger < queue.danger
    assert walking.danger == pytest.approx(2.153, abs=0.001)
    assert queue.danger == pytest.approx(3.588, abs=0.001)


@given(capacity=some.floats(1, 1e6), walkable=some.floats(1, 1e6), mode=some.sampled_from(sorted(LEAST_FT2)))
def test_danger_is_never_later_than_at_capacity_nor_than_the_scale_says(capacity, walkable, mode) -> None:
    limits, scale = limits_of_place(mode, capacity, walkable), limits_of(mode)
    assert limits.danger == pytest.approx(min(scale.danger, capacity / walkable))
    told = [limit for _, limit in limits.set_ones()]
    assert told == sorted(told)
    assert limits.warning / limits.danger == pytest.approx(scale.warning / scale.danger)


def test_limits_without_danger_are_left_alone() -> None:
    assert bounded(Limits(notice=1.0), 10, 10_000) == Limits(notice=1.0)


def test_every_shipped_number_can_be_read_by_its_rule() -> None:
    assert {rule for rule, _ in DEFAULTS} == set(RULES)
    for (rule, _), numbers in DEFAULTS.items():
        assert Limits.from_dict(numbers).set_ones()
        assert numbers["unit"]
        if rule.startswith(("crowd", "sensor")) and rule != "sensor_silence":
            Holding.from_dict(numbers)
        readers = {"crowd_rise": RiseNumbers, "ticket_burst": BurstNumbers}
        readers |= {"sensor_silence": SilenceNumbers, "feed_silence": SilenceNumbers}
        if rule in readers:
            readers[rule].from_dict(numbers)
        if rule == "sensor_rate":
            assert numbers["window_min"] > 0
    assert numbers_of("crowd_rise", "guanqian") == DEFAULTS["crowd_rise", "*"]
    assert numbers_of("sensor_level", "no_such_kind") is None


def test_noise_of_ten_percent_cannot_flap_what_is_shipped_for_crowds() -> None:
    for subject in ("walking", "queue", "*"):
        assert DEFAULTS["crowd_density", subject]["release_share"] < 0.9 / 1.1
