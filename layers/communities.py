"""Communities and villages 社区（村）."""

from __future__ import annotations

from layers.base import Bilingual, Layer, area_shapes

LAYER = Layer(
    key="communities",
    title=Bilingual("社区", "Communities"),
    source=area_shapes("community", min_zoom=12),
    palette=("--map-border",),
    order=37,
    depth=3,
)
