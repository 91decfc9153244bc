"""What leaves the house over HTTP: CAP messages and webhooks; and who is on duty and near."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from xml.etree import ElementTree as ET

import pytest
from fastapi import FastAPI
from sqlalchemy import Engine, text
from starlette.testclient import TestClient

from tests.db.response_town import people_of_duty, raised

Knock = Callable[[str | None], TestClient]
HERE = "4-1-1"


@pytest.fixture
def alert(town_engine: Engine) -> Iterator[int]:
    """One alert in 1-0-0."""
    with town_engine.begin() as c:
        key = raised(c, "crowd_density:told", area_code=HERE)
    yield key
    with town_engine.begin() as c:
        c.execute(text("delete from alerts"))


@pytest.fixture
def duty(town_engine: Engine) -> Iterator[None]:
    """Teams, shifts and contacts of the town."""
    with town_engine.begin() as c:
        c.execute(text("insert into accounts (name, role, password_hash) select n, 'commander', 'x' from "
                       "unnest(array['chief', 'here', 'deputy']) n on conflict do nothing"))  # fmt: skip
        people_of_duty(c)
    yield
    with town_engine.begin() as c:
        for table in ("duty_shifts", "contacts", "teams"):
            c.execute(text(f"delete from {table}"))
        c.execute(text("delete from accounts where name in ('chief', 'here', 'deputy')"))


def test_an_alert_as_cap(knock: Knock, alert: int) -> None:
    answer = knock("planner").get(f"/api/alerts/{alert}/cap.xml")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("application/cap+xml")
    root = ET.fromstring(answer.content)
    assert root.tag == "{urn:oasis:names:tc:emergency:cap:1.2}alert"
    assert root.findtext(".//{*}areaDesc") is not None
    assert "观前街" in (root.findtext(".//{*}areaDesc") or "")


def test_only_administrators_say_who_is_told(
    knock: Knock, doors: FastAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = doors.state.house
    monkeypatch.setattr(
        house, "settings", house.settings.model_copy(update={"webhook_hosts": "hooks.example,b:81"})
    )
    admin = knock("admin")
    for who in ("screen", "commander", "planner", "operator"):
        assert knock(who).get("/api/webhooks").status_code == 403
        assert knock(who).post("/api/webhooks", json={"name": "x", "url": "http://b:81/"}).status_code == 403
        assert knock(who).delete("/api/webhooks/1").status_code == 403
    for url in ("http://127.0.0.1/", "http://hooks.example:81/", "file:///etc/passwd"):
        assert admin.post("/api/webhooks", json={"name": "x", "url": url}).status_code == 422
    made = admin.post("/api/webhooks", json={"name": "x", "url": "http://b:81/in", "kinds": ["alert"]}).json()
    assert len(made["secret"]) > 30
    told = admin.get("/api/webhooks")
    assert made["secret"] not in told.text
    assert [(hook["name"], hook["kinds"], hook["waiting"]) for hook in told.json()["webhooks"]] == [
        ("x", ["alert"], 0)
    ]
    assert admin.delete(f"/api/webhooks/{made['id']}").status_code == 200
    assert admin.delete(f"/api/webhooks/{made['id']}").status_code == 404


def test_who_is_on_duty_and_near(knock: Knock, duty: None) -> None:
    chief = knock("commander")
    on = chief.get("/api/duty").json()["duty"]
    assert [(shift["role"], shift["account"]) for shift in on] == [("watch", "here"), ("commander", "chief")]
    only = chief.get("/api/duty", params={"area": HERE}).json()["duty"]
    assert [shift["role"] for shift in only] == ["commander"]
    later = chief.get("/api/duty", params={"at": "2020-01-01T00:00:00+08:00"}).json()["duty"]
    assert later == []
    assert chief.get("/api/duty", params={"at": "yesterday"}).status_code == 422
    teams = chief.get("/api/teams", params={"near": "120.6,31.3", "skill": "first_aid"}).json()["teams"]
    assert {team["code"] for team in teams} == {"far_police", "far_medical"}
    assert [team["distance_m"] for team in teams] == sorted(team["distance_m"] for team in teams)
    for near in ("1", "a,b", "nan,1", "200,0", "1,2,3"):
        assert chief.get("/api/teams", params={"near": near}).status_code == 422
