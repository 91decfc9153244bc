"""What the map is told of layers in classes, and their legends."""

from __future__ import annotations

import json

import pytest

from app.map.legend import entries, legend
from app.map.source import spec
from geodata.rules.hotspots.emerging import KEYS
from layers import discover


@pytest.mark.parametrize("key", ["significance", "emerging", "road_density"])
def test_a_class_has_a_colour_and_a_name(key: str) -> None:
    layer = discover()[key]
    told = json.loads(json.dumps(spec(layer)))
    assert told["kind"] == "classed"
    assert len(told["labels"]) == len(told["palette"])
    assert told["door"].startswith("/api/hotspots/")


def test_hot_and_cold_lie_on_either_side_of_neutral() -> None:
    told = discover()["significance"]
    assert told.palette[3] == "--diff-4"
    assert entries(told)[0].text.en == "far more (≤ 1 % false)"
    assert len(entries(told)) == 6


def test_emerging_classes_are_told_apart_without_colour() -> None:
    told = spec(discover()["emerging"])
    assert told["glyphs"][told["neutral"]] == ""
    by_key = dict(zip(KEYS, told["glyphs"], strict=True))
    assert {by_key["new_hot"], by_key["persistent_hot"], by_key["historical_hot"]} == {"up", "stay", "down"}
    assert "legend-up" in str(legend(discover()["emerging"], "zh"))


def test_lines_have_a_ramp() -> None:
    assert "legend-steps" in str(legend(discover()["road_density"], "en"))
