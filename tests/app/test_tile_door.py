"""Tiles answered below the web framework: the same rules as every door, and never older than the data."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import brotli
import pytest
from fastapi import FastAPI
from sqlalchemy import Engine, text
from starlette.testclient import TestClient

import app.http
from app.http.tile_door import TileDoor
from geodata.commands import accounts
from geodata.commands.facts import bump_data_version
from geodata.cube import shelf, upkeep
from geodata.profile import Profile
from geodata.store.cluster import Cluster
from geodata.store.settings import Settings
from tests.app.test_http_answers import WINDOW, address
from tests.db.town import town_database
from tests.mvt import decode

Knock = Callable[[str | None], TestClient]
ROADS = f"/tiles/roads/{address(12)}.mvt"
LARGE = f"/tiles/grid_cells/{address(13)}.mvt"
PROMISED_S = 2.0


@pytest.fixture(scope="module")
def changing(cluster: Cluster, gusu: Profile) -> Iterator[Engine]:
    """A town whose rows this file changes."""
    for engine in town_database(cluster, gusu, "town_that_changes"):
        with engine.begin() as c:
            accounts.add(c, "admin", "admin", None)
        yield engine


@pytest.fixture(scope="module")
def reader(changing: Engine, gusu: Profile, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    """Somebody who looks at that town."""
    application, settings = FastAPI(), Settings(home=tmp_path_factory.mktemp("changing"))
    app.http.install(application, changing, gusu, settings)
    upkeep.rebuild(changing, gusu, settings.cubes)
    shelf.put_up(changing, settings.cubes)
    with changing.begin() as c:
        token = accounts.make_token(c, "admin")
    with TestClient(
        app.http.with_tiles_below(application), headers={"Authorization": f"Bearer {token}"}
    ) as client:
        yield client
    shelf.take_down(changing)


@pytest.fixture
def passed_on(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Addresses of tiles that were not answered below the framework."""
    seen: list[str] = []
    found = TileDoor._found

    async def watched(self: TileDoor, scope: dict[str, str], told: dict[bytes, str]) -> object:
        ready = await found(self, scope, told)
        if ready is None:
            seen.append(scope["path"])
        return ready

    monkeypatch.setattr(TileDoor, "_found", watched)
    return seen


def test_a_tile_is_answered_below_the_framework_as_above_it(admin: TestClient, passed_on: list[str]) -> None:
    below = admin.get(ROADS)
    above = admin.get(ROADS + "?shape=")  # a question that the door leaves to those behind it
    assert passed_on == [ROADS]
    assert below.content == above.content
    apart = {"date", "content-length"}
    assert {k: v for k, v in below.headers.items() if k not in apart} == {
        k: v for k, v in above.headers.items() if k not in apart
    }


def test_each_reader_gets_the_encoding_they_take(admin: TestClient) -> None:
    with admin.stream("GET", LARGE, headers={"Accept-Encoding": "br"}) as packed:
        assert packed.headers["content-encoding"] == "br"
        body = b"".join(packed.iter_raw())
    plain = admin.get(LARGE, headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers
    assert brotli.decompress(body) == plain.content
    again = admin.get(LARGE, headers={"If-None-Match": plain.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_what_one_may_see_is_not_shown_to_another(
    admin: TestClient, knock: Knock, passed_on: list[str]
) -> None:
    path = f"/tiles/tickets/{address(13)}.mvt"
    assert admin.get(path, params=WINDOW).status_code == 200
    assert passed_on == []
    assert knock("screen").get(path, params=WINDOW).status_code == 403
    assert knock(None).get(path, params=WINDOW).status_code == 401
    heat = f"/tiles/ticket_heat/{address(12)}.mvt"
    whole, own = (
        sum(f.properties["count"] for f in decode(client.get(heat, params=WINDOW).content)["ticket_heat"])
        for client in (admin, knock("local"))
    )
    assert 0 < own < whole
    assert knock("local").get(heat, params=WINDOW | {"area": "1-1-0"}).status_code == 403


def test_a_session_that_ended_sees_no_tile(knock: Knock, new_password: Callable[[str], str]) -> None:
    browser = knock(None)
    browser.post("/sign-in", data={"name": "planner", "password": new_password("planner")})
    stolen = {"Cookie": f"yiping_session={browser.cookies['yiping_session']}"}
    assert knock(None).get(ROADS, headers=stolen).status_code == 200
    browser.post("/sign-out")
    assert knock(None).get(ROADS, headers=stolen).status_code == 401


@pytest.mark.parametrize("path", [
    "/tiles/roads/3/8/0.mvt", "/tiles/roads/40/0/0.mvt", "/tiles/roads/a/0/0.mvt", "/tiles/nothing/3/0/0.mvt", "/tiles/roads/3/0.mvt",
    "/tiles/roads/3/0/0.mvt?from=x", "/tiles/tickets/3/0/0.mvt?category=Z9", "/tiles/roads/²/0/0.mvt",
])  # fmt: skip
def test_what_means_nothing_is_refused_by_the_doors_behind(
    admin: TestClient, passed_on: list[str], path: str
) -> None:
    answer = admin.get(path)
    assert answer.status_code in (404, 422)
    assert answer.headers["content-type"] == "application/problem+json"
    assert len(passed_on) == 1


def test_a_change_in_the_data_is_on_the_tiles_within_two_seconds(
    reader: TestClient, changing: Engine
) -> None:
    at = f"/tiles/places/{address(15, 120.6253, 31.3258)}.mvt"
    heat = f"/tiles/ticket_heat/{address(15, 120.6253, 31.3258)}.mvt"
    single = f"/tiles/tickets/{address(17, 120.6253, 31.3258)}.mvt"

    def seen() -> tuple[set[str], int, int]:
        names = {f.properties["name"] for f in decode(reader.get(at).content).get("places", [])}
        cells = decode(reader.get(heat, params=WINDOW).content).get("ticket_heat", [])
        points = decode(reader.get(single, params=WINDOW).content).get("tickets", [])
        return names, sum(f.properties["count"] for f in cells), len(points)

    before = seen()
    with changing.begin() as c:
        c.execute(text("update places set name = '拙政园新门' where code = 'p1'"))
        c.execute(text("""
            insert into tickets (origin, number, source_id, family, category_id, received_at, state, geom, location_quality,
                                 area_id, hex_r9, hex_r10, hex_r11)
            select 'demo', 'fresh', source_id, family, category_id, timestamptz '2026-02-25 04:00+00', 'received',
                   ST_Point(120.6253, 31.3258, 4326), 'given', area_id, :r9, :r10, :r11
            from tickets where area_id is not null limit 1"""), cells_of_the_garden())  # fmt: skip
        bump_data_version(c)
    until = time.monotonic() + PROMISED_S
    wanted = ({"拙政园新门"}, before[1] + 1, before[2] + 1)
    while (now := seen()) != wanted and time.monotonic() < until:
        time.sleep(0.05)
    assert now == wanted


def cells_of_the_garden() -> dict[str, int]:
    """Where the new ticket is."""
    from geodata.space.hexes import cells_at_all  # noqa: PLC0415

    return {f"r{9 + at}": int(cells[0]) for at, cells in enumerate(cells_at_all([120.6253], [31.3258]))}  # type: ignore[arg-type]
