"""Crowds as they are read: the newest tick, a drill over it, sums by resolution, suppression, places with their trend."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, datetime, timedelta

import h3.api.basic_int as h3
import numpy as np
import pytest
from sqlalchemy import Connection, Engine, text

from app.http.crowd_memory import CrowdMemory
from geodata.profile import Profile
from geodata.queries import crowd, crowd_tiles, live_layers
from geodata.queries.tiles import TileAddress
from geodata.space.hexes import centres
from tests.db.crowd_town import MARKET, lay_crowds, series, tick
from tests.mvt import Feature, decode

Reading = Callable[[], AbstractContextManager[Connection]]


@pytest.fixture
def c(empty_db: Engine) -> Connection:
    with empty_db.begin() as connection:
        yield connection


def tile_at(zoom: int, place: tuple[float, float]) -> TileAddress:
    n = 2**zoom
    y = (1 - np.arcsinh(np.tan(np.radians(place[1]))) / np.pi) / 2
    return TileAddress(zoom, int((place[0] + 180) / 360 * n), int(y * n))


def same(c: Connection) -> Reading:
    """A way to read that is the connection of the test, which has not committed."""
    return lambda: nullcontext(c)


def drawn(c: Connection, gusu: Profile, at: TileAddress, area: str | None = None) -> list[Feature]:
    body = CrowdMemory().tile(same(c), gusu, crowd.newest(c), area, at)
    return decode(body)["crowd"] if body else []


def test_without_a_feed_nothing_is_drawn(c: Connection, gusu: Profile) -> None:
    assert drawn(c, gusu, tile_at(15, MARKET)) == []


def test_people_are_summed_to_coarser_cells_and_density_is_over_true_walkable_ground(
    c: Connection, gusu: Profile
) -> None:
    town = lay_crowds(c)
    people = np.full(len(town.cells), 20.0)
    people[3] = np.nan
    tick(c, town, people)
    memory, stamps = CrowdMemory(), crowd.newest(c)
    fine, coarse = (memory.picture(same(c), gusu, stamps, None, resolution) for resolution in (11, 9))
    assert len(fine.cells) == len(town.cells)
    assert coarse.people.sum() == pytest.approx(np.nansum(people))
    assert {h3.cell_to_parent(int(cell), 9) for cell in town.cells} == set(coarse.cells.tolist())
    ground = memory.ground(same(c), town.grid_id)
    lot = int(coarse.cells[len(coarse.cells) // 2])
    below = [i for i, cell in enumerate(town.cells.tolist()) if h3.cell_to_parent(cell, 9) == lot and i != 3]
    assert coarse.density_per_m2[len(coarse.cells) // 2] == pytest.approx(
        20.0 * len(below) / ground.walkable_m2[below].sum()
    )


def test_a_tile_holds_each_cell_with_its_people_and_level(c: Connection, gusu: Profile) -> None:
    town = lay_crowds(c)
    people = np.full(len(town.cells), 8.0)
    lon, lat = centres(town.cells)
    middle = int(np.argmin((lon - MARKET[0]) ** 2 + (lat - MARKET[1]) ** 2))
    people[middle] = 4000.0
    tick(c, town, people)
    found = {f.properties["cell"]: f for f in drawn(c, gusu, tile_at(15, MARKET))}
    hot = found[h3.int_to_str(int(town.cells[middle]))]
    assert (hot.properties["people"], hot.properties["level"]) == (4000, "danger")
    assert len(hot.points) == 6
    others = [f for f in found.values() if f is not hot]
    assert others
    assert all(f.properties["people"] == 8 and "level" not in f.properties for f in others)


def test_outlines_turn_as_the_specification_wants(c: Connection, gusu: Profile) -> None:
    town = lay_crowds(c)
    tick(c, town, np.full(len(town.cells), 8.0))
    for f in drawn(c, gusu, tile_at(15, MARKET)):
        x, y = np.array(f.points).T
        assert np.dot(x, np.roll(y, -1)) - np.dot(np.roll(x, -1), y) > 0


def test_few_people_in_a_small_cell_are_drawn_without_their_number(c: Connection, gusu: Profile) -> None:
    town = lay_crowds(c)
    tick(c, town, np.full(len(town.cells), 4.0))
    small = drawn(c, gusu, tile_at(15, MARKET))
    assert small
    assert all(set(f.properties) == {"cell"} for f in small)
    assert all("people" in f.properties for f in drawn(c, gusu, tile_at(10, MARKET)))


def test_what_was_not_told_is_not_drawn_and_not_zero(c: Connection, gusu: Profile) -> None:
    town = lay_crowds(c)
    tick(c, town, np.full(len(town.cells), np.nan))
    assert drawn(c, gusu, tile_at(15, MARKET)) == []
    picture = CrowdMemory().picture(same(c), gusu, crowd.newest(c), None, 9)
    assert np.isnan(picture.people).all()


def test_a_running_drill_lies_over_the_true_tick_until_it_ends(c: Connection, gusu: Profile) -> None:
    town = lay_crowds(c)
    tick(c, town, np.full(len(town.cells), 10.0))
    played = lay_crowds(c, drill=True, key="heat_drill")
    over = np.full(len(town.cells), np.nan)
    over[:5] = 99.0
    tick(c, played, over)
    stamps = crowd.newest(c)
    assert stamps.drill is not None
    assert CrowdMemory().told(same(c), stamps).people.tolist() == [99.0] * 5 + [10.0] * (len(town.cells) - 5)
    c.execute(text("update drills set state = 'ended', ended_at = now()"))
    assert crowd.newest(c).drill is None


def test_an_area_sees_only_its_own_cells(c: Connection, gusu: Profile) -> None:
    c.execute(
        text("""insert into areas (scheme, level, code, name, valid_from, area_km2, geom)
                select 'grid', 'subdistrict', 'E', '东', date '2020-01-01', 6, ST_Multi(ST_MakeEnvelope(120.61, 31.30, 120.63, 31.33, 4326))""")
    )
    town = lay_crowds(c)
    tick(c, town, np.full(len(town.cells), 10.0))
    memory, stamps = CrowdMemory(), crowd.newest(c)
    own = memory.picture(same(c), gusu, stamps, "E", 11)
    lon, _ = centres(own.cells[~np.isnan(own.people)])
    assert len(lon)
    assert lon.min() > 120.61
    assert len(lon) < len(own.cells)
    assert not np.isnan(memory.picture(same(c), gusu, stamps, gusu.code, 11).people).any()


def test_a_place_has_its_trend_and_the_minutes_to_its_next_level(c: Connection, gusu: Profile) -> None:
    town = lay_crowds(c)
    at = tick(c, town, np.full(len(town.cells), 10.0))
    series(c, "market", [0.10, 0.12, 0.14, 0.16, 0.18, 0.20], last=at)
    market, garden = crowd.places(c, gusu, None, crowd.newest(c))
    assert (market.code, market.people, market.level) == ("market", 100.0, None)
    assert market.trend_per_min == pytest.approx(0.02, rel=0.01)
    notice = crowd.limits_by_place(c)["market"].limit("notice")
    assert notice is not None
    assert market.minutes_to_next == pytest.approx((notice - 0.20) / 0.02, rel=0.05)
    assert (garden.people, garden.level, garden.fullness) == (None, None, None)


def test_a_feed_that_stops_is_said_since_when(c: Connection) -> None:
    town = lay_crowds(c)
    now = datetime.now(UTC)
    at = tick(c, town, np.full(len(town.cells), 10.0), now - timedelta(minutes=10))
    assert crowd.newest(c).true is not None
    assert crowd.newest(c).true.stale_since(now) == at  # type: ignore[union-attr]
    assert crowd.newest(c).true.stale_since(at + timedelta(minutes=2)) is None  # type: ignore[union-attr]
    c.execute(text("update feeds set last_at = :at, last_batch_at = :at"), {"at": at})
    assert live_layers.states(c, now)["crowd"] == live_layers.LayerState(at, at)
    c.execute(text("update feeds set last_batch_at = :now"), {"now": now})
    assert live_layers.states(c, now)["crowd"].stale_since is None
    assert live_layers.states(c, now)["sensors"] == live_layers.LayerState(None, None)


def test_parents_are_those_of_the_library() -> None:
    cells = np.array(sorted(h3.grid_disk(h3.latlng_to_cell(31.3, 120.6, 11), 20)), np.int64)
    for resolution in (10, 9):
        assert crowd_tiles.parents(cells, resolution).tolist() == [
            h3.cell_to_parent(cell, resolution) for cell in cells.tolist()
        ]
