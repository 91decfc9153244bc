"""Scales that fit what is compared."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from hypothesis import given, strategies as st

from geodata.rules.comparison import diverging_scale, nice, rate_scale, year_before

NUMBERS = st.lists(st.integers(-500, 500) | st.floats(-1e6, 1e6), max_size=60)


@given(NUMBERS)
def test_more_and_fewer_are_told_alike(values: list[float]) -> None:
    """Turning all differences round turns the classes round: no side looks worse than it is."""
    scale = diverging_scale(values)
    assert scale.limits == tuple(sorted(scale.limits))
    turned = diverging_scale([-value for value in values])
    assert scale.classes == turned.classes <= 7
    middle = scale.classes // 2
    classes, mirrored = scale.class_of(values) - middle, scale.class_of([-value for value in values]) - middle
    assert (classes == -mirrored).all()
    assert all(np.sign(of) in (0, np.sign(value)) for of, value in zip(classes, values, strict=True))


def test_one_odd_cell_does_not_make_all_others_calm() -> None:
    values = [*range(-20, 21), 4000]
    scale = diverging_scale(values)
    assert scale.classes == 7
    assert set(scale.class_of(values)) == set(range(7))
    assert max(scale.limits) <= 20


def test_missing_has_no_class() -> None:
    assert diverging_scale([1.0, np.nan, -3.0]).class_of([np.nan]).tolist() == [-1]
    assert diverging_scale([]).classes == 1
    assert rate_scale([0.0, 0.0]).class_of([0.0, np.nan]).tolist() == [0, -1]


@given(st.lists(st.floats(0.001, 1e6), min_size=1, max_size=80))
def test_rates_have_fewer_cells_the_higher_the_class(values: list[float]) -> None:
    scale = rate_scale(values)
    assert not scale.diverging
    assert len(scale.limits) == len(set(scale.limits)) <= 6
    assert all(limit == nice(limit) for limit in scale.limits)


@pytest.mark.parametrize(
    ("size", "told"), [(0.37, 0.4), (7.2, 8.0), (13, 15), (130, 150), (0.0012, 0.001), (95, 100), (0, 0)]
)
def test_limits_read_well(size: float, told: float) -> None:
    assert nice(size) == pytest.approx(told)


def test_the_day_of_the_year_before() -> None:
    assert year_before(date(2024, 2, 29)) == date(2023, 2, 28)
    assert year_before(date(2026, 11, 22)) == date(2025, 11, 22)
