"""The ingest doors over HTTP: whose token opens which, what a body may be, and what is told back."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, text
from starlette.testclient import TestClient

from geodata.commands import feeds

Knock = Callable[[str | None], TestClient]
DOORS = {"readings": "/api/ingest/readings", "crowd": "/api/ingest/crowd", "tickets": "/api/ingest/tickets"}


@pytest.fixture(scope="module")
def senders(town_engine: Engine, knock: Knock) -> dict[str, TestClient]:
    """A client with the token of a feed of each kind."""
    found = {}
    with town_engine.begin() as c:
        for kind in DOORS:
            feeds.add_feed(c, f"door-{kind}", kind, title="门", interval_s=60)
            client = knock(None)
            client.headers["Authorization"] = f"Bearer {feeds.make_feed_token(c, f'door-{kind}')}"
            found[kind] = client
    return found


def row(sensor: str = "sen1", seconds: float = 0, value: Any = 1.5) -> dict[str, Any]:
    at = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=seconds)
    return {"sensor": sensor, "at": at.isoformat(), "value": value}


@pytest.mark.parametrize("kind", list(DOORS))
def test_a_feeds_token_opens_its_own_door_and_nothing_else(senders: dict[str, TestClient], kind: str) -> None:
    sender = senders[kind]
    for other, path in DOORS.items():
        assert sender.post(path, json=[]).status_code == (200 if other == kind else 403)
    for path in (
        "/api/areas",
        "/api/tickets",
        "/api/feeds",
        "/api/me",
        "/events",
        "/api/alerts",
        "/sta/v1.1/Things",
    ):
        assert sender.get(path).status_code == 401, path
    for path in ("/api/incidents", "/api/alerts/1/moves", "/sta/v1.1/Things"):
        assert sender.post(path, json={}).status_code == 401, path
    assert sender.get(DOORS[kind]).status_code == 405


def test_people_send_only_as_operator_or_admin_and_name_the_feed(
    knock: Knock, senders: dict[str, TestClient]
) -> None:
    door = DOORS["readings"]
    for name in ("planner", "commander", "screen", "local"):
        assert knock(name).post(f"{door}?feed=door-readings", json=[]).status_code == 403
    for name in ("operator", "admin"):
        assert knock(name).post(f"{door}?feed=door-readings", json=[]).json()["feed"] == "door-readings"
        assert knock(name).post(door, json=[]).status_code == 422
        assert knock(name).post(f"{door}?feed=nobody", json=[]).status_code == 404
        assert knock(name).post(f"{door}?feed=door-crowd", json=[]).status_code == 403
    assert knock(None).post(door, json=[]).status_code == 401


def test_a_batch_is_told_row_by_row(senders: dict[str, TestClient]) -> None:
    rows = [row("sen3"), row("nobody"), row("sen3"), row("sen3", 86_400)]
    answer = senders["readings"].post(DOORS["readings"], json=rows).json()
    assert {key: n for key, n in answer.items() if n and key not in ("feed", "verdicts")} == {
        "accepted": 1, "unknown": 1, "repeated": 1, "impossible": 1,
    }  # fmt: skip
    assert [(one["row"], one["verdict"]) for one in answer["verdicts"]] == [
        (1, "unknown"),
        (2, "repeated"),
        (3, "impossible"),
    ]
    again = senders["readings"].post(DOORS["readings"] + "?verdicts=all", json={"readings": rows}).json()
    assert [one["verdict"] for one in again["verdicts"]] == ["repeated", "unknown", "repeated", "impossible"]


@pytest.mark.parametrize("kind", ["application/x-ndjson", "application/json", ""])
def test_lines_that_are_none_spoil_no_other(senders: dict[str, TestClient], kind: str) -> None:
    start = {"application/x-ndjson": -3200, "application/json": -3100, "": -3000}[kind]
    lines = [json.dumps(row("sen5", start + n)) for n in range(3)]
    body = "\n".join(
        [lines[0], "{broken", lines[1], '{"sensor": "sen5", "at": "x", "value": NaN}', "", lines[2], ""]
    )
    answer = senders["readings"].post(DOORS["readings"], content=body, headers={"Content-Type": kind}).json()
    assert (answer["late"], answer["malformed"]) == (3, 2)
    assert [one["row"] for one in answer["verdicts"] if one["verdict"] == "malformed"] == [1, 3]


def test_a_nan_spoils_its_row_and_not_the_batch(senders: dict[str, TestClient]) -> None:
    rows = [row("sen7", -2), row("sen7", -1, float("nan")), row("sen7", 0, float("inf")), row("sen7", 1)]
    answer = senders["readings"].post(DOORS["readings"], content=json.dumps(rows)).json()
    assert (answer["accepted"], answer["impossible"]) == (2, 2)


@pytest.mark.parametrize(
    "body", [b"", b"{", b"5", b'"x"', b"null", b"\xff\xfe", b"[" * 100_000, b"[1,2", b"NaN"]
)
@pytest.mark.parametrize("kind", list(DOORS))
def test_what_is_no_batch_is_refused_in_a_sentence(
    senders: dict[str, TestClient], kind: str, body: bytes
) -> None:
    answer = senders[kind].post(DOORS[kind], content=body)
    assert answer.status_code == 422, answer.text
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("kind", list(DOORS))
def test_rows_of_anything_are_answered(senders: dict[str, TestClient], kind: str) -> None:
    odd: list[Any] = [
        None,
        1,
        "x",
        [],
        {},
        {"at": {}},
        {"number": "\u0000"},
        {"sensor": "\u0000", "at": 5},
        {"cell": [], "at": ""},
    ]
    answer = senders[kind].post(DOORS[kind], json=odd)
    assert answer.status_code == 200
    assert answer.json()["malformed"] == len(odd)


def test_a_body_too_large_is_refused(senders: dict[str, TestClient]) -> None:
    answer = senders["readings"].post(DOORS["readings"], content=b" " * (32 * 2**20 + 1))
    assert answer.status_code == 413

    def parts() -> Any:
        for _ in range(33):
            yield b" " * 2**20

    assert senders["readings"].post(DOORS["readings"], content=parts()).status_code == 413
    assert (
        senders["readings"]
        .post(DOORS["readings"], content=b"x", headers={"Content-Encoding": "gzip"})
        .status_code
        == 415
    )


def test_devices_are_refused_with_a_clear_word(senders: dict[str, TestClient]) -> None:
    answer = senders["crowd"].post(
        DOORS["crowd"], json={"at": "2026-11-22T12:00:00+08:00", "cells": [], "people": [], "imei": 1}
    )
    assert answer.status_code == 422
    assert "devices or persons" in answer.json()["detail"]


def test_feeds_are_shown_to_those_who_look_after_them(
    knock: Knock, town_engine: Engine, senders: dict[str, TestClient]
) -> None:
    senders["readings"].post(DOORS["readings"], json=[row("sen9")])
    told = knock("operator").get("/api/feeds").json()
    one = next(feed for feed in told["feeds"] if feed["key"] == "door-readings")
    assert one["state"] == "live"
    assert one["counts"]["accepted"] >= 1
    assert told["waiting"] >= 1
    assert knock("planner").get("/api/feeds").status_code == 403
    with town_engine.begin() as c:
        c.execute(text("delete from intake"))
