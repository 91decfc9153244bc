"""The doors of hotspot roads and repeated demand: who may knock, what comes out, and what is not told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from shapely import LineString
from starlette.testclient import TestClient

from app.hotspot_json import as_json, counts_of
from geodata.queries.hotspot_roads import HotspotRoads, RoadRow
from geodata.types import Bilingual

Knock = Callable[[str | None], TestClient]
WINDOW = {"from": "2026-01-01", "to": "2026-03-01"}
ROADS, REPEATED = "/api/hotspots/roads", "/api/hotspots/repeated"
ROW = RoadRow(
    "1:0-150", 1, Bilingual("人民路", "Renmin Road"), Bilingual("人民路9号周边", "around 9 Renmin Road"), "2-0-0", "平江街道",
    "Pingjiang", 40, 0.4, 2.0, 150.0, 26.7, 1e-9, LineString([(120.6, 31.3), (120.6010004, 31.3)]), (0x8B30981A3A00FFF,),
)  # fmt: skip
FOUND = HotspotRoads("H1.1.1", Bilingual("占道经营", "Trading"), 113, 100, 3, 10, 2, [ROW])


@pytest.mark.parametrize("path", [ROADS, REPEATED])
def test_only_who_plans_or_handles_may_ask(knock: Knock, path: str) -> None:
    assert knock(None).get(path, params=WINDOW).status_code == 401
    assert knock("screen").get(path, params=WINDOW).status_code == 403
    for name in ("planner", "commander", "operator", "admin", "local"):
        assert knock(name).get(path, params=WINDOW).status_code == 200


def test_roads_are_told_by_category_or_together(admin: TestClient) -> None:
    found = admin.get(ROADS, params=WINDOW).json()
    assert [one["code"] for one in found["categories"]]
    assert found["paragraph"]["zh"].startswith("一是")
    assert "%" in found["left_out"]["zh"]
    totals = [one["total"] for one in found["categories"]]
    assert totals == sorted(totals, reverse=True)
    (whole,) = admin.get(ROADS, params=WINDOW | {"together": "true"}).json()["categories"]
    assert whole["total"] == sum(totals)
    (one,) = admin.get(ROADS, params=WINDOW | {"category": "C1.1.1"}).json()["categories"]
    assert one["title"]["zh"] == "暴露垃圾"


@pytest.mark.parametrize(
    ("more", "said"), [({"limit": 0}, "limit"), ({"per_area": 99}, "per_area"), ({"level": "moon"}, "level")]
)
def test_what_means_nothing_is_refused_by_name(admin: TestClient, more: dict[str, object], said: str) -> None:
    answer = admin.get(ROADS, params=WINDOW | more)
    assert 400 <= answer.status_code < 500
    assert said in answer.json()["detail"]


def test_the_map_layer_is_lines_of_the_question(admin: TestClient, knock: Knock) -> None:
    told = admin.get("/api/layers/hotspot_roads/features", params=WINDOW)
    assert told.status_code == 200
    assert told.json()["type"] == "FeatureCollection"
    assert admin.get("/tiles/hotspot_roads/12/3419/1675.mvt", params=WINDOW).status_code in (200, 204)
    assert knock("screen").get("/api/layers/hotspot_roads/features", params=WINDOW).status_code == 403


def test_small_counts_and_what_gives_them_away_are_not_told() -> None:
    plain, hidden = counts_of(FOUND, suppressed=False), counts_of(FOUND, suppressed=True)
    assert plain == {"total": 113, "located": 100, "default_points": 3, "unlocated": 10, "off_road": 2}
    assert hidden["default_points"] is None
    assert hidden["off_road"] is None
    assert [hidden["located"], hidden["unlocated"]].count(None) >= 1
    told = as_json([FOUND], suppressed=True)
    assert told["left_out"] is None
    assert "占道经营113件" in told["paragraph"]["zh"]


def test_a_category_that_is_hidden_is_not_in_the_paragraph() -> None:
    few = replace(FOUND, total=3, located=3, default_points=0, unlocated=0, off_road=0, rows=[])
    told = as_json([few, FOUND], suppressed=True)
    assert told["paragraph"]["zh"].startswith("一是占道经营113件。高发路段为人民路9号周边（平江街道）。")
    assert told["categories"][0]["total"] is None


def test_a_stretch_is_told_with_its_line_and_cells() -> None:
    (row,) = as_json([FOUND])["categories"][0]["stretches"]
    assert row["geometry"] == {"type": "LineString", "coordinates": ((120.6, 31.3), (120.601, 31.3))}
    assert row["cells"] == ["8b30981a3a00fff"]
    assert row["name"] == {"zh": "人民路9号周边", "en": "around 9 Renmin Road"}
    assert row["area"]["name"] == "平江街道"
