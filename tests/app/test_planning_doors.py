"""The planner's doors: who may, what is hidden from whom, shapes, kept questions, long questions."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
from scipy.optimize import linprog
from sqlalchemy import Engine, text
from starlette.testclient import TestClient

from app.cli import _loading_of_files
from app.jobs import doing
from geodata.commands import jobs
from geodata.profile import Profile
from geodata.store.settings import Settings

Knock = Callable[[str | None], TestClient]
ASKED = "from=2026-01-01&to=2026-02-28"
HERE = "from=2026-02-01&to=2026-02-10&areas=3-3-5,3-4-8&level=grid_cell"
SQUARE = {
    "type": "Polygon",
    "coordinates": [[[120.58, 31.30], [120.62, 31.30], [120.62, 31.34], [120.58, 31.34], [120.58, 31.30]]],
}


@pytest.fixture
def planner(knock: Knock, town_engine: Engine) -> Iterator[TestClient]:
    yield knock("planner")
    with town_engine.begin() as c:
        for table in ("shapes", "saved_questions", "jobs"):
            c.execute(text(f"delete from {table}"))


DOORS = ("/api/planning/ranking", "/api/planning/trend", "/api/planning/matrix", "/api/planning/breakdown",
         "/api/planning/times", "/api/planning/comparison", "/api/shapes", "/api/questions", "/api/jobs", "/exports", "/exports/csv")  # fmt: skip


@pytest.mark.parametrize("path", DOORS)
def test_only_those_who_plan_come_in(knock: Knock, path: str) -> None:
    assert knock(None).get(path).status_code == 401
    assert knock("screen").get(path).status_code == 403
    assert knock("planner").get(path).status_code == 200


def test_the_ranking_adds_up_for_a_commander(knock: Knock) -> None:
    found = knock("commander").get(f"/api/planning/ranking?{ASKED}&level=station").json()
    assert found["compared_with"] == {"from": "2025-11-03", "to": "2025-12-31"}
    assert sum(row["count"] for row in found["rows"]) + found["elsewhere"] == found["total"] > 1000
    year = knock("commander").get(f"/api/planning/ranking?{ASKED}&vs=year").json()
    assert year["compared_with"] == {"from": "2025-01-01", "to": "2025-02-28"}
    own = knock("commander").get(f"/api/planning/ranking?{ASKED}&vs=2025-12-01_2025-12-31").json()
    assert own["compared_with"]["from"] == "2025-12-01"
    assert knock("commander").get(f"/api/planning/ranking?{ASKED}&vs=2026").status_code == 422
    assert knock("commander").get(f"/api/planning/ranking?{ASKED}&level=moon").status_code == 422


def test_small_counts_are_hidden_from_planners_and_not_from_commanders(knock: Knock) -> None:
    told = {
        name: knock(name).get(f"/api/planning/ranking?{HERE}").json() for name in ("commander", "planner")
    }
    true = {row["code"]: row["count"] for row in told["commander"]["rows"]}
    seen = {row["code"]: row for row in told["planner"]["rows"]}
    small = {code for code, count in true.items() if 0 < count < 5}
    assert small
    assert all(seen[code]["count"] is None and seen[code]["hidden"] for code in small)
    assert all(seen[code]["share"] is None and seen[code]["per_km2"] is None for code in small)
    shown = {code: row["count"] for code, row in seen.items() if not row["hidden"]}
    assert shown == {code: true[code] for code in shown}
    hidden = set(true) - set(shown)
    assert len(hidden) >= 2
    assert sum(true[code] for code in hidden) - len(hidden) >= 2, "or they were all ones"


def test_the_tables_of_one_question_do_not_give_each_other_away(knock: Knock) -> None:
    """Trend and matrix hold the same weekdays: a linear program over both finds no hidden day or hour."""
    planner, commander = knock("planner"), knock("commander")
    asked = "from=2026-02-02&to=2026-02-15&areas=1-1-1"
    days, true = (who.get(f"/api/planning/trend?{asked}").json()["counts"] for who in (planner, commander))
    hours, true_hours = (
        who.get(f"/api/planning/matrix?{asked}").json()["matrix"] for who in (planner, commander)
    )
    gone = [(n, None) for n in range(14) if days[n] is None]
    gone += [(weekday, hour) for weekday in range(7) for hour in range(24) if hours[weekday][hour] is None]
    assert len(gone) > 20
    assert all(days[n] is None for n in range(14) if 0 < true[n] < 5)
    assert all(hours[d][h] is None for d in range(7) for h in range(24) if 0 < true_hours[d][h] < 5)
    sums, right = np.zeros((8, len(gone))), np.zeros(8)
    for at, (n, hour) in enumerate(gone):
        sums[n % 7, at] = 1 if hour is None else -1
        sums[7, at] = hour is None
    for weekday in range(7):
        assert sum(true[weekday::7]) == sum(true_hours[weekday])
        right[weekday] = sum(h or 0 for h in hours[weekday]) - sum(n or 0 for n in days[weekday::7])
    right[7] = sum(true) - sum(n or 0 for n in days)  # the total is told by the times
    least = [(1 if (true[n] if hour is None else true_hours[n][hour]) else 0, None) for n, hour in gone]
    for at in range(len(gone)):
        goal = np.eye(len(gone))[at]
        low, high = (linprog(sign * goal, A_eq=sums, b_eq=right, bounds=least) for sign in (1, -1))
        assert low.status == 0
        assert high.status == 3 or -high.fun - low.fun > 0.5, gone[at]


def test_hexagons_are_compared_and_hidden_by_resolution(knock: Knock) -> None:
    planner, commander = knock("planner"), knock("commander")
    coarse = planner.get(f"/api/planning/comparison?{ASKED}&mode=per_km2").json()
    assert all(not cell["hidden"] for cell in coarse["cells"])
    fine = planner.get(f"/api/planning/comparison?{ASKED}&mode=before&resolution=10").json()
    true = commander.get(f"/api/planning/comparison?{ASKED}&mode=before&resolution=10").json()
    assert fine["diverging"]
    assert any(cell["hidden"] for cell in fine["cells"])
    assert all(cell["value"] is None and cell["class"] == -1 for cell in fine["cells"] if cell["hidden"])
    values = {cell["cell"]: cell["value"] for cell in true["cells"]}
    assert all(values[cell["cell"]] == cell["value"] for cell in fine["cells"] if not cell["hidden"])
    box = planner.get(
        f"/api/planning/comparison?{ASKED}&mode=before&resolution=10&bbox=120.58,31.3,120.6,31.32"
    ).json()
    hidden = {cell["cell"] for cell in fine["cells"] if cell["hidden"]}
    assert {cell["cell"] for cell in box["cells"] if cell["hidden"]} <= hidden, (
        "a box must not show what the whole hides"
    )
    changes = planner.get(f"/api/planning/comparison?{ASKED}").json()["cells"]
    drawn = planner.get(f"/api/planning/comparison?{ASKED}&format=geojson").json()["features"]
    told = {cell["cell"]: cell for cell in changes if cell["class"] >= 0}
    assert {one["properties"]["cell"] for one in drawn} == set(told)
    assert {0, 3, 6} <= {one["properties"]["class"] for one in drawn} <= set(range(7))
    assert all((one["properties"]["class"] > 3) - (one["properties"]["class"] < 3) in (0, np.sign(one["properties"]["value"]))
               for one in drawn)  # fmt: skip
    no_people = planner.get(f"/api/planning/comparison?{ASKED}&mode=per_1000").json()
    assert no_people["missing"]["en"]
    assert all(cell["value"] is None for cell in no_people["cells"])
    assert planner.get(f"/api/planning/comparison?{ASKED}&mode=magic").status_code == 422


def test_drawing_sharing_and_forgetting_an_area(planner: TestClient, knock: Knock) -> None:
    number = planner.post("/api/shapes", json={"name": "  古城 一角 ", "geometry": SQUARE}).json()["id"]
    mine = planner.get("/api/shapes").json()["shapes"]
    assert [(one["id"], one["name"], one["origin"], one["mine"]) for one in mine] == [
        (number, "古城 一角", "drawn", True)
    ]
    assert mine[0]["area_km2"] == pytest.approx(3.805 * 4.435, rel=0.02)
    inside = planner.get(f"/api/planning/times?{ASKED}&shape={number}").json()["received"]
    assert 0 < inside < planner.get(f"/api/planning/times?{ASKED}").json()["received"]
    commander = knock("commander")
    assert commander.get(f"/api/planning/times?{ASKED}&shape={number}").status_code == 404
    assert commander.delete(f"/api/shapes/{number}").status_code == 404
    assert commander.patch(f"/api/shapes/{number}", json={"shared": True}).status_code == 404
    assert planner.patch(f"/api/shapes/{number}", json={"shared": True}).status_code == 204
    assert commander.get(f"/api/planning/times?{ASKED}&shape={number}").status_code == 200
    assert commander.delete(f"/api/shapes/{number}").status_code == 404
    assert planner.delete(f"/api/shapes/{number}").status_code == 204
    assert planner.get("/api/shapes").json()["shapes"] == []


@pytest.mark.parametrize("geometry", [
    {"type": "Point", "coordinates": [120.6, 31.3]}, {"type": "Polygon", "coordinates": []},
    {"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 0]]]},
    {"type": "Polygon", "coordinates": [[[120.6, 31.3], [120.6, 31.3], [120.6, 31.3], [120.6, 31.3]]]},
    {"type": "Polygon", "coordinates": "); drop table shapes;"}, {"type": "Polygon", "coordinates": [[["a", "b"]]]},
])  # fmt: skip
def test_what_is_no_area_is_refused_in_one_sentence(planner: TestClient, geometry: dict[str, object]) -> None:
    answer = planner.post("/api/shapes", json={"name": "x", "geometry": geometry})
    assert answer.status_code == 422
    assert "psycopg" not in answer.text
    assert planner.get("/api/shapes").json()["shapes"] == []


def test_a_bow_tie_is_mended(planner: TestClient) -> None:
    ring = [[120.58, 31.30], [120.62, 31.34], [120.62, 31.30], [120.58, 31.34], [120.58, 31.30]]
    assert (
        planner.post(
            "/api/shapes", json={"name": "x", "geometry": {"type": "Polygon", "coordinates": [ring]}}
        ).status_code
        == 201
    )
    assert planner.get("/api/shapes").json()["shapes"][0]["area_km2"] > 1


def test_the_ground_round_a_street_is_measured_in_metres(planner: TestClient, gusu: Profile) -> None:
    around = {"kind": "road", "code": "r2", "metres": 100}
    assert planner.post("/api/shapes", json={"name": "平江路", "around": around}).status_code == 201
    found = planner.get("/api/shapes").json()["shapes"][0]
    kept = gpd.GeoSeries([shapely.geometry.shape(found["geometry"])], crs=4326).to_crs(gusu.metric_srid)
    street = gpd.GeoSeries([shapely.LineString([(120.63, 31.31), (120.63, 31.325)])], crs=4326).to_crs(
        gusu.metric_srid
    )
    assert kept.area[0] == pytest.approx(street.buffer(100).area[0], rel=0.01)
    for wrong in ({"code": "r9"}, {"kind": "moon"}, {"metres": 99_999}, {"metres": 0}):
        assert planner.post("/api/shapes", json={"name": "x", "around": around | wrong}).status_code in (
            404,
            422,
        )
    assert planner.post("/api/shapes", json={"name": "x"}).status_code == 422


def zipped(folder: Path, **to_file: str) -> bytes:
    gpd.GeoDataFrame({"a": [1]}, geometry=[shapely.geometry.shape(SQUARE)], crs=4326).to_crs(4549).to_file(
        folder / "区域.shp", **to_file
    )
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for file in folder.iterdir():
            archive.write(file, f"deep/{file.name}")
    return buffer.getvalue()


def worked(engine: Engine, profile: Profile, folder: Path) -> None:
    """Do the job that waits, as the worker's process would."""
    with engine.begin() as c:
        taken = jobs.take(c)
    assert taken
    doing.do(engine, profile, Settings(home=folder), taken.id, taken.attempt, loading=_loading_of_files)


