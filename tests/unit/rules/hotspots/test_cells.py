"""Local statistics on cells agree with PySAL where the definitions do, and with counting by hand."""

from __future__ import annotations

import time
import warnings

import h3.api.basic_int as h3
import numpy as np
import pytest
from esda.getisord import G_Local
from esda.moran import Moran_Local, Moran_Local_Rate
from esda.smoothing import assuncao_rate
from libpysal.weights import W

from geodata.rules.hotspots import exposure
from geodata.rules.hotspots.false_discovery import benjamini_hochberg, benjamini_yekutieli
from geodata.rules.hotspots.getis_ord import gi, gi_star, window_sizes
from geodata.rules.hotspots.local_moran import local_moran
from geodata.rules.hotspots.neighbours import _by_disks, neighbours
from geodata.rules.hotspots.permutation import dealt_sums, permuted_p
from geodata.rules.hotspots.significance import judge

HERE = (31.318, 120.596)


def disk(rings: int, resolution: int = 10) -> np.ndarray:
    return np.array(sorted(h3.grid_disk(h3.latlng_to_cell(*HERE, resolution), rings)), np.int64)


@pytest.fixture(scope="module")
def cells() -> np.ndarray:
    """A ragged patch of 600 cells: some neighbours are missing."""
    rng = np.random.default_rng(3)
    whole = disk(15)
    return np.sort(rng.choice(whole, 600, replace=False))


@pytest.fixture(scope="module")
def counts(cells: np.ndarray) -> np.ndarray:
    rng = np.random.default_rng(4)
    return rng.poisson(rng.gamma(0.6, 2.0, len(cells))).astype(float)


@pytest.fixture(scope="module")
def exposed(cells: np.ndarray) -> np.ndarray:
    return np.random.default_rng(5).gamma(2.0, 40.0, len(cells)) + 1


def pysal(w: object) -> W:
    rows = w.tolil().rows  # type: ignore[attr-defined]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return W({i: list(map(int, row)) for i, row in enumerate(rows)}, silence_warnings=True)


@pytest.mark.parametrize("rings", [1, 2, 3])
def test_neighbours_are_those_h3_names(cells: np.ndarray, rings: int) -> None:
    w = neighbours(cells, rings)
    known = set(cells.tolist())
    for row in range(0, len(cells), 37):
        near = {x for x in h3.grid_disk(int(cells[row]), rings) if x in known} - {int(cells[row])}
        assert set(cells[w.indices[w.indptr[row] : w.indptr[row + 1]]].tolist()) == near
    assert (w != w.T).nnz == 0


def test_neighbours_hold_round_a_pentagon_and_over_the_edges_of_faces() -> None:
    pentagon = next(iter(h3.get_pentagons(5)))
    around = np.array(sorted(h3.grid_disk(pentagon, 6)), np.int64)
    w = neighbours(around)
    assert np.diff(w.indptr)[around == pentagon] == 5
    rng = np.random.default_rng(1)
    for lat, lon in zip(
        np.degrees(np.arcsin(rng.uniform(-1, 1, 40))), rng.uniform(-180, 180, 40), strict=True
    ):
        some = np.array(sorted(h3.grid_disk(h3.latlng_to_cell(lat, lon, 4), 5)), np.int64)
        told = _by_disks(some, 1)
        assert np.array_equal(np.diff(neighbours(some).indptr), (told >= 0).sum(axis=1))


def test_gi_and_gi_star_equal_pysal(cells: np.ndarray, counts: np.ndarray) -> None:
    w = neighbours(cells)
    assert (np.diff(w.indptr) > 0).all()
    for star, ours in ((False, gi(counts, w)), (True, gi_star(counts, w))):
        told = G_Local(counts, pysal(w), transform="B", star=star, permutations=0).Zs
        assert np.abs(ours - told).max() < 1e-9


def test_local_moran_equals_pysal(cells: np.ndarray, counts: np.ndarray) -> None:
    w = neighbours(cells)
    ours, told = local_moran(counts, w), Moran_Local(counts, pysal(w), permutations=0)
    assert np.abs(ours.i - told.Is).max() < 1e-9
    assert (ours.quadrant == told.q).all()


def test_rates_equal_pysal(cells: np.ndarray, counts: np.ndarray, exposed: np.ndarray) -> None:
    w = neighbours(cells)
    rates = exposure.eb_rates(counts, exposed)
    assert np.abs(rates - assuncao_rate(counts, exposed)).max() < 1e-9
    told = Moran_Local_Rate(counts, exposed, pysal(w), permutations=0)
    assert np.abs(local_moran(rates, w).i - told.Is).max() < 1e-9


