"""Thresholds over HTTP: who may, what is refused, history, what a change would have raised, and windows that mute."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, text
from starlette.testclient import TestClient

from geodata.commands.thresholds import seed_defaults

Knock = Callable[[str | None], TestClient]


@pytest.fixture(autouse=True)
def shipped(town_engine: Engine) -> Iterator[None]:
    """The shipped numbers, and a month of readings of one sensor; taken away again."""
    with town_engine.begin() as c:
        seed_defaults(c)
        c.execute(
            text("""insert into readings select s.id, now() - n * interval '30 min', case when n % 96 < 4 then 3.7 else 3.0 end
                    from sensors s, generate_series(1, 1400) n where s.code = 'sen1'""")
        )
    yield
    with town_engine.begin() as c:
        for table in ("readings", "thresholds", "maintenance_windows"):
            c.execute(text(f"delete from {table}"))


def test_who_may(knock: Knock) -> None:
    assert knock(None).get("/api/thresholds").status_code == 401
    assert knock("screen").get("/api/thresholds").status_code == 403
    assert knock("planner").get("/api/thresholds").status_code == 200
    asked = {"rule": "sensor_level", "subject": "sen1", "limits": {"notice": 1}}
    assert knock("planner").put("/api/thresholds", json=asked).status_code == 403
    assert knock("operator").put("/api/thresholds", json=asked).status_code == 200


def test_a_change_ends_a_row_and_adds_one_with_its_author(knock: Knock) -> None:
    operator = knock("operator")
    before = operator.get(
        "/api/thresholds/effective", params={"rule": "sensor_level", "subject": "sen1"}
    ).json()
    assert before["limits"]["notice"] == 3.4
    for notice in (3.5, 3.6):
        done = operator.put("/api/thresholds", json={
            "rule": "sensor_level", "subject": "sen1", "limits": {"notice": notice, "watch": 3.9}, "why": "洪水季"})  # fmt: skip
        assert done.status_code == 200
    after = operator.get(
        "/api/thresholds/effective", params={"rule": "sensor_level", "subject": "sen1"}
    ).json()
    assert (after["limits"]["notice"], after["limits"]["watch"], after["limits"].get("danger")) == (
        3.6,
        3.9,
        None,
    )
    assert after["limits"]["release_s"] == before["limits"]["release_s"]
    assert [(row["author"], row["valid_to"] is None) for row in after["history"]] == [
        ("operator", True),
        ("operator", False),
    ]
    back = operator.put("/api/thresholds", json={"rule": "sensor_level", "subject": "sen1", "limits": None})
    assert back.json()["limits"] == before["limits"]
    listed = operator.get("/api/thresholds").json()
    assert {row["author"] for row in listed["thresholds"]} == {"system"}
    assert {"key": "sen1", "name": "感知1", "name_en": None, "kind": "water_level"} in listed["subjects"][
        "sensor_level"
    ]


@pytest.mark.parametrize(("limits", "name"), [
    ({"notice": 5, "watch": 3, "warning": 4}, "limits"), ({"speed": 3}, "speed"), ({"notice": "high"}, "notice"),
    ({"notice": True}, "notice"), ({"hold_s": -1}, "hold_s"), ({"release_share": 3}, "release_share"),
])  # fmt: skip
def test_what_makes_no_scale_is_refused_by_name(knock: Knock, limits: dict[str, object], name: str) -> None:
    answer = knock("admin").put(
        "/api/thresholds", json={"rule": "sensor_level", "subject": "sen1", "limits": limits}
    )
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["name"] == name


def test_unknown_rules_and_subjects_are_refused(knock: Knock) -> None:
    admin = knock("admin")
    assert (
        admin.put("/api/thresholds", json={"rule": "moon", "subject": "*", "limits": {}}).status_code == 422
    )
    missing = {"rule": "sensor_level", "subject": "sen9999", "limits": {"notice": 1}}
    assert admin.put("/api/thresholds", json=missing).status_code == 404
    assert admin.put("/api/thresholds", json={**missing, "subject": "water_level"}).status_code == 200


def test_a_preview_tells_both_and_changes_nothing(knock: Knock, town_engine: Engine) -> None:
    asked = {"rule": "sensor_level", "subject": "sen1", "limits": {"notice": 3.65, "watch": 3.68}}
    told = knock("operator").post("/api/thresholds/preview", json=asked).json()
    assert (told["days"], told["subjects"]) == (30, 1)
    assert told["now"]["by_level"]["watch"] == told["now"]["total"] == told["then"]["by_level"]["watch"] > 10
    assert sum(told["then"]["by_day"]) == told["then"]["total"]
    higher = asked | {"limits": {"notice": 3.8, "watch": 3.9}}
    assert knock("operator").post("/api/thresholds/preview", json=higher).json()["then"]["total"] == 0
    with town_engine.connect() as c:
        assert c.execute(text("select count(*) from thresholds where author <> 'system'")).scalar() == 0
    bursts = {"rule": "ticket_burst", "subject": "*", "limits": {"notice": 3}}
    assert knock("operator").post("/api/thresholds/preview", json=bursts).status_code == 422


def test_windows_are_added_listed_and_ended(knock: Knock) -> None:
    operator, now = knock("operator"), datetime.now(UTC)
    asked = {"subject": "sensor_level:sen1", "starts_at": now.isoformat(), "why": "换电池",
             "ends_at": (now + timedelta(hours=2)).isoformat()}  # fmt: skip
    made = operator.post("/api/maintenance", json=asked)
    assert made.status_code == 201
    [window] = operator.get("/api/maintenance").json()["windows"]
    assert (window["author"], window["why"]) == ("operator", "换电池")
    assert operator.delete(f"/api/maintenance/{made.json()['id']}").status_code == 204
    assert operator.delete("/api/maintenance/999999").status_code == 404
    for wrong in ({"subject": "moon"}, {"why": " "}, {"ends_at": now.isoformat()}, {"area_code": "nowhere"},
                  {"ends_at": (now + timedelta(days=90)).isoformat()}, {"starts_at": "2026-01-01T00:00:00"}):  # fmt: skip
        assert operator.post("/api/maintenance", json=asked | wrong).status_code == 422, wrong
    assert knock("commander").post("/api/maintenance", json=asked).status_code == 403
