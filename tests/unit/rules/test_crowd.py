"""Density by true area, places, touching cells against plain H3, trend and minutes to the next level."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import h3
import numpy as np
import pytest
import shapely
from h3.api import basic_int
from hypothesis import given, settings, strategies as some

from geodata.rules.crowd import fit, judge, minutes_to, minutes_to_next, touching, trend
from geodata.rules.fruin import limits_of
from geodata.rules.levels import Limits
from geodata.space.crowd_ground import NOWHERE, Ground, Place, arrange, ground_of, neighbour_table, outline
from tests.benchmarks.bench_crowd import grouped

CENTRE = basic_int.latlng_to_cell(31.3115, 120.6215, 11)
CELLS = np.array(sorted(basic_int.grid_disk(CENTRE, 12)), np.int64)
T0 = datetime(2026, 11, 22, tzinfo=UTC)
LIMITS = limits_of("walking")


def plain(places: dict[str, list[int]] | None = None, share: float = 1.0) -> Ground:
    """A ground without geometry: the same share everywhere, places by cells."""
    place = np.full(len(CELLS), NOWHERE, np.int32)
    for at, cells in enumerate((places or {}).values()):
        place[np.searchsorted(CELLS, sorted(cells))] = at
    return arrange(CELLS, np.full(len(CELLS), share), place, tuple(places or ()))


def people(told: dict[int, float], rest: float = 0.0) -> np.ndarray:
    found = np.full(len(CELLS), rest, np.float32)
    for cell, heads in told.items():
        found[np.searchsorted(CELLS, cell)] = heads
    return found


def test_density_uses_the_cells_true_area_and_what_can_be_walked_on() -> None:
    ground = plain({"square": [CENTRE]}, share=0.5)
    judged = judge(ground, people({CENTRE: 800}), [LIMITS])
    metres = h3.cell_area(h3.int_to_str(CENTRE), unit="m^2") * 0.5
    assert judged.places[0].density_per_m2 == pytest.approx(800 / metres)
    assert metres < 0.5 * 0.85 * h3.average_hexagon_area(
        11, unit="m^2"
    )  # the world's mean would be far off here
    assert judged.places[0].level == LIMITS.level(800 / metres)


def test_what_was_not_told_is_no_zero() -> None:
    one, other = sorted(basic_int.grid_disk(CENTRE, 1))[:2]
    ground = plain({"square": [one, other], "lane": [int(CELLS[0])]})
    judged = judge(ground, people({one: 100}, rest=np.nan), [LIMITS, LIMITS])
    square, lane = judged.places
    assert square.density_per_m2 == pytest.approx(100 / ground.area_m2[np.searchsorted(CELLS, one)])
    assert square.told_share == pytest.approx(0.5, abs=0.01)
    assert np.isnan(lane.people)
    assert np.isnan(lane.density_per_m2)
    assert lane.level is None
    assert lane.told_share == 0


def test_a_place_tells_its_people_and_its_densest_cell() -> None:
    ring = sorted(basic_int.grid_disk(CENTRE, 1))
    judged = judge(plain({"square": ring}), people({**dict.fromkeys(ring, 10), ring[3]: 500}), [LIMITS])
    assert judged.places[0].people == 560
    assert judged.places[0].peak_cell == ring[3]
    assert judged.places[0].peak_per_m2 > judged.places[0].density_per_m2


def test_each_cell_is_judged_by_the_limits_of_its_place() -> None:
    """The same density is a crowd in a street and none in a queue: the two scales are never mixed."""
    walk, queue = int(CELLS[0]), int(CELLS[-1])
    ground = plain({"street": [walk], "gate": [queue]})
    heads = 0.8 * ground.area_m2.mean()
    judged = judge(ground, people({walk: heads, queue: heads}), [limits_of("walking"), limits_of("queue")])
    assert [place.level for place in judged.places] == ["watch", None]
    assert [crowd.cells.tolist() for crowd in judged.crowds] == [[walk]]


def test_cells_of_no_place_are_judged_by_the_limits_for_elsewhere_only() -> None:
    told = people({CENTRE: 5000})
    assert judge(plain(), told, []).crowds == []
    crowds = judge(plain(), told, [], LIMITS).crowds
    assert [(crowd.place, crowd.level) for crowd in crowds] == [(None, "danger")]


def test_a_level_that_is_not_set_counts_as_passed_when_the_next_is() -> None:
    judged = judge(plain({"square": [CENTRE]}), people({CENTRE: 5000}), [Limits(warning=1.0)])
    assert judged.level[np.searchsorted(CELLS, CENTRE)] == 3
    assert judged.crowds[0].level == "warning"


@settings(max_examples=60)
@given(seed=some.integers(0, 10_000), share=some.floats(0.0, 0.7))
def test_touching_hot_cells_are_what_walking_from_neighbour_to_neighbour_finds(
    seed: int, share: float
) -> None:
    hot = np.random.default_rng(seed).random(len(CELLS)) < share
    judged = judge(GROUND, np.where(hot, 9e4, 0).astype(np.float32), [], LIMITS)
    expected = grouped(set(CELLS[hot].tolist()))
    assert sorted(crowd.cells.tolist() for crowd in judged.crowds) == sorted(map(sorted, expected))
    assert [crowd.people for crowd in judged.crowds] == sorted(
        (crowd.people for crowd in judged.crowds), reverse=True
    )
    assert all(crowd.peak_cell in crowd.cells for crowd in judged.crowds)


GROUND = plain()


def test_a_crowd_belongs_to_the_place_that_has_most_of_it() -> None:
    ring = sorted(basic_int.grid_disk(CENTRE, 1))
    ground = plain({"a": ring[:2], "b": ring[2:4]})
    heads = dict.fromkeys(ring, 4000.0) | {ring[0]: 2500.0, ring[2]: 9000.0}
    heads |= dict.fromkeys(ring[4:], 2000.0)
    (crowd,) = judge(ground, people(heads), [LIMITS, LIMITS], LIMITS).crowds
    assert crowd.place == "b"
    assert crowd.people == sum(heads.values())
    assert crowd.peak_cell == ring[2]


def test_neighbours_at_the_edge_of_a_grid_and_around_a_pentagon() -> None:
    pentagon = next(iter(basic_int.get_pentagons(5)))
    cells = np.array(sorted(basic_int.grid_disk(pentagon, 1)), np.int64)
    table = neighbour_table(cells)
    row = int(np.searchsorted(cells, pentagon))
    assert sorted(table[row].tolist()) == sorted([NOWHERE, *(x for x in range(len(cells)) if x != row)])
    assert (neighbour_table(cells[:1]) == NOWHERE).all()
    assert touching(GROUND, np.array([0])).tolist() == [0]


def test_an_outline_is_the_ground_of_its_cells() -> None:
    ring = np.array([cell for cell in basic_int.grid_disk(CENTRE, 1) if cell != CENTRE], np.int64)
    shape = outline(ring)
    lat, lon = basic_int.cell_to_latlng(CENTRE)
    assert len(shape.interiors) == 1  # the empty middle stays empty
    assert not shape.contains(shapely.Point(lon, lat))
    apart = outline(np.array([CELLS[0], CELLS[-1]]))
    assert apart.geom_type == "MultiPolygon"
    assert apart.is_valid


def test_ground_takes_water_off_and_gives_each_cell_to_the_place_that_has_most_of_it() -> None:
    lat, lon = basic_int.cell_to_latlng(CENTRE)
    west, east = (
        shapely.box(lon - 0.002, lat - 0.002, lon, lat + 0.002),
        shapely.box(lon, lat - 0.002, lon + 0.002, lat + 0.002),
    )
    canal = shapely.box(lon - 0.003, lat + 0.001, lon + 0.003, lat + 0.003)
    ground = ground_of(CELLS, [Place("west", west, 0.4), Place("east", east, 0.8)], [canal], off_places=0.25)
    here = lambda x, y: int(np.searchsorted(CELLS, basic_int.latlng_to_cell(y, x, 11)))  # noqa: E731
    assert ground.place[here(lon - 0.001, lat)] == 0
    assert ground.place[here(lon + 0.001, lat)] == 1
    assert ground.walkable_share[here(lon - 0.001, lat - 0.0005)] == pytest.approx(0.4)
    assert ground.walkable_share[here(lon + 0.001, lat - 0.0005)] == pytest.approx(0.8)
    assert ground.walkable_share[here(lon, lat - 0.0035)] == pytest.approx(0.25)
    assert ground.walkable_share[here(lon, lat + 0.002)] == pytest.approx(
        0.05
    )  # never less: positions scatter
    assert ground.walkable_of("west") == pytest.approx(ground.walkable_m2[ground.place == 0].sum())
    with pytest.raises(ValueError, match="ascend"):
        ground_of(CELLS[::-1], [], [])


def series(values: list[float], every_s: float = 60) -> list[tuple[datetime, float]]:
    return [(T0 + timedelta(seconds=every_s * at), value) for at, value in enumerate(values)]


@given(per_min=some.floats(-5, 5), start=some.floats(-50, 50))
def test_the_trend_of_a_straight_line_is_its_slope(per_min: float, start: float) -> None:
    told = series([start + per_min * minute for minute in range(9)])
    assert trend(told) == pytest.approx(per_min, abs=1e-9)
    line = fit(told)
    assert line is not None
    assert line.now == pytest.approx(start + per_min * 8, abs=1e-9)
    assert line.error_per_min == pytest.approx(0, abs=1e-9)


def test_a_trend_needs_enough_of_the_last_minutes() -> None:
    assert trend(series([1, 2, 3])) is None
    assert trend([]) is None
    assert trend(series([1, 2, np.nan, np.nan, 3])) is None
    assert trend(series([9, 9, 9, 9, 1, 2, 3, 4]), window_min=3.0) == pytest.approx(1.0)
    assert trend([(T0, 1.0)] * 5) is None


def test_minutes_to_the_next_level() -> None:
    assert minutes_to(1.0, 0.5, 2.0) == pytest.approx(2.0)
    assert minutes_to(2.5, 0.5, 2.0) == 0.0
    assert minutes_to(1.0, 0.0, 2.0) is None
    assert minutes_to(1.0, -1.0, 2.0) is None
    assert minutes_to(1.0, None, 2.0) is None
    assert minutes_to(np.nan, 1.0, 2.0) is None
    assert minutes_to_next(1.0, 0.5, Limits(0.5, 2.0, 3.0, 4.0), "notice") == ("watch", pytest.approx(2.0))
    assert minutes_to_next(5.0, 0.5, Limits(0.5, 2.0, 3.0, 4.0), "danger") is None
