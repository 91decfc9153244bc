"""Drills over HTTP: who may read them, what a running and an ended one say."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import Engine
from starlette.testclient import TestClient

from geodata.commands import drills
from geodata.plans import load_plans
from geodata.store.db import transaction


@pytest.fixture
def drilled(town_engine: Engine) -> int:
    """A drill that began and ended without anybody."""
    with transaction(town_engine) as c:
        begun = drills.begin(c, "tree_fallen", {"tickets"})
        drills.end(c, begun.id)
    return begun.id


def test_a_drill_is_listed_and_told_with_its_report(admin: TestClient, drilled: int) -> None:
    listed = admin.get("/api/drills").json()
    plan = load_plans()["tree_fallen"]
    newest = listed["drills"][0]
    assert (newest["id"], newest["state"], newest["title"]) == (
        drilled,
        "ended",
        {"zh": plan.title.zh, "en": plan.title.en},
    )
    assert "report" not in newest
    assert {told["key"] for told in listed["plans"]} == {
        key for key, told in load_plans().items() if told.script
    }
    told = admin.get(f"/api/drills/{drilled}").json()
    assert [step["step"] for step in told["report"]["steps"]][:2] == ["first_reading", "alert"]
    assert {item["step"] for item in told["report"]["undone"]} >= {"alert", "resolved"}


def test_one_that_runs_has_no_report_yet(admin: TestClient, town_engine: Engine) -> None:
    with transaction(town_engine) as c:
        begun = drills.begin(c, "tree_fallen", {"tickets"})
    try:
        told = admin.get(f"/api/drills/{begun.id}").json()
        assert (told["state"], told["report"], told["ended_at"]) == ("running", None, None)
    finally:
        with transaction(town_engine) as c:
            drills.end(c, begun.id)


@pytest.mark.parametrize(
    ("who", "status"), [("planner", 200), ("commander", 200), ("local", 200), ("screen", 403), (None, 401)]
)
def test_a_screen_and_a_stranger_are_told_nothing(
    knock: Callable[[str | None], TestClient], drilled: int, who: str | None, status: int
) -> None:
    assert knock(who).get("/api/drills").status_code == status
    assert knock(who).get(f"/api/drills/{drilled}").status_code == status


def test_an_unknown_drill_is_not_found(admin: TestClient) -> None:
    assert admin.get("/api/drills/987654").status_code == 404
    assert admin.get("/api/drills?limit=0").status_code == 422


def test_the_token_of_an_ended_drill_opens_nothing(
    doors: object, town_engine: Engine, knock: Callable
) -> None:
    with transaction(town_engine) as c:
        begun = drills.begin(c, "tree_fallen", {"tickets"})
        drills.end(c, begun.id)
    stranger = knock(None)
    answer = stranger.post(
        "/api/ingest/tickets", json=[], headers={"Authorization": f"Bearer {begun.tokens['tickets']}"}
    )
    assert answer.status_code == 401
