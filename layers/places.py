"""Landmarks and estates that people name, for labels and search."""

from __future__ import annotations

from layers.base import Bilingual, Layer, Tiles, named

LAYER = Layer(
    key="places",
    title=Bilingual("地名", "Places"),
    source=Tiles("places", columns=named("code", "name", "name_en", "kind", "address"), min_zoom=11),
    palette=("--map-label",),
    order=50,
)
