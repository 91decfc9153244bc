"""Pieces of pages: who may see which, what may be pressed, what of a drill is marked, what a team's page delivers."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from fastapi import FastAPI
from sqlalchemy import Engine, text
from starlette.testclient import TestClient

import app.http
from app.pages.fragments import ROUTERS
from geodata.commands import accounts, dispatch, incidents
from geodata.commands.accounts import Account
from geodata.profile import Profile
from geodata.store.settings import Settings
from tests.db.response_town import drill, raised

Knock = Callable[[str], TestClient]
HERE, THERE = "4-1-1", "4-17-13"  # in 1-0-0, where `local` may look, and in 1-1-1
TITLE = "北口人群聚集"


@dataclass
class Stage:
    """Keys of what stands on the stage."""

    here: int
    there: int
    drilled: int
    incident: int
    team: int


@pytest.fixture
def knock(town_engine: Engine, gusu: Profile, tmp_path_factory: pytest.TempPathFactory) -> Knock:
    """A client of each role on doors that hold the pages' pieces."""
    doors = FastAPI()
    app.http.install(doors, town_engine, gusu, Settings(home=tmp_path_factory.mktemp("pieces")))
    for router in ROUTERS:
        doors.include_router(router)

    def client(name: str) -> TestClient:
        with town_engine.begin() as c:
            token = accounts.make_token(c, name)
        return TestClient(doors, headers={"Authorization": f"Bearer {token}"})

    return client


def account(engine: Engine, name: str) -> Account:
    with engine.connect() as c:
        row = c.execute(
            text("select id, name, role, area_code from accounts where name = :n"), {"n": name}
        ).one()
    return Account(*row)


@pytest.fixture
def stage(town_engine: Engine, gusu: Profile) -> Iterator[Stage]:
    """Three alerts, one of them a drill's, an incident elsewhere, and a team of the account `operator`."""
    with town_engine.begin() as c:
        c.execute(text("""insert into teams (code, name, kind, skills, people, account_id, geom) values
            ('t1', '处突一队', 'police', '{crowd_control}', 6, (select id from accounts where name = 'operator'),
             ST_Point(120.53, 31.26, 4326))"""))  # fmt: skip
        team = c.execute(text("select id from teams where code = 't1'")).scalar_one()
        keys = [
            raised(c, f"crowd_density:{n}", area_code=a, subject_key=n)
            for n, a in (("here", HERE), ("there", THERE))
        ]
        keys.append(raised(c, "crowd_density:here", area_code=HERE, subject_key="here", drill_id=drill(c)))
    boss = account(town_engine, "commander")
    with town_engine.begin() as c:
        made = incidents.open_from_alert(c, gusu, boss, keys[1], revision=1, title=TITLE)
    yield Stage(*keys, made.id, team)
    with town_engine.begin() as c:
        for table in ("dispatches", "alerts", "incidents", "teams", "drills"):
            c.execute(text(f"delete from {table}"))


@pytest.mark.parametrize(
    ("who", "room", "desk"),
    [
        ("screen", 403, 403),
        ("planner", 200, 403),
        ("commander", 200, 403),
        ("operator", 200, 200),
        ("admin", 200, 200),
    ],
)
def test_each_role_sees_its_own_pieces(knock: Knock, stage: Stage, who: str, room: int, desk: int) -> None:
    client = knock(who)
    paths = ("alerts", f"alert/{stage.here}", f"incident/{stage.incident}", "inbox", "shift")
    assert [client.get(f"/fragments/{path}").status_code for path in paths] == [room] * len(paths)
    assert client.get("/fragments/admin").status_code == desk
    assert client.get("/fragments/threshold?rule=crowd_density").status_code == desk


def dossier_of(client: TestClient, area: str, lang: str = "zh") -> dict[str, Any]:
    asked = {"area": area, "from": "2026-02-01", "to": "2026-02-28", "categories": [], "hours": None}
    answer = client.get("/fragments/dossier", params={"asked": json.dumps(asked), "lang": lang})
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    found: dict[str, Any] = answer.json()
    return found


def test_a_dossier_comes_with_its_place_and_hours(knock: Knock) -> None:
    told = dossier_of(knock("planner"), "1-0-0")
    assert set(told["panels"]) == {"dossier", "crumbs", "live"}
    assert told["place"]["chain"][-1] == "1-0-0"
    assert sum(told["hours"]["counts"]) > 0
    assert "Overdue" in dossier_of(knock("planner"), "1-0-0", "en")["panels"]["dossier"]


