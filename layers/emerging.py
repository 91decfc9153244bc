"""How cells became hot or cold spots 新兴热点 over the steps of the window."""

from __future__ import annotations

from geodata.rules.hotspots.emerging import KEYS, NONE
from geodata.rules.hotspots.reading import label
from layers.base import Bilingual, Classed, Layer

# Colour tells the side and how it goes, the glyph too, so that it is read without colour: ▲ rises, ● stays, ▼ falls.
STRENGTH = {"new": 3, "consecutive": 3, "intensifying": 3, "persistent": 2, "sporadic": 2, "oscillating": 2,
            "diminishing": 1, "historical": 1}  # fmt: skip
GLYPHS = {3: "up", 2: "stay", 1: "down"}


def _colour(key: str) -> str:
    pattern, _, side = key.rpartition("_")
    away = STRENGTH.get(pattern, 0)
    return f"--diff-{4 + away if side == 'hot' else 4 - away}"


def _glyph(key: str) -> str:
    return GLYPHS.get(STRENGTH.get(key.rpartition("_")[0], 0), "")


LAYER = Layer(
    key="emerging",
    title=Bilingual("新兴冷热点", "Emerging hot and cold spots"),
    source=Classed(
        "/api/hotspots/emerging", tuple(map(label, KEYS)), neutral=NONE, glyphs=tuple(map(_glyph, KEYS))
    ),
    unit=Bilingual("六边形，按各期显著与否分级", "hexagons, classed by their steps"),
    palette=tuple(map(_colour, KEYS)),
    roles=("commander", "planner", "admin"),
    refresh_s=600,
    order=35,
)
