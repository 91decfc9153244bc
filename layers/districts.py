"""The outline of the whole district."""

from __future__ import annotations

from layers.base import Bilingual, Layer, area_shapes

LAYER = Layer(
    key="districts",
    title=Bilingual("区界", "District"),
    source=area_shapes("district", min_zoom=0),
    palette=("--map-border",),
    order=40,
    depth=0,
)
