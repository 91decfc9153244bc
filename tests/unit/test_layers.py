"""Every layer is whole: a key, both languages, colours that exist, names that the schema has."""

from __future__ import annotations

import re

import pytest

from geodata.queries.relations import relation
from geodata.queries.sources import Shapes, Tiles
from geodata.store.settings import CHECKOUT
from geodata.types import ROLES
from layers import discover
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
