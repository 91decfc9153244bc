"""Linkage work stations 联动工作站."""

from __future__ import annotations

from layers.base import Bilingual, Layer, area_shapes

LAYER = Layer(
    key="stations",
    title=Bilingual("工作站", "Work stations"),
    source=area_shapes("station", min_zoom=11),
    palette=("--map-border",),
    order=38,
    depth=2,
)
