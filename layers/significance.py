"""Cells with more tickets 工单 than chance would give them, or fewer (Getis-Ord Gi*, false discoveries held down)."""

from __future__ import annotations

from geodata.rules.hotspots.reading import label
from geodata.rules.hotspots.significance import GI_KEYS
from layers.base import Bilingual, Classed, Layer

LAYER = Layer(
    key="significance",
    title=Bilingual("显著冷热点", "Significant hot and cold spots"),
    source=Classed("/api/hotspots/cells", tuple(map(label, GI_KEYS)), neutral=GI_KEYS.index("none")),
    unit=Bilingual("六边形，按误报率分级", "hexagons, classed by false-discovery rate"),
    palette=tuple(f"--diff-{step}" for step in range(1, 8)),
    roles=("commander", "planner", "admin"),
    refresh_s=600,
    order=34,
)
