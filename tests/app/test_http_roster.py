"""The roster and the times of escalation: an administrator changes them, each change keeps its author, others may not."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import pytest
from fastapi import FastAPI
from sqlalchemy import Engine, text
from starlette.testclient import TestClient

import app.http
from app.pages import admin as admin_page
from geodata.commands import accounts
from geodata.commands.escalation import escalate_due
from geodata.commands.outbox import Outbox
from geodata.profile import Profile
from geodata.store.cluster import Cluster
from geodata.store.settings import Settings
from tests.db.response_town import INSIDE, raised, response_town

Knock = Callable[[str], TestClient]


@pytest.fixture
def town(cluster: Cluster, gusu: Profile) -> Iterator[Engine]:
    yield from response_town(cluster, gusu, "town_of_rosters")


@pytest.fixture
def knock(town: Engine, gusu: Profile, tmp_path_factory: pytest.TempPathFactory) -> Knock:
    doors = FastAPI()
    app.http.install(doors, town, gusu, Settings(home=tmp_path_factory.mktemp("roster")))
    doors.include_router(admin_page.router)

    def client(name: str) -> TestClient:
        with town.begin() as c:
            token = accounts.make_token(c, name)
        return TestClient(doors, headers={"Authorization": f"Bearer {token}"})

    return client


def soon(gusu: Profile, hours: float) -> str:
    """A moment of the district's clock, as the form writes it."""
    return (datetime.now(gusu.zone) + timedelta(hours=hours)).strftime("%Y-%m-%dT%H:%M")


def test_a_shift_is_put_on_and_taken_off_and_both_are_known(knock: Knock, gusu: Profile) -> None:
    chief, shift = knock("admin"), {"role": "deputy", "account": "here", "area_code": INSIDE}
    asked = shift | {"starts_at": soon(gusu, -1), "ends_at": soon(gusu, 3)}
    made = chief.post("/api/duty", json=asked)
    assert made.status_code == 201, made.text
    on = chief.get("/api/duty", params={"area": INSIDE}).json()["duty"]
    assert ("deputy", "here", INSIDE) in {(one["role"], one["account"], one["area_code"]) for one in on}
    assert chief.delete(f"/api/duty/{made.json()['id']}").status_code == 204
    assert chief.delete(f"/api/duty/{made.json()['id']}").status_code == 404
    changes = chief.get("/api/duty/changes").json()["changes"]
    assert [(one["move"], one["by"], one["role"], one["who"]) for one in changes] == [
        ("remove", "admin", "deputy", "here"), ("add", "admin", "deputy", "here"),
    ]  # fmt: skip
    page = chief.get("/fragments/admin").text
    assert "撤下值班副指挥长 here" in page


def test_what_cannot_be_a_shift_is_refused_in_a_sentence(knock: Knock, town: Engine, gusu: Profile) -> None:
    chief = knock("admin")
    with town.begin() as c:
        team = c.execute(text("select id from teams where code = 'near_police'")).scalar_one()
    span = {"starts_at": soon(gusu, 1), "ends_at": soon(gusu, 3)}
    for asked, said in (
        ({"role": "king", "account": "here"}, "role must be one of"),
        ({"role": "watch", "account": "nobody"}, "no such account"),
        ({"role": "watch", "account": "screen"}, "no such account"),
        ({"role": "watch", "team_id": team}, "goes to a team"),
        ({"role": "team", "team_id": 9**9}, "no such account or team"),
        ({"role": "watch", "account": "here", "area_code": "nowhere"}, "no area"),
        ({"role": "watch", "account": "here", "starts_at": "tomorrow"}, "is a moment like"),
        ({"role": "watch", "account": "here", "ends_at": soon(gusu, -2)}, "ends after it begins"),
        ({"role": "watch", "account": "here", "ends_at": soon(gusu, 24 * 60)}, "31 days"),
    ):
        answer = chief.post("/api/duty", json=span | asked)
        assert answer.status_code in {404, 422}, (asked, answer.text)
        assert said in answer.json()["detail"], (asked, answer.text)
    assert chief.post("/api/duty", json=span | {"role": "team", "team_id": team}).status_code == 201


