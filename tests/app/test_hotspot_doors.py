"""The doors of hotspots on the chequered town: who may ask, what is answered, what a wrong argument is told."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from starlette.testclient import TestClient

Knock = Callable[[str | None], TestClient]
WINDOW = {"from": "2025-11-02", "to": "2026-03-01"}


def test_cells_that_stand_out(admin: TestClient) -> None:
    told = admin.get("/api/hotspots/cells", params=WINDOW | {"resolution": 9}).json()
    assert told["cells"]
    assert {cell["key"] for cell in told["cells"]} <= {each["key"] for each in told["classes"]} - {"none"}
    assert sum(each["cells"] for each in told["classes"] if each["key"] != "none") == len(told["cells"])
    assert set(told["reading"]) == {"zh", "en"}
    for cell in told["cells"]:
        assert (cell["z"] is None) == cell["key"].startswith("cold")  # a low z would tell small counts
        assert told["classes"][cell["class"]]["key"] == cell["key"]


def test_the_same_as_geojson(admin: TestClient) -> None:
    asked = WINDOW | {"resolution": 9}
    plain = admin.get("/api/hotspots/cells", params=asked).json()["cells"]
    answer = admin.get("/api/hotspots/cells", params=asked | {"format": "geojson"})
    assert answer.headers["content-type"] == "application/geo+json"
    told = answer.json()
    assert [each["properties"] for each in told["features"]] == plain
    ring = told["features"][0]["geometry"]["coordinates"][0]
    assert len(ring) == 7
    assert ring[0] == ring[-1]


def test_emerging_takes_steps_that_the_window_holds(admin: TestClient) -> None:
    told = admin.get("/api/hotspots/emerging", params=WINDOW).json()
    assert told["step_days"] == 7
    assert len(told["classes"]) == 17
    month = admin.get("/api/hotspots/emerging", params={"from": "2026-01-31", "to": "2026-03-01"}).json()
    assert month["step_days"] == 3
    short = admin.get("/api/hotspots/emerging", params=WINDOW | {"step": 60})
    assert short.status_code == 422
    assert "8 to 120 steps" in short.text


def test_lines_tell_their_limits_and_what_lies_on_no_road(admin: TestClient) -> None:
    told = admin.get("/api/hotspots/lines", params=WINDOW).json()
    assert told["type"] == "FeatureCollection"
    assert told["total"] == 0  # this town's tickets stand on no road
    assert told["off_road"] > 5000
    assert "5" in told["reading"]["zh"]


@pytest.mark.parametrize(
    ("path", "wrong"),
    [
        ("cells", {"resolution": 8}),
        ("cells", {"exposure": "rain"}),
        ("lines", {"bandwidth": 5}),
        ("emerging", {"step": 0}),
    ],
)
def test_wrong_arguments_are_named(admin: TestClient, path: str, wrong: dict[str, object]) -> None:
    answer = admin.get(f"/api/hotspots/{path}", params=WINDOW | wrong)
    assert answer.status_code == 422
    assert next(iter(wrong)) in answer.text


def test_planners_and_commanders_may_ask_walls_and_strangers_may_not(knock: Knock) -> None:
    for path in ("cells", "emerging", "lines"):
        for who, status in (
            ("planner", 200),
            ("commander", 200),
            ("screen", 403),
            ("operator", 403),
            (None, 401),
        ):
            answer = knock(who).get(f"/api/hotspots/{path}", params=WINDOW | {"resolution": 9})
            assert answer.status_code == status, (path, who)


def test_an_account_of_one_area_is_judged_within_it(knock: Knock, admin: TestClient) -> None:
    own = knock("local").get("/api/hotspots/cells", params=WINDOW | {"resolution": 9}).json()
    asked = admin.get("/api/hotspots/cells", params=WINDOW | {"resolution": 9, "area": "1-0-0"}).json()
    assert own == asked
    assert own["total"] < admin.get("/api/hotspots/cells", params=WINDOW | {"resolution": 9}).json()["total"]


def test_the_layers_name_their_doors(admin: TestClient) -> None:
    layers = {each["key"]: each for each in admin.get("/api/layers").json()["layers"]}
    for key, door in (("significance", "cells"), ("emerging", "emerging"), ("road_density", "lines")):
        assert layers[key]["kind"] == "classed"
        assert layers[key]["features"] == f"/api/hotspots/{door}"
        assert layers[key]["url"] is None
        assert admin.get(f"/tiles/{key}/12/3421/1675.mvt", params=WINDOW).status_code == 404
        assert admin.get(f"/api/layers/{key}/features", params=WINDOW).status_code == 404
