"""What the map is told of layers, what its legend says of them, and what its scripts may be made of."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path
from typing import Any

import pytest

from app.map.legend import entries, legend
from app.map.source import spec
from app.map.view import attribution, map_view
from geodata.profile import Profile
from layers import discover
from layers.base import Bilingual, Cells, Layer, Raster, Shapes, Tiles, named

ASSETS = Path(__file__).resolve().parents[2] / "app" / "assets"
SCRIPTS = sorted((ASSETS / "map").glob("*.js"))
LATER = sorted((ASSETS / "later").glob("*.js"))  # fetched when first needed
TITLE = Bilingual("新图层", "New layer")
MOST_BYTES = 90_000


def new_layers() -> list[Layer]:
    """A layer of each kind that nothing in app/ has ever heard of."""
    return [
        Layer("new_lines", TITLE, Shapes("roads", columns=named("name")), palette=("--notice",)),
        Layer("new_points", TITLE, Tiles("places", columns=named("code", "name")), palette=("--watch",)),
        Layer("new_cells", TITLE, Cells(), unit=Bilingual("件", "tickets"), palette=("--heat-1", "--heat-7")),
        Layer("new_raster", TITLE, Raster("new.tif", low=0, high=10), palette=("--heat-1", "--heat-7")),
    ]


def text_of(component: Any) -> str:
    """All words of a component."""
    found: list[str] = []

    def walk(node: Any) -> None:
        if isinstance(node, str):
            found.append(node)
        elif isinstance(node, list | tuple):
            for one in node:
                walk(one)
        elif hasattr(node, "children"):
            walk(node.children)

    walk(component)
    return " ".join(found)


def facts_of(component: Any) -> dict[str, Any]:
    """The facts the scripts read from the page."""
    return dict(json.loads(component.to_plotly_json()["props"]["data-map"]))


@pytest.mark.parametrize("layer", [*discover().values(), *new_layers()], ids=lambda layer: layer.key)
def test_every_layer_can_be_told_and_explained(layer: Layer) -> None:
    told = json.loads(json.dumps(spec(layer)))
    assert told["key"] == layer.key
    assert told["kind"] in (
        "shapes",
        "tiles",
        "cells",
        "raster",
        "people",
        "openalerts",
        "classed",
        "stretches",
    )
    assert entries(layer)
    for language in ("zh", "en"):
        words = text_of(legend(layer, language, breaks=[1, 5, 20], as_of="08:00"))
        assert "08:00" in words
        assert not layer.unit or layer.unit.in_(language) in words


def test_only_what_the_question_changes_is_asked_again() -> None:
    asking = {key for key, layer in discover().items() if spec(layer).get("asks")}
    assert asking == {"tickets", "ticket_heat", "hotspot_roads"}


def test_heat_legend_says_limits_and_that_they_are_quantiles() -> None:
    words = text_of(legend(discover()["ticket_heat"], "en", breaks=[1, 9, 1200]))
    assert "1,200" in words
    assert "quantile" in words


def test_the_map_knows_levels_in_order_and_a_new_layer_without_a_touch_here(gusu: Profile) -> None:
    facts = facts_of(map_view(gusu, [*discover().values(), *new_layers()], "zh"))
    assert facts["levels"] == [level.key for level in gusu.levels]
    by_level = {layer.get("level"): layer["key"] for layer in facts["layers"]}
    assert [by_level[level] for level in facts["levels"]] == [
        "districts", "subdistricts", "stations", "communities", "grid_cells",
    ]  # fmt: skip
    assert {"new_lines", "new_points", "new_cells", "new_raster"} <= {
        layer["key"] for layer in facts["layers"]
    }


def test_a_source_is_credited_once(gusu: Profile) -> None:
    del gusu
    credit = attribution(discover().values(), "en")
    assert len(credit.split(" · ")) == len(set(credit.split(" · ")))
    assert "leaflet" not in credit.lower()


def test_hooks_named_in_python_exist_in_the_scripts(gusu: Profile) -> None:
    """A function that does not exist makes dash-leaflet mount the map again for ever."""
    source = (ASSETS / "map" / "engine.js").read_text("utf-8")
    frame = map_view(gusu, discover().values(), "zh").children[0]
    hooks = frame.children[0].eventHandlers
    for event, reference in hooks.items():
        assert reference == {"variable": f"yiping.map.hooks.{event}"}
        assert re.search(rf"map\.hooks = \{{.*?\b{event}\(", source, re.DOTALL), event


def test_scripts_are_small_and_ask_nobody_else() -> None:
    assert sum(script.stat().st_size for script in SCRIPTS) < MOST_BYTES
    for script in [*SCRIPTS, *LATER, ASSETS / "vendor" / "mvt.js", ASSETS / "map" / "map.css"]:
        assert not re.search(r"https?://|//cdn|@import", script.read_text("utf-8")), script.name


def test_vendored_libraries_are_what_their_list_says() -> None:
    listed = (ASSETS / "vendor" / "README.md").read_text("utf-8")
    for library in (ASSETS / "vendor").glob("*.js"):
        assert library.name in listed
        assert hashlib.sha256(library.read_bytes()).hexdigest() in listed, library.name


def test_colours_are_tokens() -> None:
    """A colour written into a script would not follow the theme."""
    tokens = (ASSETS / "tokens.css").read_text("utf-8")
    for script in [*SCRIPTS, *LATER]:
        source = script.read_text("utf-8")
        assert not re.search(r"#[0-9a-fA-F]{6}\b|rgba?\(", source), script.name
        for name in re.findall(r'css\("([a-z0-9-]+)"\)|colour: "([a-z0-9-]+)"', source):
            assert f"--{name[0] or name[1]}:" in tokens, (script.name, name)
