"""An overlay of the planner's map as the browser draws it: flat coordinates, tones, and the card that explains it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import shapely
from dash import html
from dash.development.base_component import Component

from app.components.markup import markup
from app.pages.planning_data import Ask
from app.pages.planning_state import MapLayer
from app.pages.planning_tones import Tone
from geodata.space.hexes import as_text, outline

Drawn = dict[str, Any]


def said(ask: Ask, kind: MapLayer, body: Sequence[Component | None], cells: list[Drawn] | None = None,
          lines: list[Drawn] | None = None) -> Drawn:  # fmt: skip
    """The card over the map: title, reading, legend."""
    title = html.H2(ask.terms(f"plan_map.{kind}"))
    return {"cells": cells or [], "lines": lines or [], "html": markup([title, *body])}


def flat(line: Any) -> list[float]:
    """Longitude and latitude in turn, to 0.1 m."""
    return [round(value, 6) for spot in shapely.get_coordinates(line).tolist() for value in spot]


def cell_drawn(cell: int, tone: Tone, tip: str) -> Drawn:
    """A hexagon as the map draws it; a press opens its tickets."""
    ring = flat(outline(cell))[:-2]
    return {"ring": ring, "tone": tone.token, "strength": tone.strength, "edge": tone.edge, "tip": tip,
            "list": f"cell={as_text(cell)}"}  # fmt: skip
