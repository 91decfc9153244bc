"""Hotspots on the chequered town: all cells of the ground, equal counts, narrower questions, lines that hold all tickets."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import h3.api.basic_int as h3
import numpy as np
import pytest
import shapely
from sqlalchemy import Connection, Engine, text

from geodata.errors import BadArgument, Refused
from geodata.profile import Profile
from geodata.queries.emerging import emerging, steps_of, usual_step_days
from geodata.queries.heat import cell_counts
from geodata.queries.road_density import network_of, on_lixels, road_density
from geodata.queries.significance import significance
from geodata.queries.study_ground import study_ground
from geodata.rules.hotspots.emerging import KEYS
from geodata.rules.hotspots.getis_ord import gi_star
from geodata.rules.hotspots.network_density import density
from geodata.rules.hotspots.significance import GI_KEYS
from geodata.space.hexes import areas_m2
from geodata.types import Question

WHOLE = (date(2025, 11, 2), date(2026, 3, 1))


@pytest.fixture
def q(gusu: Profile) -> Question:
    return Question(gusu.window(*WHOLE))


def test_the_ground_is_every_cell_that_touches_the_district(
    c: Connection, gusu: Profile, q: Question
) -> None:
    ground = study_ground(c, gusu, q, 9)
    box = shapely.box(*gusu.bbox)
    known = set(ground.cells.tolist())
    assert known == {
        cell for cell in h3.polygon_to_cells(h3.LatLngPoly([(lat, lon) for lon, lat in shapely.buffer(box, 0.02).exterior.coords]), 9)
        if shapely.intersects(box, shapely.Polygon([(lon, lat) for lat, lon in h3.cell_to_boundary(cell)]))
    }  # fmt: skip
    told = c.execute(text("select area_km2 from areas where level = 'district'")).scalar_one()
    assert ground.inside_m2.sum() / 1e6 == pytest.approx(told, rel=0.003)


def test_zeros_count_and_no_ticket_is_lost(c: Connection, gusu: Profile, q: Question) -> None:
    found, counted = significance(c, gusu, q, 9), cell_counts(c, gusu, q, 9)
    assert found.total + found.outside == counted.counts.sum()
    assert len(found.cells) > len(counted.cells)
    ground = study_ground(c, gusu, q, 9)
    counts, _ = ground.counted(counted.cells, counted.counts)
    assert np.allclose(found.values, gi_star(counts, ground.w))


def test_the_towns_clusters_stand_out_with_a_word_for_each(c: Connection, gusu: Profile, q: Question) -> None:
    found = significance(c, gusu, q, 9)
    assert found.number_of("hot_99") + found.number_of("hot_95") > 5
    hot = np.isin(found.classes, [GI_KEYS.index("hot_95"), GI_KEYS.index("hot_99")])
    assert (found.values[hot] > 0).all()
    assert (found.q[hot] <= 0.05).all()
    assert len(found.keys) == len(found.labels) == len(found.readings) == 7
    ground = study_ground(c, gusu, q, 9)
    partly = ground.inside_m2 < 0.95 * areas_m2(ground.cells)
    assert partly.any()
    assert (found.classes[partly | (ground.w @ partly.astype(float) > 0)] >= found.neutral).all()
    assert "六边形" in found.reading.zh
    assert "hexagons" in found.reading.en


def test_a_narrower_question_has_a_smaller_ground(c: Connection, gusu: Profile, q: Question) -> None:
    whole = study_ground(c, gusu, q, 9)
    one = study_ground(c, gusu, replace(q, area="1-0-0"), 9)
    two = study_ground(c, gusu, replace(q, areas=("1-0-0", "1-0-1")), 9)
    assert set(one.cells.tolist()) < set(two.cells.tolist()) < set(whole.cells.tolist())
    box = shapely.box(120.59, 31.30, 120.60, 31.31)
    shaped = study_ground(c, gusu, replace(q, shape=box.wkt), 9)
    assert 0 < len(shaped.cells) < 30
    tiny = study_ground(c, gusu, replace(q, shape=shapely.buffer(shapely.Point(120.6, 31.3), 1e-4).wkt), 9)
    assert 1 <= len(tiny.cells) <= 3
    with pytest.raises(Refused, match="in common"):
        study_ground(c, gusu, replace(q, shape=shapely.box(0, 0, 1, 1).wkt), 9)
    local = significance(c, gusu, replace(q, area="1-0-0"), 9)
    assert set(local.cells.tolist()) == set(one.cells.tolist())


def test_against_all_tickets_and_area(c: Connection, gusu: Profile, q: Question) -> None:
    one = replace(q, categories=("H1",))
    assert significance(c, gusu, one, 9, exposure="tickets").number_of("hot_99") <= significance(
        c, gusu, one, 9
    ).number_of("hot_99")
    assert np.isfinite(significance(c, gusu, one, 9, exposure="area").values).all()
    assert significance(c, gusu, one, 9, method="moran").keys[-1] == "high_high"
    with pytest.raises(BadArgument, match="category"):
        significance(c, gusu, q, 9, exposure="tickets")
    with pytest.raises(Refused, match="raster"):
        significance(c, gusu, q, 9, exposure="population")


def test_fewer_than_five_tickets_say_nothing(c: Connection, gusu: Profile, q: Question) -> None:
    none = significance(c, gusu, replace(q, window=gusu.window(date(2020, 1, 1), date(2020, 1, 2))), 9)
    assert none.total == 0
    assert (none.classes == none.neutral).all()
    assert np.isnan(none.q).all()


def test_steps_end_with_the_window(gusu: Profile, q: Question) -> None:
    steps = steps_of(q, 7)
    assert len(steps) == 17  # 120 days
    assert steps[-1].window.last == WHOLE[1]
    assert all(step.window.days == 7 for step in steps)
    assert steps[0].window.first == date(2025, 11, 3)
    with pytest.raises(BadArgument, match="8 to 120 steps"):
        steps_of(q, 30)
    assert (usual_step_days(120), usual_step_days(30), usual_step_days(9)) == (7, 3, 1)


def test_lasting_clusters_are_classed(c: Connection, gusu: Profile, q: Question) -> None:
    found = emerging(c, gusu, q, 9, step_days=14)
    assert found.keys == KEYS
    assert found.trend_z is not None
    hot = sum(found.number_of(key) for key in KEYS if key.endswith("_hot"))
    assert hot > 0
    counted = sum(cell_counts(c, gusu, step, 9).counts.sum() for step in steps_of(q, 14))
    assert found.total + found.outside == counted


def test_tickets_along_roads_are_all_on_lines(town: Engine, gusu: Profile, q: Question) -> None:
    with town.connect() as c:
        c.execute(
            text("""update tickets set road_id = (select id from roads where code = 'r1'), road_offset_m = 2000 + id % 40
                    where id % 3 = 0 and geom is not null and not is_default_point""")
        )
        found = road_density(c, gusu, q)
        counted = cell_counts(c, gusu, q, 9).counts.sum()
        c.rollback()
    assert found.total + found.off_road == counted
    assert found.total > 1000
    assert found.classes.max() == len(found.limits) - 1
    assert all(line.geom_type == "LineString" for line in found.lines)
    middle = shapely.centroid(found.lines[np.argmax(found.per_100m)])
    assert middle.y == pytest.approx(31.28 + 2020 / 111_000, abs=0.002)


def test_a_crossing_joins_roads_and_offsets_find_their_lixel() -> None:
    along, across = shapely.LineString([(0, 0), (90, 0)]), shapely.LineString([(30, -60), (30, 60)])
    parts = shapely.MultiLineString([[(200, 0), (230, 0)], [(300, 0), (345, 0)]])
    roads = network_of([7, 9, 11], np.array([along, across, parts], object), 15.0)
    assert [len(edges) for edges in np.split(roads.edges, np.flatnonzero(np.diff(roads.edge_part)) + 1)] == [
        2,
        2,
        1,
        1,
    ]
    tickets = on_lixels(
        roads, np.array([7, 7, 9, 11, 11, 99]), np.array([10.0, 50.0, 119.0, 29.0, 31.0, 5.0])
    )
    # 90 m: lixels 0–1, then 2–5; 120 m: 6–9, 10–13; the parts: 14–15, 16–18
    assert np.flatnonzero(tickets).tolist() == [0, 3, 13, 15, 16]
    spread = density(roads.network, tickets, onward=roads.onward)
    assert (spread * roads.network.length_m).sum() == pytest.approx(5.0)
    only = np.zeros(len(tickets))
    only[1] = 1  # next to the crossing: the other three arms share
    arms = density(roads.network, only, bandwidth_m=30.0, onward=roads.onward)
    assert arms[2] == pytest.approx(arms[9]) == pytest.approx(arms[10])
    assert arms[14:].sum() == 0
