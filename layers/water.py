"""Rivers, canals, the moat and lakes."""

from __future__ import annotations

from layers.base import Bilingual, Layer, Shapes, named

LAYER = Layer(
    key="water",
    title=Bilingual("水系", "Water"),
    source=Shapes("ground_features", columns=named("name", "name_en", "kind"), where={"theme": "water"}),
    palette=("--map-water",),
    order=10,
)
