"""Parks, gardens, wetlands and hills."""

from __future__ import annotations

from layers.base import Bilingual, Layer, Shapes, named

LAYER = Layer(
    key="greens",
    title=Bilingual("绿地", "Greens"),
    source=Shapes("ground_features", columns=named("name", "name_en", "kind"), where={"theme": "green"}),
    palette=("--map-green",),
    order=11,
)
