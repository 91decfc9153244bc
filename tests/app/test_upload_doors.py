"""The doors for files: who may, how large, under which name they lie, and that nothing is loaded twice."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from fastapi import FastAPI
from sqlalchemy import Engine, text
from starlette.testclient import TestClient

from app.http.guard import COOKIE
from app.http.loads import harmless
from app.http.uploads import CHUNK_BYTES
from app.jobs import doing
from app.loading import Loading
from geodata.commands import accounts, jobs, uploads as commands
from geodata.profile import Profile
from geodata.queries import loads, uploads
from geodata.store.settings import Settings

Knock = Callable[[str | None], TestClient]
TEXT = b'{"type": "FeatureCollection", "features": []}'


@pytest.fixture
def operator(knock: Knock, town_engine: Engine) -> Iterator[TestClient]:
    yield knock("operator")
    with town_engine.begin() as c:
        for table in ("uploads", "jobs", "load_findings", "loads"):
            c.execute(text(f"delete from {table}"))


def begun(client: TestClient, name: str = "grid.geojson", size: int = len(TEXT)) -> int:
    answer = client.post("/api/uploads", json={"name": name, "size": size})
    assert answer.status_code == 201, answer.text
    return int(answer.json()["id"])


def sent(client: TestClient, name: str = "grid.geojson") -> int:
    number = begun(client, name)
    assert client.put(f"/api/uploads/{number}/content?at=0", content=TEXT).status_code == 200
    return number


def stand(engine: Engine, number: int, **columns: str) -> None:
    """Set columns of an upload as the worker would have."""
    with engine.begin() as c:
        for name, value in columns.items():
            c.execute(
                text(f"update uploads set {name} = :value where id = :id"), {"value": value, "id": number}
            )


def test_only_those_who_look_after_the_data_come_in(knock: Knock, operator: TestClient) -> None:
    asked = {"name": "a.csv", "size": 9}
    assert knock(None).post("/api/uploads", json=asked).status_code == 401
    for role in ("planner", "commander", "screen", "local"):
        assert knock(role).post("/api/uploads", json=asked).status_code == 403
        assert knock(role).get("/api/loads").status_code == 403
    assert operator.get("/api/loads").json() == {"loads": []}


def test_another_sites_page_cannot_send_a_file(
    doors: FastAPI, town_engine: Engine, operator: TestClient, new_password: Callable[[str], str]
) -> None:
    signed_in = TestClient(doors, follow_redirects=False)
    told = {"name": "operator", "password": new_password("operator")}
    assert signed_in.post("/sign-in", data=told).status_code == 303
    assert COOKIE in signed_in.cookies
    body = {"name": "a.csv", "size": 9}
    assert (
        signed_in.post("/api/uploads", json=body, headers={"origin": "https://else.example"}).status_code
        == 403
    )
    assert (
        signed_in.post("/api/uploads", json=body, headers={"origin": "http://testserver"}).status_code == 201
    )


@pytest.mark.parametrize(("size", "status"), [(0, 422), (-1, 422), (commands.MOST_BYTES + 1, 413), (commands.MOST_BYTES, 201)])  # fmt: skip
def test_what_is_empty_or_too_large_is_refused_before_it_comes(
    operator: TestClient, size: int, status: int
) -> None:
    assert operator.post("/api/uploads", json={"name": "a.csv", "size": size}).status_code == status


@pytest.mark.parametrize(
    ("name", "shown", "suffix"),
    [
        ("../../etc/passwd.csv", "passwd.csv", ".csv"), ("C:\\数据\\网格.SHP.zip", "网格.SHP.zip", ".zip"),
        ("a\u202egnp.csv\x00", "agnp.csv", ".csv"), ("no-ending", "no-ending", ""), ("x.c;sh", "x.c;sh", ""),
        ("长" * 300 + ".xlsx", "长" * 109 + "….xlsx", ".xlsx"),
    ],
)  # fmt: skip
def test_a_name_is_shown_and_never_a_path(
    operator: TestClient, doors: FastAPI, name: str, shown: str, suffix: str
) -> None:
    number = sent(operator, name)
    assert operator.get(f"/api/uploads/{number}").json()["name"] == shown
    folder = doors.state.house.settings.uploads / str(number)
    assert [file.name for file in folder.iterdir()] == [f"upload-{number}{suffix}"]
    assert (folder / f"upload-{number}{suffix}").read_bytes() == TEXT
    assert folder.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("name", ["", "..", "/", "a/"])
def test_a_file_without_a_name_is_refused(operator: TestClient, name: str) -> None:
    refused = operator.post("/api/uploads", json={"name": name, "size": 9})
    assert refused.status_code == 422
    if name == "..":
        assert refused.json()["detail_zh"] == "文件没有名称，请命名后重新发送。"


def test_chunks_follow_each_other_and_what_was_cut_off_goes_on(operator: TestClient, knock: Knock) -> None:
    number = begun(operator)
    door = f"/api/uploads/{number}/content"
    assert operator.put(f"{door}?at=0", content=TEXT[:10]).json() == {"got": 10, "job": None}
    assert operator.put(f"{door}?at=0", content=TEXT[:10]).status_code == 422
    assert operator.put(f"{door}?at=12", content=TEXT[12:]).status_code == 422
    assert operator.put(f"{door}?at=10", content=TEXT[10:] + b"more").status_code == 413
    assert operator.put(f"{door}?at=10", content=b"").status_code == 422
    assert operator.put(f"{door}?at=10", content=b"x" * (CHUNK_BYTES + 1)).status_code == 413
    assert knock("admin").put(f"{door}?at=10", content=TEXT[10:]).status_code == 404
    for deed in ("try", "load"):
        assert operator.post(f"/api/uploads/{number}/{deed}", json={}).status_code == 422
    again = operator.post("/api/uploads", json={"name": "grid.geojson", "size": len(TEXT)}).json()
    assert (again["id"], again["got"]) == (number, 10)
    last = operator.put(f"{door}?at=10", content=TEXT[10:]).json()
    assert last["got"] == len(TEXT)
    job = operator.get(f"/api/uploads/{number}").json()["job"]
    assert (job["id"], job["kind"], job["state"]) == (last["job"], "look_at_upload", "waiting")


def test_a_choice_is_held_against_what_was_found(operator: TestClient, town_engine: Engine) -> None:
    number = sent(operator)
    door = f"/api/uploads/{number}"
    assert operator.patch(door, json={"crs": "EPSG:4549"}).status_code == 422, "not looked at yet"
    found = '{"kinds": [{"key": "boundaries"}], "columns": [{"name": "code"}], "layers": ["a"]}'
    with town_engine.begin() as c:
        c.execute(text("update jobs set state = 'done', ended_at = now()"))
    stand(town_engine, number, looked=found)
    for wrong in (
        {"crs": "EPSG:0"}, {"kind": "moon"}, {"layer": "b"}, {"columns": {"code": ["x"]}}, {"confirmed": "load"},
        {"path": "/etc"},
    ):  # fmt: skip
        assert operator.patch(door, json=wrong).status_code == 422, wrong
    told = operator.patch(
        door, json={"crs": "GCJ-02", "columns": {"code": ["code"]}, "options": {"level": "station"}}
    )
    assert told.json()["choice"]["crs"] == "GCJ-02"
    assert told.json()["job"] is None
    assert operator.post(f"{door}/load", json={}).status_code == 422, "nothing is loaded that was not tried"
    assert operator.patch(door, json={"kind": "boundaries"}).json()["job"], "another kind is looked at again"


def test_a_load_that_was_kept_is_not_done_again(
    operator: TestClient, town_engine: Engine, gusu: Profile, doors: FastAPI
) -> None:
    """The worker died after the load was kept and before it said so."""
    number = sent(operator, "站点.geojson")
    with town_engine.begin() as c:
        it = uploads.upload(c, number)
        c.execute(text("update jobs set state = 'done', ended_at = now()"))
        c.execute(
            text("""insert into loads (kind, file_name, file_sha256, options, state, started_at, finished_at)
                    values ('boundaries', :name, '', '{}', 'done', now(), now())"""),
            {"name": it.stored},
        )
        who = accounts.Account(it.account_id, "operator", "operator", None)
        jobs.ask(c, who, "load_upload", {"upload": number})
        taken = jobs.take(c)
    assert taken
    made = done(town_engine, gusu, doors.state.house.settings, taken)
    assert made == 0
    with town_engine.begin() as c:
        after = uploads.upload(c, number)
        assert [run.file_name for run in loads.list_loads(c)] == ["站点.geojson"]
        assert after.load_state == "done"
    assert operator.post(f"/api/uploads/{number}/load", json={}).status_code == 422
    assert operator.delete(f"/api/uploads/{number}").status_code == 422


def done(engine: Engine, profile: Profile, settings: Settings, taken: jobs.Taken) -> int:
    def never(*_: Any, **__: Any) -> Any:
        raise AssertionError("the file was loaded again")

    return doing.do(
        engine,
        profile,
        settings,
        taken.id,
        taken.attempt,
        loading=lambda: Loading(never, never, never, never, never),
    )


def test_formulas_leave_as_text(operator: TestClient, town_engine: Engine) -> None:
    with town_engine.begin() as c:
        load = c.execute(
            text("""insert into loads (kind, file_name, file_sha256, options, state, message, started_at, finished_at)
                    values ('tickets', 'a.csv', '', '{}', 'refused', 'no', now(), now()) returning id""")
        ).scalar_one()
        c.execute(
            text("""insert into load_findings (load_id, seq, code, severity, row_number, column_name, value,
                                               message_zh, message_en, action_zh, action_en)
                    values (:load, 1, 'x', 'rejected', 3, '@col', '=HYPERLINK("http://x")', '错', 'm', '无', 'a')"""),
            {"load": load},
        )
    table = operator.get(f"/api/loads/{load}/findings.csv?lang=en").text
    assert """,'@col,"'=HYPERLINK(""http://x"")",m""" in table
    assert ",错,无," in operator.get(f"/api/loads/{load}/findings.csv").text
    assert [harmless(one) for one in ("+1", "-1", "\t=1", 3, "a=1", None)] == [
        "'+1",
        "'-1",
        "'\t=1",
        3,
        "a=1",
        None,
    ]
    assert operator.get(f"/api/loads/{load}").json()["findings"][0]["row"] == 3
    assert operator.post(f"/api/loads/{load}/roll-back", json={"sure": load + 1}).status_code == 422
    assert operator.post(f"/api/loads/{load}/roll-back", json={"sure": load}).status_code == 422, (
        "it kept nothing"
    )


def test_a_file_nobody_loads_can_be_removed(
    operator: TestClient, doors: FastAPI, town_engine: Engine
) -> None:
    number = sent(operator)
    assert operator.delete(f"/api/uploads/{number}").status_code == 422, "the worker is about to look at it"
    with town_engine.begin() as c:
        c.execute(text("update jobs set state = 'done', ended_at = now()"))
    assert operator.delete(f"/api/uploads/{number}").status_code == 204
    assert not (doors.state.house.settings.uploads / str(number)).exists()
    assert operator.get(f"/api/uploads/{number}").status_code == 404
