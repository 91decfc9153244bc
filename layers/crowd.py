"""People per hexagon 人群聚集 in the newest tick of the crowd feed."""

from __future__ import annotations

from layers.base import Bilingual, Layer, People

LAYER = Layer(
    key="crowd",
    title=Bilingual("人群密度", "Crowd density"),
    source=People(breaks=(0.0, 0.02, 0.05, 0.1, 0.2, 0.43, 1.08)),
    unit=Bilingual("人/平方米（可行走地面）", "people per sq m of walkable ground"),
    palette=tuple(f"--heat-{step}" for step in range(1, 8)),
    refresh_s=60,
    order=32,
)
