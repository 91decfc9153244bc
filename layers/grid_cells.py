"""Basic grid cells 基础网格, the unit of patrol."""

from __future__ import annotations

from layers.base import Bilingual, Layer, area_shapes

LAYER = Layer(
    key="grid_cells",
    title=Bilingual("基础网格", "Grid cells"),
    source=area_shapes("grid_cell", min_zoom=12),
    palette=("--map-border",),
    order=36,
    depth=4,
)
