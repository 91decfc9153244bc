"""A team's own account: it answers its own dispatches, and no other door opens to it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute
from sqlalchemy import Engine
from starlette.testclient import TestClient

import app.http
from app.http.hub import Hub
from app.pages import admin, inbox, shift, wall_fragments
from geodata.commands import accounts, dispatch, incidents
from geodata.errors import BadArgument
from geodata.profile import Profile
from geodata.queries.responsible import team as team_of
from geodata.store.cluster import Cluster
from geodata.store.notices import happened_after
from geodata.store.settings import Settings
from tests.db.response_town import CELL, account_of, centre, response_town

Knock = Callable[[str], TestClient]
OWN = {"/inbox", "/fragments/inbox", "/api/inbox", "/api/me", "/events", "/sign-out", "/sign-in", "/healthz"}
PAGES = (inbox.router, shift.router, admin.router, wall_fragments.router)
PHONE = {"accept": "text/html"}


@pytest.fixture
def town(cluster: Cluster, gusu: Profile) -> Iterator[Engine]:
    """The town of the response; the drone and the medical team have accounts of their own."""
    for engine in response_town(cluster, gusu, "town_of_teams"):
        with engine.begin() as c:
            accounts.add(c, "drone", "team", teams=["near_drone"])
            accounts.add(c, "medics", "team", teams=["far_medical"])
        yield engine


@pytest.fixture
def site(town: Engine, gusu: Profile, tmp_path: Path) -> FastAPI:
    """Every door, and the plain pages."""
    doors = FastAPI(docs_url=None, redoc_url=None)
    app.http.install(doors, town, gusu, Settings(home=tmp_path))
    for router in PAGES:
        doors.include_router(router)
    return doors


@pytest.fixture
def knock(site: FastAPI, town: Engine) -> Knock:
    def client(name: str) -> TestClient:
        with town.begin() as c:
            token = accounts.make_token(c, name)
        return TestClient(site, headers={"Authorization": f"Bearer {token}"}, follow_redirects=False)

    return client


@pytest.fixture
def sent(town: Engine, gusu: Profile) -> dict[str, int]:
    """An incident to which the drone, the medics and a team without an account were sent; keys of the dispatches."""
    with town.begin() as c:
        chief, (lon, lat) = account_of(c, "chief"), centre(c, CELL)
        made = incidents.open_at_point(c, gusu, chief, kind="fire", title="碧凤坊火情", lon=lon, lat=lat)
        keys = {row.code: row.id for row in c.exec_driver_sql("select code, id from teams")}
        return {
            code: dispatch.send(c, gusu, chief, made.id, keys[code], f"任务 {code}").id
            for code in ("near_drone", "far_medical")
        }


def test_a_team_reads_and_answers_its_own_dispatches_only(knock: Knock, sent: dict[str, int]) -> None:
    phone = knock("drone")
    page = phone.get("/fragments/inbox").text
    assert "任务 near_drone" in page
    assert "任务 far_medical" not in page
    assert re.search(r'href="geo:31\.\d+,120\.\d+"', page)
    assert "/command" not in page
    told = phone.get("/api/inbox").json()["dispatches"]
    assert [(row["id"], row["state"]) for row in told] == [(sent["near_drone"], "delivered")]
    for move in ("accept", "arrive", "done"):
        assert phone.post(f"/api/dispatches/{sent['near_drone']}/{move}", json={}).status_code == 200
        other = phone.post(f"/api/dispatches/{sent['far_medical']}/{move}", json={})
        assert other.status_code == 403
    assert phone.post(f"/api/dispatches/{sent['far_medical']}/refuse", json={"why": "x"}).status_code == 403


def test_no_other_door_opens_to_a_team(site: FastAPI, knock: Knock, sent: dict[str, int]) -> None:
    phone, tried = knock("drone"), 0
    listed = [(method, path) for path, about in site.openapi()["paths"].items() for method in about]
    pages = [("get", page.path) for router in PAGES for page in router.routes if isinstance(page, APIRoute)]
    for method, path in (*listed, *pages):
        if path in OWN or path.startswith(("/api/dispatches/", "/api/ingest/")):
            continue  # those below ingest open to feeds' tokens alone
        here = re.sub(r"\{[^}]+\}", "1", path)
        answer = phone.request(method, here, headers={"accept": "application/json"})
        assert answer.status_code == 403, (method, here, answer.text)
        tried += 1
    assert tried > 60
    led = phone.get("/command", headers=PHONE)
    assert (led.status_code, led.headers["location"]) == (303, "/inbox")
    assert phone.get("/api/ingest/readings").status_code in {403, 405}
    assert phone.get("/inbox", headers=PHONE).status_code == 200


def test_a_team_hears_of_its_own_dispatches_only(town: Engine, sent: dict[str, int]) -> None:
    hub = Hub(town)
    with town.connect() as c:
        told, drone = happened_after(c, 0, limit=100), account_of(c, "drone")
    known = [(one.kind, one.subject_id) for one in told if hub.may_know(drone, one)]
    assert known == [("dispatch", sent["near_drone"])]
    assert len(told) > 2


def test_the_desk_answers_for_a_team_whose_account_may_not_sign_in(
    town: Engine, knock: Knock, sent: dict[str, int]
) -> None:
    def desk() -> set[str]:
        return {row["team_code"] for row in knock("chief").get("/api/inbox").json()["dispatches"]}

    assert desk() == set()
    with town.begin() as c:
        accounts.disable(c, "drone")
    assert desk() == {"near_drone"}


def test_an_account_of_a_team_names_one_that_nobody_reads_for(town: Engine) -> None:
    for role, teams, said in (
        ("team", [], "names its team"), ("planner", ["far_police"], "names its team"),
        ("team", ["nowhere"], "no team with the code"), ("team", ["near_drone"], "go to the account “drone”"),
    ):  # fmt: skip
        with pytest.raises(BadArgument, match=said), town.begin() as c:
            accounts.add(c, "another", role, teams=teams)
    with town.begin() as c:
        accounts.disable(c, "drone")
        accounts.add(c, "another", "team", teams=["near_drone"])
        key = c.exec_driver_sql("select id from teams where code = 'near_drone'").scalar_one()
        assert team_of(c, key)["account_id"] == account_of(c, "another").id