def test_an_uploaded_file_is_read_by_the_worker(
    planner: TestClient, town_engine: Engine, gusu: Profile, tmp_path: Path
) -> None:
    (tmp_path / "shp").mkdir()
    plain = json.dumps(
        {"type": "FeatureCollection", "features": [{"type": "Feature", "properties": {}, "geometry": SQUARE}]}
    )
    gpd.GeoDataFrame(geometry=[shapely.geometry.shape(SQUARE)], crs=4326).to_file(
        tmp_path / "c.kml", driver="KML"
    )
    for name, content in (
        ("a.geojson", plain.encode()),
        ("b.zip", zipped(tmp_path / "shp")),
        ("c.kml", (tmp_path / "c.kml").read_bytes()),
    ):
        number = planner.post("/api/shapes/upload", files={"file": (name, content)}).json()["job"]
        assert planner.get(f"/api/jobs/{number}").json()["state"] == "waiting"
        worked(town_engine, gusu, tmp_path)
        found = planner.get(f"/api/jobs/{number}").json()
        assert (found["state"], found["reason"]) == ("done", None)
        assert "content" not in found["asked"]
        kept = next(
            one
            for one in planner.get("/api/shapes").json()["shapes"]
            if one["id"] == found["result"]["shape"]
        )
        assert (kept["name"], kept["origin"]) == (name.split(".")[0], "upload")
        assert (
            shapely.geometry.shape(kept["geometry"]).symmetric_difference(shapely.geometry.shape(SQUARE)).area
            < 1e-6
        )


