"""Where there are more tickets 工单 than in the window before, or fewer, per hexagon (H3)."""

from __future__ import annotations

from layers.base import Bilingual, Classed, Layer

WORDS = (
    Bilingual("少很多", "far fewer"),
    Bilingual("较少", "fewer"),
    Bilingual("略少", "a little fewer"),
    Bilingual("相近", "about the same"),
    Bilingual("略多", "a little more"),
    Bilingual("较多", "more"),
    Bilingual("多很多", "far more"),
)

LAYER = Layer(
    key="comparison",
    title=Bilingual("与上期对比", "Change on the window before"),
    source=Classed(
        "/api/planning/comparison",
        WORDS,
        neutral=3,
        glyphs=("down", "", "", "", "", "", "up"),
    ),
    unit=Bilingual("六边形，按件数之差分级", "hexagons, classed by the difference in tickets"),
    palette=tuple(f"--diff-{step}" for step in range(1, 8)),
    roles=("commander", "planner", "admin"),
    refresh_s=600,
    order=33,
)