def test_a_changed_time_holds_from_the_next_alert_on(knock: Knock, town: Engine) -> None:
    chief = knock("admin")
    for asked, said in (
        ({"level": "danger", "wait_s": None, "why": "x"}, "must go up"),
        ({"level": "watch", "wait_s": 1, "why": "x"}, "from 10 seconds"),
        ({"level": "watch", "wait_s": 60, "why": " "}, "why must not be empty"),
    ):
        answer = chief.put("/api/escalation", json=asked)
        assert (answer.status_code, said in answer.json()["detail"]) == (422, True), answer.text
    put = {"level": "warning", "wait_s": 1200, "why": "夜间人手少"}
    assert chief.put("/api/escalation", json=put).json()["waits"]["warning"] == 1200
    again = put | {"wait_s": 600, "why": "恢复"}
    assert chief.put("/api/escalation", json=again).status_code == 200
    told = chief.get("/api/escalation").json()
    assert told["waits"] == {"notice": None, "watch": 900.0, "warning": 600.0, "danger": 60.0}
    assert [(one["wait_s"], one["author"], one["why"], one["valid_to"] is None) for one in told["history"]] == [
        (600.0, "admin", "恢复", True), (1200.0, "admin", "夜间人手少", False),
    ]  # fmt: skip
    with town.begin() as c:
        raised(c, "crowd_density:x")
        c.execute(text("update alerts set escalates_at = now() - interval '1 s'"))
        escalate_due(c, Outbox())
        waits = c.execute(text("select extract(epoch from escalates_at - now()) from alerts")).scalar_one()
    assert 590 < float(waits) <= 601
    page = chief.get("/fragments/admin").text
    assert "10 分钟 × 3" in page
    assert "夜间人手少" in page


def test_a_team_gets_an_inbox_and_loses_it(knock: Knock, town: Engine) -> None:
    chief = knock("admin")
    with town.begin() as c:
        keys = {row.code: row.id for row in c.execute(text("select code, id from teams"))}
    at = f"/api/teams/{keys['near_drone']}/inbox"
    made = chief.post(at)
    assert made.status_code == 201
    told = made.json()
    assert told["name"] == "team.near_drone"
    with town.begin() as c:
        account = accounts.verify(c, told["name"], told["password"])
    assert account is not None
    assert account.role == "team"
    assert "close it first" in chief.post(at).json()["detail"]
    assert "team.near_drone" in chief.get("/fragments/admin").text
    assert told["password"] not in chief.get("/fragments/admin").text
    assert chief.delete(at).status_code == 204
    assert chief.delete(at).status_code == 422
    with town.begin() as c:
        assert accounts.verify(c, told["name"], told["password"]) is None
    again = chief.post(at).json()
    assert again["password"] != told["password"]
    with town.begin() as c:
        assert accounts.verify(c, told["name"], again["password"]) is not None
    read_by_a_person = chief.delete(f"/api/teams/{keys['near_police']}/inbox")
    assert (
        read_by_a_person.status_code == 422
    )  # the account of somebody of the centre is not closed in passing


def test_a_team_that_rests_is_not_sent(knock: Knock, town: Engine) -> None:
    chief = knock("admin")
    with town.begin() as c:
        key = c.execute(text("select id from teams where code = 'near_drone'")).scalar_one()
    near = {"near": "120.6,31.3"}
    assert chief.put(f"/api/teams/{key}", json={"active": False}).status_code == 200
    assert "near_drone" not in {one["code"] for one in chief.get("/api/teams", params=near).json()["teams"]}
    assert "不在岗" in chief.get("/fragments/admin").text
    assert chief.put(f"/api/teams/{key}", json={"active": True}).status_code == 200
    assert "near_drone" in {one["code"] for one in chief.get("/api/teams", params=near).json()["teams"]}
    assert chief.put("/api/teams/999999", json={"active": True}).status_code == 404


@pytest.mark.parametrize("who", ["chief", "operator", "planner", "screen", "here"])
def test_only_administrators_change_them(who: str, knock: Knock, gusu: Profile) -> None:
    asker = knock(who)
    shift = {"role": "watch", "account": "here", "starts_at": soon(gusu, 1), "ends_at": soon(gusu, 2)}
    assert asker.post("/api/duty", json=shift).status_code == 403
    assert asker.delete("/api/duty/1").status_code == 403
    assert asker.get("/api/duty/changes").status_code == 403
    assert asker.put("/api/escalation", json={"level": "watch", "wait_s": 60, "why": "x"}).status_code == 403
    assert asker.get("/api/escalation").status_code == 403
    assert asker.put("/api/teams/1", json={"active": False}).status_code == 403
    assert asker.post("/api/teams/1/inbox").status_code == 403
    assert asker.delete("/api/teams/1/inbox").status_code == 403
    page = asker.get("/fragments/admin")
    assert 'data-press="duty-add"' not in page.text
    assert 'data-press="wait-set"' not in page.text
