"""The data page without a browser: which step one is at, what it asks, and what it draws of a file."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import shapely
from fastapi import FastAPI
from sqlalchemy import Engine, text
from starlette.testclient import TestClient

from app.http.upload_parts import Choice, merged
from app.jobs.uploaded import SAMPLE, folder_of
from app.pages.data_map import marked, picture
from app.pages.data_state import standing
from geodata.commands import jobs, loads, uploads as commands
from geodata.commands.uploads import adopt_dead
from geodata.profile import Profile
from geodata.queries import uploads
from geodata.queries.uploads import Upload
from geodata.store.settings import Settings

Knock = Callable[[str | None], TestClient]
KIND = {
    "key": "boundaries", "title": {"zh": "区划边界", "en": "Boundaries"}, "shape": "area", "mapped": False, "options": [],
    "fields": [{"name": "code", "title": {"zh": "编码", "en": "code"}, "what": {"zh": "编码", "en": "code"},
                "required": True, "many": False}],
}  # fmt: skip
LOOKED: dict[str, Any] = {
    "format": "geojson", "size": 900, "layers": [], "rows": 2, "columns": [{"name": "代码", "examples": ["1", "2"]}],
    "crs": {"declared": None, "read": "EPSG:4326", "probable": "GCJ-02", "confidence": 0.97, "why": "closer to the roads"},
    "has_shapes": True, "kinds": [KIND], "personal": ["手机"],
}  # fmt: skip
CHOICE: dict[str, Any] = {
    "kind": "boundaries",
    "columns": {"code": ["代码"]},
    "options": {"level": "station"},
}
TRIED = {
    "state": "dry_run",
    "rows": {"read": 2, "new": 1, "changed": 1, "rejected": 0},
    "figures": {"gone": 3},
    "findings": [
        {
            "code": "not_a_number",
            "severity": "rejected",
            "sheet": None,
            "row": 2,
            "column": "经度",
            "value": "x",
            "message": {"zh": "坐标不是数字", "en": "has a coordinate that is no number"},
            "action": {"zh": "该行未载入", "en": "the row was not loaded"},
        },
    ],
}
REFUSAL = "“站.geojson” has a header but no rows; ask for it again."


def upload(**more: Any) -> Upload:
    about: dict[str, Any] = dict.fromkeys(Upload.__dataclass_fields__) | {
        "id": 7, "account_id": 1, "account": "operator", "name": "站.geojson", "suffix": ".geojson", "size_bytes": 9,
        "got_bytes": 9, "begun_at": datetime.now(UTC), "choice": {},
    }  # fmt: skip
    return Upload(**(about | more))


@pytest.mark.parametrize(
    ("about", "at"),
    [
        ({"got_bytes": 4}, "file"),
        ({"job_kind": "look_at_upload", "job_state": "running"}, "file"),
        ({"looked": LOOKED, "choice": CHOICE}, "file"),
        ({"looked": LOOKED, "choice": CHOICE | {"confirmed": "file"}}, "columns"),
        ({"looked": LOOKED, "choice": CHOICE | {"confirmed": "columns"}}, "place"),
        ({"looked": LOOKED, "job_kind": "load_upload", "job_state": "running"}, "check"),
        ({"looked": LOOKED, "job_kind": "load_upload", "job_state": "done", "tried": TRIED}, "check"),
        ({"looked": LOOKED, "job_kind": "load_upload", "job_state": "running", "tried": TRIED}, "load"),
        ({"looked": LOOKED, "tried": TRIED, "load_id": 3, "load_state": "refused"}, "load"),
        ({"looked": LOOKED, "load_id": 3, "load_state": "done"}, "load"),
    ],
)  # fmt: skip
def test_a_reload_comes_back_to_the_step_one_was_at(about: dict[str, Any], at: str) -> None:
    assert standing(upload(**about), None, None).at == at
    assert standing(upload(**about), None, "load").at == at, "nobody skips a step"
    assert standing(upload(**about), None, "file").at == "file", "but one may go back"


def test_what_changes_decides_what_is_done_again() -> None:
    it = upload(looked=LOOKED | {"columns": [{"name": "代码"}, {"name": "x"}]}, choice=CHOICE)
    assert merged(it, Choice(confirmed="columns"))[1:] == (False, False)
    assert merged(it, Choice(crs="GCJ-02"))[1:] == (False, True), "a try before no longer counts"
    assert merged(it, Choice(header_row=3))[1:] == (True, True)
    assert merged(it, Choice(header_row=3))[0]["columns"] is None
    assert merged(it, Choice(columns={"lon": ["x"]}))[1:] == (True, True), "other coordinates lie elsewhere"
    assert merged(it, Choice(options={"partial": True}))[0]["options"] == {
        "level": "station",
        "partial": True,
    }


def test_the_file_is_drawn_in_the_system_chosen_and_what_is_the_same_is_told(
    town_engine: Engine, gusu: Profile
) -> None:
    with town_engine.connect() as c:
        level = c.execute(
            text("select level from areas group by level order by count(*) limit 1")
        ).scalar_one()
        today = uploads.outlines(c, gusu.scheme, level)
        code, outline = next(iter(today.items()))
        shape = shapely.from_wkb(outline)
        far = shapely.transform(shape, lambda points: points + 0.01)
        sample = {
            "columns": ["代码"], "numbers": [1, 2], "rows": [[code], [code]], "shape_rows": [1, 2],
            "shapes": [shapely.to_wkb(shape, hex=True), shapely.to_wkb(far, hex=True)],
        }  # fmt: skip
        it = upload(looked=LOOKED, choice=CHOICE | {"options": {"level": level}})
        drawn = picture(c, gusu, it, sample)
        assert [(one["row"], one.get("same", False)) for one in drawn["shapes"]] == [(1, True), (2, False)]
        assert len(drawn["today"]) >= len(today)
        shifted = picture(c, gusu, upload(looked=LOOKED, choice=it.choice | {"crs": "GCJ-02"}), sample)
        assert shifted["shapes"][0]["lines"][0][0] != drawn["shapes"][0]["lines"][0][0]
    at = marked(
        [
            {"row": 2, "severity": "note"},
            {"row": 9},
            {"where": {"type": "Point", "coordinates": [120.6, 31.3]}},
        ],
        it,
        sample,
    )
    assert far.contains(shapely.Point(at[0]["lon"], at[0]["lat"]))
    assert "lon" not in at[1], "nobody knows where row 9 is"
    assert (at[2]["lon"], at[2]["lat"]) == (120.6, 31.3)


@pytest.fixture
def standing_file(town_engine: Engine, doors: FastAPI) -> Iterator[int]:
    """A file that was looked at, as the worker leaves it."""
    settings: Settings = doors.state.house.settings
    with town_engine.begin() as c:
        who = c.execute(text("select id, name, role from accounts where name = 'operator'")).one()
        number = commands.begin(c, commands.Account(who.id, who.name, who.role, None), "站.geojson", 9)
        c.execute(text("update uploads set got_bytes = size_bytes where id = :id"), {"id": number})
        commands.looked(c, number, LOOKED, CHOICE | {"confirmed": "columns"})
    file = Path(folder_of(settings, number)) / SAMPLE
    file.write_text(json.dumps({"columns": ["代码"], "numbers": [1], "rows": [["1"]]}), "utf-8")
    yield number
    with town_engine.begin() as c:
        c.execute(text("delete from uploads"))


@pytest.fixture
def page(doors: FastAPI, knock: Knock) -> TestClient:
    """The pieces of the page, which the doors alone do not have."""
    from app.pages.data_fragments import router  # noqa: PLC0415

    if not any(getattr(route, "path", "").startswith("/fragments/data") for route in doors.routes):
        doors.include_router(router)
    return knock("operator")


def test_each_step_is_one_question_in_both_languages(
    page: TestClient, standing_file: int, town_engine: Engine
) -> None:
    asked = f"/fragments/data?upload={standing_file}"
    for step, zh, en in (
        ("file", "这是什么数据？", "What is it?"), ("columns", "哪一列是什么？", "Which column is what?"),
        ("place", "坐标属于哪个坐标系？", "Which coordinate system"),
    ):  # fmt: skip
        assert zh in page.get(f"{asked}&step={step}&lang=zh").text
        told = page.get(f"{asked}&step={step}&lang=en").text
        assert en in told
        assert told.count("<h2>") == 1
    columns = page.get(f"{asked}&step=columns").text
    assert "手机" in columns
    assert "个人信息" in columns
    assert "disabled" in columns.split('class="button primary"')[1].split(">")[0], "not before it is left out"
    place = page.get(f"{asked}&step=place&lang=en").text
    assert "GCJ-02" in place
    assert "97% sure" in place
    with town_engine.begin() as c:
        commands.tried(c, standing_file, TRIED)
    check = page.get(f"{asked}&lang=en").text
    assert "Load 2 rows" in check
    assert ">gone<" in check
    for language, message in (("zh", "坐标不是数字"), ("en", "has a coordinate that is no number")):
        (found,) = page.get(f"/fragments/data/findings?upload={standing_file}&lang={language}").json()[
            "findings"
        ]
        assert (found["message"], found["row"]) == (message, 2)
    with town_engine.begin() as c:
        commands.tried(c, standing_file, TRIED | {"state": "refused", "message": REFUSAL})
    assert "“站.geojson”只有表头而没有数据行，请重新索取。" in page.get(f"{asked}&lang=zh").text
    assert REFUSAL in page.get(f"{asked}&lang=en").text
    rows = page.get(f"/fragments/data/rows?upload={standing_file}&lang=zh").json()
    assert rows["columns"] == [{"name": "代码", "as": "编码"}]


def test_the_pieces_are_for_those_who_load(page: TestClient, knock: Knock, standing_file: int) -> None:
    for role in ("planner", "commander", "local"):
        for piece in ("", "/rows", "/map", "/findings"):
            assert knock(role).get(f"/fragments/data{piece}?upload={standing_file}").status_code == 403
    assert page.get("/fragments/data?upload=99999").status_code == 404
    assert "data-drop" in page.get("/fragments/data").text


def test_what_is_being_done_with_a_file_can_be_stopped(
    page: TestClient, standing_file: int, town_engine: Engine
) -> None:
    assert page.post(f"/api/uploads/{standing_file}/try", json={}).status_code == 202
    with town_engine.begin() as c:
        taken = jobs.take(c)
        assert taken
    asked = f"/fragments/data?upload={standing_file}&lang=en"
    assert f'data-job="{taken.id}"' in page.get(asked).text
    assert page.post(f"/api/jobs/{taken.id}/cancel", json={}).json() == {"cancelled": True}
    with town_engine.begin() as c:
        assert not jobs.beat(c, taken), "so its process is ended"
    assert page.get(f"/api/uploads/{standing_file}").json()["job"]["state"] == "cancelled"
    shown = page.get(f"{asked}&step=check").text
    assert ">Stopped<" in shown
    assert "Nothing of it was kept." in shown
    assert "cannot be loaded" not in shown


def test_the_load_of_a_killed_process_is_told_by_the_name_people_know(
    standing_file: int, town_engine: Engine
) -> None:
    with town_engine.begin() as c:
        it = uploads.upload(c, standing_file)
        number = loads.begin(c, kind="places", file_name=it.stored, sha256=bytes(32), options={})
        c.execute(
            text("update loads set state = 'failed', message = 'x', finished_at = now() where id = :n"),
            {"n": number},
        )
        adopt_dead(c)
        told = c.execute(
            text("select l.file_name, u.id from loads l join uploads u on u.load_id = l.id where l.id = :n"),
            {"n": number},
        ).one()
        assert tuple(told) == (it.name, standing_file)
        c.execute(text("update uploads set load_id = null where load_id = :n"), {"n": number})
        c.execute(text("delete from loads where id = :n"), {"n": number})
        loads.let_go(c, number)
