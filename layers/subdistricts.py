"""Sub-districts 街道."""

from __future__ import annotations

from layers.base import Bilingual, Layer, area_shapes

LAYER = Layer(
    key="subdistricts",
    title=Bilingual("街道", "Sub-districts"),
    source=area_shapes("subdistrict", min_zoom=0),
    palette=("--map-border",),
    order=39,
    depth=1,
)