def test_a_dossier_is_refused_in_its_own_panel(knock: Knock) -> None:
    for client, area in (
        (knock("local"), "1-1-0"),
        (knock("screen"), "1-0-0"),
        (knock("planner"), "nowhere"),
    ):
        told = dossier_of(client, area)
        assert set(told) == {"panels"}
        assert 'role="alert"' in told["panels"]["dossier"]
    for nonsense in (
        "x",
        "[]",
        "[" * 20_000,
        '{"from": 1}',
        '{"from": "2026-02-01"}',
        '{"from": "2026-02-01", "to": "x"}',
    ):
        assert knock("planner").get("/fragments/dossier", params={"asked": nonsense}).status_code == 422


def test_a_screen_reads_nothing_of_an_incident(knock: Knock, stage: Stage) -> None:
    answer = knock("screen").get(f"/fragments/incident/{stage.incident}")
    assert TITLE not in answer.text
    assert TITLE in knock("planner").get(f"/fragments/incident/{stage.incident}").text


def test_who_is_bound_to_an_area_sees_only_that(knock: Knock, stage: Stage) -> None:
    local, whole = knock("local"), knock("commander")
    queue = local.get("/fragments/alerts").text
    assert f'data-key="alert-{stage.here}"' in queue
    assert f'data-key="incident-{stage.incident}"' not in queue
    assert f'data-key="incident-{stage.incident}"' in whole.get("/fragments/alerts").text
    assert local.get(f"/fragments/incident/{stage.incident}").status_code == 403
    assert TITLE not in local.get(f"/fragments/alert/{stage.there}").text


def test_only_who_moves_alerts_has_buttons(knock: Knock, stage: Stage) -> None:
    pressed = 'data-do="alert-move"'
    assert pressed in knock("local").get("/fragments/alerts").text
    for reader in ("planner", "operator"):
        client = knock(reader)
        assert pressed not in client.get("/fragments/alerts").text
        assert 'data-do="incident-move"' not in client.get(f"/fragments/incident/{stage.incident}").text


def test_what_belongs_to_a_drill_says_so(knock: Knock, stage: Stage) -> None:
    client = knock("commander")
    assert "演练" in client.get(f"/fragments/alert/{stage.drilled}").text
    assert "DRILL" in client.get(f"/fragments/alert/{stage.drilled}?lang=en").text
    assert "演练" not in client.get(f"/fragments/alert/{stage.here}").text


def test_a_team_is_told_when_its_page_shows_the_task(
    knock: Knock, stage: Stage, town_engine: Engine, gusu: Profile
) -> None:
    with town_engine.begin() as c:
        sent = dispatch.send(
            c, gusu, account(town_engine, "commander"), stage.incident, stage.team, "到北口引导"
        )

    def state() -> str:
        with town_engine.connect() as c:
            found: str = c.execute(
                text("select state from dispatches where id = :id"), {"id": sent.id}
            ).scalar_one()
        return found

    assert "到北口引导" not in knock("planner").get("/fragments/inbox").text
    assert state() == "sent"  # another's page delivers nothing
    team = knock("operator")
    page = team.get("/fragments/inbox").text
    assert "到北口引导" in page
    assert 'data-press="accept"' in page
    assert state() == "delivered"
    team.post(f"/api/dispatches/{sent.id}/accept")
    page = team.get("/fragments/inbox").text
    assert 'data-press="arrive"' in page
    assert 'data-press="accept"' not in page


def test_a_threshold_shows_its_effect_before_it_is_set(knock: Knock) -> None:
    client = knock("operator")
    asked = {
        "rule": "crowd_density",
        "subject": "walking",
        "limits": json.dumps({"notice": 0.2, "watch": 0.4}),
    }
    answer = client.get("/fragments/threshold/preview", params=asked)
    assert answer.status_code == 200
    assert "现行门限" in answer.text
    assert "改后" in answer.text
    wrong = client.get("/fragments/threshold/preview", params=asked | {"limits": "[1]"})
    assert wrong.status_code == 422
    backwards = json.dumps({"notice": 0.4, "watch": 0.2, "warning": 0.6})
    assert client.get("/fragments/threshold/preview", params=asked | {"limits": backwards}).status_code == 422


def test_a_shift_hands_over_what_stands_open(knock: Knock, stage: Stage) -> None:
    client = knock("commander")
    assert client.post("/api/shift-log", json={"body": "北口继续限流"}).status_code == 200
    page = client.get("/fragments/shift").text
    assert "北口继续限流" in page
    assert TITLE in page
    assert "当时未了：告警 2 · 事件 1" in page  # the drill's alert is in no count


@pytest.mark.parametrize("path", ["/inbox", "/admin", "/shift"])
def test_plain_pages_speak_both_languages_and_name_no_other_host(knock: Knock, path: str) -> None:
    client = knock("admin")
    for lang, said in (("zh", "zh-CN"), ("en", "en")):
        page = client.get(path, params={"lang": lang})
        assert page.status_code == 200
        assert f'<html lang="{said}"' in page.text
        assert "//" not in page.text.replace("http://www.w3.org", "")
