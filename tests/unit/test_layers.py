"""Every layer is whole: a key, both languages, colours that exist, names that the schema has."""

from __future__ import annotations

import re

import pytest

from geodata.profile import load_profile
from geodata.queries.relations import relation
from geodata.queries.sources import Shapes, Tiles
from geodata.store.settings import CHECKOUT
from geodata.types import ROLES
from layers import discover, of
from layers.base import Layer

TOKENS = set(re.findall(r"(--[a-z0-9-]+)\s*:", (CHECKOUT / "app/assets/tokens.css").read_text("utf-8")))
WANTED = (
    "districts", "subdistricts", "stations", "communities", "grid_cells", "roads", "water", "greens", "cameras", "sensors",
    "tickets", "ticket_heat", "heritage", "population",
)  # fmt: skip


def test_all_that_were_asked_for_are_there() -> None:
    assert set(WANTED) <= set(discover())


def test_the_base_map_lies_below_what_is_shown_on_it() -> None:
    order = list(discover())
    assert order.index("water") < order.index("roads") < order.index("ticket_heat") < order.index("tickets")


@pytest.mark.parametrize("layer", discover().values(), ids=list(discover()))
def test_a_layer_is_whole(layer: Layer) -> None:
    for word in (layer.title, layer.attribution, *([layer.unit] if layer.unit else [])):
        assert re.search(r"[\u4e00-\u9fff]", word.zh)
        assert re.fullmatch(r"[ -~]+", word.en)
    assert layer.palette
    assert set(layer.palette) <= TOKENS
    assert layer.roles
    assert set(layer.roles) <= set(ROLES)
    if isinstance(layer.source, Shapes | Tiles):
        assert relation(layer.source).attributes


def test_another_city_sees_its_own_levels() -> None:
    city = of(load_profile("new_york"))
    assert {"stations", "communities", "grid_cells"}.isdisjoint(city)
    assert city["subdistricts"].source.where["level"] == "community_district"  # type: ignore[union-attr]
    assert city["subdistricts"].title.en == "Community district"


def test_the_demo_district_sees_every_layer_as_it_stands() -> None:
    assert dict(of(load_profile("gusu"))) == dict(discover())