BOMB = io.BytesIO()
with zipfile.ZipFile(BOMB, "w", zipfile.ZIP_DEFLATED) as _archive:
    _archive.writestr("a.shp", bytes(30 * 2**20))


@pytest.mark.parametrize("content", [b"", b"{", b"[1]", b'{"type":"Point","coordinates":[1,2]}', b"PK\x03\x04broken",
                                     BOMB.getvalue(), b'{"a":' * 5000], ids=range(7))  # fmt: skip
def test_a_file_that_is_no_area_is_told_so(
    planner: TestClient, town_engine: Engine, gusu: Profile, tmp_path: Path, content: bytes
) -> None:
    number = planner.post("/api/shapes/upload", files={"file": ("x.geojson", content)}).json()["job"]
    worked(town_engine, gusu, tmp_path)
    found = planner.get(f"/api/jobs/{number}").json()
    assert found["state"] == "failed"
    assert found["reason"] != doing.DEFECT


def test_a_file_that_is_too_large_does_not_come_in(planner: TestClient) -> None:
    assert planner.post("/api/shapes/upload", files={"file": ("x", bytes(3 * 2**20))}).status_code in (
        413,
        422,
    )
    assert planner.get("/api/jobs").json()["jobs"] == []


def test_questions_are_kept_by_name(planner: TestClient, knock: Knock) -> None:
    first = planner.post("/api/questions", json={"name": "每周看", "address": "/planning?map=gi"}).json()[
        "id"
    ]
    again = planner.post("/api/questions", json={"name": " 每周看 ", "address": "/planning?map=heat"}).json()[
        "id"
    ]
    assert first == again
    commander = knock("commander")
    assert commander.get("/api/questions").json()["questions"] == []
    planner.patch(f"/api/questions/{first}", json={"shared": True})
    seen = commander.get("/api/questions").json()["questions"]
    assert [(one["name"], one["address"], one["mine"], one["by"]) for one in seen] == [
        ("每周看", "/planning?map=heat", False, "planner")
    ]
    assert commander.delete(f"/api/questions/{first}").status_code == 404
    assert planner.delete(f"/api/questions/{first}").status_code == 204
    for address in (
        "https://evil.example/planning",
        "//evil",
        "/planningx",
        "/admin",
        '/planning?a="><script>',
    ):
        assert planner.post("/api/questions", json={"name": "x", "address": address}).status_code == 422


