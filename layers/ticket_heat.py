"""Located tickets 工单 of the window counted per hexagon (H3)."""

from __future__ import annotations

from layers.base import Bilingual, Cells, Layer

LAYER = Layer(
    key="ticket_heat",
    title=Bilingual("工单热力", "Ticket heat"),
    source=Cells(),
    unit=Bilingual("件/六边形", "tickets per hexagon"),
    palette=tuple(f"--heat-{step}" for step in range(1, 8)),
    refresh_s=300,
    order=30,
)
