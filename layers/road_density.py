"""Density of tickets 工单 along roads, a kernel over distance on the network."""

from __future__ import annotations

from geodata.queries.road_density import CLASSES
from layers.base import Bilingual, Classed, Layer

LAYER = Layer(
    key="road_density",
    title=Bilingual("沿路密度", "Density along roads"),
    source=Classed(
        "/api/hotspots/lines",
        tuple(Bilingual(f"第 {n} 级", f"class {n}") for n in range(1, CLASSES + 1)),
        drawn="lines",
    ),
    unit=Bilingual("件/百米", "tickets per 100 m"),
    palette=tuple(f"--heat-{step}" for step in range(1, 8)),
    roles=("commander", "planner", "admin"),
    refresh_s=600,
    order=36,
)
