"""Located tickets 工单 of the window: single points near by, numbers per patch from afar."""

from __future__ import annotations

from layers.base import Bilingual, Layer, Tiles, named

LAYER = Layer(
    key="tickets",
    title=Bilingual("工单", "Tickets"),
    source=Tiles("tickets", columns=named("id", "number", "category", "state"), cluster_below_zoom=15),
    unit=Bilingual("件", "tickets"),
    palette=("--notice", "--quiet"),
    roles=("commander", "planner", "operator", "admin"),
    refresh_s=300,
    order=72,
)
