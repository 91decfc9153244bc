"""The heat door: one answer as JSON and as bytes, from rows and from the cube."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sqlalchemy import Engine
from starlette.testclient import TestClient

from geodata.cube import shelf, upkeep
from geodata.cube.answers import from_cube
from geodata.profile import Profile
from geodata.types import Question
from tests.db.town import LAST_DAY

WINDOW = {"from": "2025-11-10", "to": LAST_DAY.isoformat()}
BOXES: list[dict[str, str]] = [
    {},
    {"bbox": "120.55,31.28,120.61,31.33"},
    {"bbox": "120.6,31.3,120.604,31.303"},
]


def asked(admin: TestClient, **more: Any) -> list[Any]:
    return [
        admin.get("/api/heat", params=WINDOW | box | {"resolution": r} | more).json()
        for box in BOXES
        for r in (9, 10, 11)
    ]


@pytest.fixture
def cube(town_engine: Engine, gusu: Profile, tmp_path: Path) -> Iterator[None]:
    """A cube of the town of the doors, opened."""
    upkeep.rebuild(town_engine, gusu, tmp_path)
    shelf.put_up(town_engine, tmp_path)
    with town_engine.connect() as c:
        assert from_cube(c, gusu, Question(gusu.window(LAST_DAY, LAST_DAY)), 9, at_once=True) is not None
    yield
    shelf.take_down(town_engine)


def test_bytes_say_what_json_says(admin: TestClient) -> None:
    for box in BOXES:
        told = admin.get("/api/heat", params=WINDOW | box | {"resolution": 10}).json()
        answer = admin.get("/api/heat", params=WINDOW | box | {"resolution": 10, "format": "binary"})
        magic, resolution, count, flags = struct.unpack_from("<4sIII", answer.content)
        cells = np.frombuffer(answer.content, "<i8", count, 16)
        counts = np.frombuffer(answer.content, "<i4", count, 16 + 8 * count)
        assert len(answer.content) == 16 + 12 * count
        assert (magic, resolution, flags) == (b"YPH1", 10, int(told["points"]))
        assert [f"{cell:x}" for cell in cells.tolist()] == [row["cell"] for row in told["cells"]]
        assert counts.tolist() == [row["count"] for row in told["cells"]]
        assert told["total"] == sum(counts.tolist()) > 0


def test_points_are_asked_for_where_few_cells_hold_something(admin: TestClient) -> None:
    for told in asked(admin):
        assert told["points"] is (0 < len(told["cells"]) < 30)
    assert {told["points"] for told in asked(admin)} == {True, False}


def test_an_answer_that_holds_still_is_not_sent_again(admin: TestClient) -> None:
    first = admin.get("/api/heat", params=WINDOW)
    again = admin.get("/api/heat", params=WINDOW, headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_another_form_is_refused(admin: TestClient) -> None:
    assert admin.get("/api/heat", params={"format": "xml"}).status_code in {400, 422}


def test_the_cube_changes_no_answer(admin: TestClient, request: pytest.FixtureRequest) -> None:
    kinds: list[dict[str, Any]] = [
        {},
        {"category": "H1"},
        {"areas": "1-0-0,1-1-1"},
        {"band": "22-6"},
        {"area": "2-1-4"},
    ]
    before = [asked(admin, **kind) for kind in kinds]
    paths = [
        "/api/heat/breaks",
        "/api/areas/320508/summary",
        "/api/areas/1-0-0/summary",
        "/api/areas/3-2-5/summary",
    ]
    figures = [admin.get(path, params=WINDOW).json() for path in paths]
    request.getfixturevalue("cube")
    assert [asked(admin, **kind) for kind in kinds] == before
    for path, told in zip(paths, figures, strict=True):
        now = admin.get(path, params=WINDOW).json()
        assert now.get("tickets", now) == told.get("tickets", told)
