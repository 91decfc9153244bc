"""Each class of the emerging hot spots by its rule, the trend against pymannkendall, and a cube with something in it."""

from __future__ import annotations

import h3.api.basic_int as h3
import numpy as np
import pymannkendall
import pytest

from geodata.rules.hotspots.emerging import KEYS, classes_of, emerging
from geodata.rules.hotspots.mann_kendall import mann_kendall, trend_p
from geodata.rules.hotspots.neighbours import neighbours

UP, FLAT, DOWN = 2.5, 0.0, -2.5
SERIES = {  # ten steps: h hot, c cold, . neither
    "new": ("." * 9 + "h", FLAT),
    "consecutive": (".......hhh", FLAT),
    "intensifying": (".hhhhhhhhh", UP),
    "persistent": ("hhhhhhhhhh", FLAT),
    "diminishing": ("hhhhh.hhhh", DOWN),
    "sporadic": (".h..hh...h", FLAT),
    "oscillating": (".h..cc...h", FLAT),
    "historical": ("hhhhhhhhh.", UP),
    "none": ("hhh.hhh...", UP),
}


def classed(series: str, trend: float) -> str:
    hot, cold = (np.array([[letter == wanted for letter in series]]) for wanted in "hc")
    return KEYS[classes_of(hot, cold, np.array([trend]))[0]]


@pytest.mark.parametrize("name", SERIES)
def test_a_series_has_its_class(name: str) -> None:
    series, trend = SERIES[name]
    assert classed(series, trend) == (f"{name}_hot" if name != "none" else "none")
    mirrored = series.translate(str.maketrans("hc", "ch"))
    assert classed(mirrored, -trend) == (f"{name}_cold" if name != "none" else "none")


@pytest.mark.parametrize(
    ("series", "trend", "name"),
    [
        ("........hh", FLAT, "consecutive_hot"),
        ("hhhhhhhh.h", FLAT, "persistent_hot"),  # nine of ten are mostly
        ("hhhhhhh..h", FLAT, "sporadic_hot"),  # eight are not
        (".....hh.hh", FLAT, "sporadic_hot"),  # the run was broken
        ("c.....hhhh", FLAT, "consecutive_hot"),  # an unbroken run, whatever was cold before
        ("cccccccccc", UP, "diminishing_cold"),
        ("." * 10, UP, "none"),
    ],
)
def test_the_borders_of_the_rules(series: str, trend: float, name: str) -> None:
    assert classed(series, trend) == name


def test_no_series_fits_two_classes_and_none_is_lost() -> None:
    rng = np.random.default_rng(2)
    letters = rng.choice(3, (4000, 12), p=[0.3, 0.6, 0.1])
    letters[:2000] = np.where(rng.random((2000, 12)) < 0.93, 1, letters[:2000])
    trend = rng.normal(0, 2, 4000)
    found = classes_of(letters == 1, letters == 2, trend)
    last_hot = letters[:, -1] == 1
    hot = (found >= 1) & (found <= 8)
    assert hot[last_hot].all()  # a cell hot now always has a hot class
    assert (found[~hot & (letters[:, -1] == 2)] >= 9).all()


def test_the_trend_is_pymannkendalls() -> None:
    rng = np.random.default_rng(1)
    series = np.vstack(
        [rng.poisson(2, (30, 14)), np.arange(14)[None] // 3, np.zeros((1, 14)), rng.poisson(0.2, (20, 14))]
    )
    ours = mann_kendall(series.astype(float))
    for row, z in zip(series, ours, strict=True):
        told = pymannkendall.original_test(row)
        assert z == pytest.approx(told.z, abs=1e-9)
        assert trend_p(np.array([z]))[0] == pytest.approx(told.p, abs=1e-9)


def town(rings: int = 9) -> tuple[np.ndarray, object, int]:
    centre = h3.latlng_to_cell(31.318, 120.596, 9)
    cells = np.array(sorted(h3.grid_disk(centre, rings)), np.int64)
    return cells, neighbours(cells), int(np.searchsorted(cells, centre))


def test_a_burst_in_the_last_step_is_new_and_a_lasting_one_persistent() -> None:
    cells, w, centre = town()
    rng = np.random.default_rng(5)
    for steps, name in (
        (slice(11, 12), "new_hot"),
        (slice(0, 12), "persistent_hot"),
        (slice(9, 12), "consecutive_hot"),
    ):
        counts = rng.poisson(1.0, (len(cells), 12)).astype(float)
        counts[centre, steps] += 25
        found = emerging(counts, w)
        assert KEYS[found.classes[centre]] == name
        assert found.z[centre] > 3
        assert (found.classes > 0).sum() <= 12  # the neighbours share its window


def test_what_the_exposure_explains_is_not_hot() -> None:
    cells, w, centre = town()
    rng = np.random.default_rng(6)
    people = np.full((len(cells), 12), 50.0)
    people[centre] = 1500.0
    counts = rng.poisson(people / 50).astype(float)
    assert KEYS[emerging(counts, w).classes[centre]] == "persistent_hot"
    assert KEYS[emerging(counts, w, exposure=people).classes[centre]] == "none"