def test_a_long_question_is_asked_done_and_fetched(
    planner: TestClient, knock: Knock, town_engine: Engine, gusu: Profile, doors: object
) -> None:
    settings = doors.state.house.settings  # type: ignore[attr-defined]
    number = planner.post(
        f"/api/jobs?{ASKED}&areas=1-0-0", json={"kind": "export", "options": {"kind": "csv"}}
    ).json()["id"]
    assert planner.get(f"/api/jobs/{number}/result").status_code == 404
    with town_engine.begin() as c:
        taken = jobs.take(c)
    assert taken
    doing.do(town_engine, gusu, settings, taken.id, taken.attempt)
    found = planner.get(f"/api/jobs/{number}").json()
    assert (found["state"], found["progress"], found["download"]) == (
        "done",
        1.0,
        f"/api/jobs/{number}/result",
    )
    body = planner.get(found["download"])
    assert body.headers["content-disposition"].startswith("attachment")
    direct = planner.get(f"/exports/csv?{ASKED}&areas=1-0-0")
    assert body.content.splitlines()[-1] == direct.content.splitlines()[-1]
    assert knock("commander").get(f"/api/jobs/{number}").status_code == 404
    assert planner.post("/api/jobs", json={"kind": "upload_shape"}).status_code == 422
    assert planner.post("/api/jobs", json={"kind": "export", "options": {"x": "1"}}).status_code == 422
    assert planner.post(f"/api/jobs/{number}/cancel").json() == {"cancelled": False}


def test_an_account_of_an_area_plans_within_it(knock: Knock) -> None:
    local = knock("local")
    own = local.get(f"/api/planning/ranking?{ASKED}&level=station").json()
    assert {row["code"] for row in own["rows"] if row["count"]} <= {
        f"2-{x}-{y}" for x in range(2) for y in range(3)
    }
    assert local.get(f"/api/planning/ranking?{ASKED}&area=1-1-1").status_code == 403
    assert local.get(f"/exports/csv?{ASKED}&area=1-1-1").status_code == 403