def test_permuted_p_is_that_of_dealing_the_other_values_anew(cells: np.ndarray, counts: np.ndarray) -> None:
    w = neighbours(cells)
    found = local_moran(counts, w)
    ours = found.p(seed=1, draws=19_999)
    rng = np.random.default_rng(2)
    for cell in range(0, len(cells), 60):  # by hand, as Anselin says it: the cell keeps its value
        others = np.delete(found.z, cell)
        sums = np.array(
            [rng.choice(others, int(found.sizes[cell]), replace=False).sum() for _ in range(1500)]
        )
        above, below = (
            (sums >= found.lag_sums[cell] - 1e-9).mean(),
            (sums <= found.lag_sums[cell] + 1e-9).mean(),
        )
        assert ours[cell] == pytest.approx(min(1.0, 2 * min(above, below)), abs=0.08)


def test_an_island_and_an_even_map_say_nothing(cells: np.ndarray) -> None:
    w = neighbours(cells[:1])
    assert gi_star(np.array([4.0]), w).tolist() == [0.0]
    even, everywhere = np.ones(len(cells)), neighbours(cells)
    assert not gi_star(even, everywhere).any()
    assert not gi(even, everywhere).any()
    assert not local_moran(even, everywhere).i.any()


def test_draws_are_without_replacement() -> None:
    sums = dealt_sums(np.array([1.0, 10.0, 100.0]), 3, 500, np.random.default_rng(0))
    assert (sums[:, 2] == 111).all()
    assert set(sums[:, 1].tolist()) == {11.0, 101.0, 110.0}
    assert np.isclose(np.bincount((sums[:, 1] // 50).astype(int))[0] / 500, 1 / 3, atol=0.08)


def test_permuted_p_is_the_share_of_draws_as_extreme() -> None:
    x = np.array([0.0] * 9 + [1.0])
    p = permuted_p(x, np.array([1.0, 0.0]), np.array([1.0, 1.0]), seed=0)
    assert p[0] == pytest.approx(0.2, abs=0.01)  # one draw in ten is as high, twice for two sides
    assert p[1] == 1.0


def test_benjamini_hochberg_by_hand() -> None:
    q = benjamini_hochberg(np.array([0.01, np.nan, 0.04, 0.03, 0.005]))
    assert np.allclose(q[[0, 2, 3, 4]], [0.02, 0.04, 0.04, 0.02])
    assert np.isnan(q[1])
    assert np.allclose(benjamini_yekutieli(np.array([0.01, 0.02])), np.array([0.02, 0.02]) * 1.5)


def test_without_differences_in_exposure_the_offset_has_the_numerator_of_gi_star(
    cells: np.ndarray, counts: np.ndarray
) -> None:
    w = neighbours(cells)
    found = exposure.offset_gi_star(counts, np.full(len(cells), 7.0), w)
    excess = w @ counts + counts - found.expected
    assert np.allclose(excess, w @ counts + counts - (window_sizes(w) + 1) * counts.mean())
    assert found.spread > 0


def test_counts_as_their_exposure_makes_them_are_no_finding(cells: np.ndarray) -> None:
    rng = np.random.default_rng(8)
    people, w, told = rng.gamma(1.0, 100.0, len(cells)), neighbours(cells), 0
    for _ in range(20):
        found = exposure.offset_gi_star(rng.poisson(people / 20).astype(float), people, w)
        told += bool((benjamini_hochberg(found.p) <= 0.05).any())
    assert told <= 3


def test_an_exposure_that_is_a_count_is_trusted_less() -> None:
    sums, few = np.array([2.0] * 60 + [8.0]), np.full(61, 2.0)
    sure, unsure = (exposure.judged(sums, few, 1.0, counted=counted).p[-1] for counted in (False, True))
    assert sure < 0.01 < unsure


def test_a_district_is_judged_in_time() -> None:
    rng = np.random.default_rng(6)
    for rings, resolution, most_s in ((48, 10, 1.0), (129, 11, 5.0)):
        cells = disk(rings, resolution)
        x = rng.poisson(0.5, len(cells)).astype(float)
        began = time.process_time()  # one thread: its own time, whoever shares the core
        w = neighbours(cells)
        assert judge(x, w).values.std() > 0
        judge(x, w, "moran")
        assert time.process_time() - began < most_s, len(cells)
