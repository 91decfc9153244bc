"""Tiles hold what SQL counts, once each, with the attributes the map reads."""

from __future__ import annotations

import math
from collections import Counter
from datetime import date
from functools import cache

import pytest
from sqlalchemy import Connection, text

from geodata.profile import Profile
from geodata.queries import tiles
from geodata.queries.heat import cell_counts, heat
from geodata.queries.relations import relation
from geodata.queries.sources import Shapes, Tiles, named
from geodata.queries.tiles import TileAddress, heat_resolution, tile
from geodata.types import Question
from layers import discover
from tests.mvt import Feature, decode

WHOLE = (date(2025, 11, 2), date(2026, 3, 1))


def addresses(profile: Profile, zoom: int) -> list[TileAddress]:
    """Tiles of a zoom over the district, by the formula of the slippy map."""

    def at(lon: float, lat: float) -> tuple[int, int]:
        return (int((lon + 180) / 360 * 2**zoom),
                int((1 - math.log(math.tan(math.radians(lat)) + 1 / math.cos(math.radians(lat))) / math.pi) / 2 * 2**zoom))  # fmt: skip

    west, north = at(profile.bbox.west, profile.bbox.north)
    east, south = at(profile.bbox.east, profile.bbox.south)
    return [TileAddress(zoom, x, y) for x in range(west - 1, east + 2) for y in range(north - 1, south + 2)]


def drawn(
    c: Connection, profile: Profile, key: str, zoom: int, q: Question | None = None
) -> dict[str, list[Feature]]:
    """All features of all tiles of a zoom, by layer of the tile."""
    found: dict[str, list[Feature]] = {}
    asked = q or Question(profile.window(*WHOLE))
    counts = cache(lambda resolution: cell_counts(c, profile, asked, resolution))
    for at in addresses(profile, zoom):
        body = tile(c, profile, key, discover()[key].source, at=at, q=asked, counts=counts)  # type: ignore[arg-type]
        for name, features in decode(body).items():
            found.setdefault(name, []).extend(features)
    return found


@pytest.mark.parametrize("zoom", [10, 11, 12, 13, 14])
def test_ticket_clusters_of_a_zoom_add_up(c: Connection, gusu: Profile, zoom: int) -> None:
    wanted = c.execute(
        text("select count(*) from tickets where geom is not null and not is_default_point")
    ).scalar_one()
    assert sum(f.properties["count"] for f in drawn(c, gusu, "tickets", zoom)["tickets"]) == wanted > 5000


def test_ticket_clusters_follow_the_question(c: Connection, gusu: Profile) -> None:
    q = Question(gusu.window(date(2026, 1, 1), date(2026, 1, 31)), ("C1",), "1-1-2")
    wanted = sum(cell.count for cell in heat(c, gusu, q, None, 9))
    assert sum(f.properties["count"] for f in drawn(c, gusu, "tickets", 13, q)["tickets"]) == wanted > 0


@pytest.mark.parametrize("zoom", [9, 12, 15])
def test_camera_clusters_of_a_zoom_add_up(c: Connection, gusu: Profile, zoom: int) -> None:
    patches = drawn(c, gusu, "cameras", zoom)["cameras"]
    online = c.execute(text("select count(*) from cameras where state = 'online'")).scalar_one()
    assert sum(f.properties["count"] for f in patches) == 900
    assert sum(f.properties["online"] for f in patches) == online > 0


def test_single_points_carry_what_the_map_reads(c: Connection, gusu: Profile) -> None:
    ids = {f.properties["id"] for f in drawn(c, gusu, "tickets", 15)["tickets"]}
    wanted = set(
        c.execute(text("select id from tickets where geom is not null and not is_default_point")).scalars()
    )
    assert ids == wanted  # a point near an edge stands in both tiles, under one key
    one = drawn(c, gusu, "tickets", 15, Question(gusu.window(WHOLE[1], WHOLE[1])))["tickets"][0]
    assert set(one.properties) == {"id", "number", "category", "state"}
    assert one.id == one.properties["id"]
    camera = drawn(c, gusu, "cameras", 16)["cameras"][0]
    assert {"code", "name", "kind", "state"} <= set(camera.properties)


def test_a_crowd_of_points_is_drawn_as_numbers_that_add_up(
    c: Connection, gusu: Profile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tiles, "MOST_SINGLE", 0)
    wanted = c.execute(
        text("select count(*) from tickets where geom is not null and not is_default_point")
    ).scalar_one()
    assert sum(f.properties["count"] for f in drawn(c, gusu, "tickets", 15)["tickets"]) == wanted


def test_heat_tiles_draw_each_cell_with_its_count(c: Connection, gusu: Profile) -> None:
    q = Question(gusu.window(*WHOLE), area="1-0-0")
    for zoom in (12, 14, 15):
        told = {
            f.properties["cell"]: f.properties["count"]
            for f in drawn(c, gusu, "ticket_heat", zoom, q)["ticket_heat"]
        }
        assert told == {cell.cell: cell.count for cell in heat(c, gusu, q, None, heat_resolution(zoom))}


@pytest.mark.parametrize(
    ("key", "number"), [("districts", 1), ("subdistricts", 8), ("communities", 192), ("grid_cells", 1536)]
)
def test_every_area_is_drawn_and_labelled_once(c: Connection, gusu: Profile, key: str, number: int) -> None:
    found = drawn(c, gusu, key, 13)
    assert len({f.properties["code"] for f in found[key]}) == number
    labels = Counter(f.properties["code"] for f in found[f"{key}_labels"])
    assert len(labels) == number
    assert {f.kind for f in found[f"{key}_labels"]} == {1}
    assert max(labels.values()) <= 2  # twice only where a label lies on the very edge of a tile


def test_lesser_roads_wait_for_nearer_zooms(c: Connection, gusu: Profile) -> None:
    assert {f.properties["class"] for f in drawn(c, gusu, "roads", 11)["roads"]} == {"primary"}
    assert {f.properties["class"] for f in drawn(c, gusu, "roads", 14)["roads"]} == {"primary"}
    near = drawn(c, gusu, "roads", 15)["roads"]
    assert {f.properties["name"] for f in near} == {"人民路", "平江路"}


def test_nothing_there_is_empty_bytes(c: Connection, gusu: Profile) -> None:
    for key in ("grid_cells", "tickets", "cameras", "ticket_heat", "roads"):
        source = discover()[key].source
        assert tile(c, gusu, key, source, at=TileAddress(14, 0, 0), q=Question(gusu.window(*WHOLE))) == b""  # type: ignore[arg-type]


@pytest.mark.parametrize("source", [
    Shapes("accounts", named("name")),
    Shapes("areas", named("password_hash")),
    Shapes("areas", {'x" from accounts --': "name"}),
    Tiles("cameras", named("name"), where={"name' or true --": "x"}),
])  # fmt: skip
def test_only_known_names_reach_sql(source: Shapes | Tiles) -> None:
    with pytest.raises(ValueError, match=r"not a table|no column|cannot be an attribute"):
        relation(source)
