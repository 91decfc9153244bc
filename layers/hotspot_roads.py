"""Hotspot roads 高发路段: the stretches on which the chosen tickets stand out of their area."""

from __future__ import annotations

from layers.base import Bilingual, Layer, Stretches

LAYER = Layer(
    key="hotspot_roads",
    title=Bilingual("高发路段", "Hotspot roads"),
    source=Stretches(),
    unit=Bilingual("件/路段", "tickets per stretch"),
    palette=("--map-ticket", "--map-ticket-edge"),
    roles=("planner", "commander", "operator", "admin"),
    refresh_s=300,
    order=45,
)
