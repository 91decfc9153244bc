"""The four levels of alerts, each with colour, shape and word, because no one of them is enough alone."""

from __future__ import annotations

from typing import Literal

import dash_svg as svg
from dash import html

from app.components.actions import aria, data
from app.terms import Terms
from geodata.types import Level

Marked = Level | Literal["normal", "silent"]

# Drawn on a grid of 16, heavier with each level: ring, triangle, diamond, hexagon. The browser's map draws the same.
OUTLINES: dict[str, str] = {
    "notice": "M8 1.8a6.2 6.2 0 1 0 0 12.4A6.2 6.2 0 0 0 8 1.8z",
    "watch": "M8 1.4 15.3 14H.7z",
    "warning": "M8 .4 15.6 8 8 15.6.4 8z",
    "danger": "M4.2.9h7.6L15.8 8l-4 7.1H4.2L.2 8z",
    "normal": "M8 3.4a4.6 4.6 0 1 0 0 9.2 4.6 4.6 0 0 0 0-9.2z",
    "silent": "M8 1.8a6.2 6.2 0 1 0 0 12.4A6.2 6.2 0 0 0 8 1.8z",
}
SIGNS: dict[str, str] = {
    "notice": "M8 6.4a1.6 1.6 0 1 0 0 3.2 1.6 1.6 0 0 0 0-3.2z",
    "watch": "M7.1 5.8h1.8v4H7.1zM7.1 11h1.8v1.7H7.1z",
    "warning": "M7 4.2h2v5H7zM7 10.4h2v1.9H7z",
    "danger": "M6.9 3.4h2.2v5.7H6.9zM6.9 10.4h2.2v2.2H6.9z",
    "silent": "M4.8 7.1h6.4v1.8H4.8z",
}


def mark(terms: Terms, level: Level | Literal["silent"] | None, *, word: bool = True) -> html.Span:
    """A level's shape in its colour with its word beside it; None is normal. Without `word` it is read on hover."""
    key: Marked = level or "normal"
    said = terms(f"alert_level.{key}")
    if word:
        return html.Span(
            [shape(key), html.Span(said, className="level-word")], className=f"level level-{key}"
        )
    named = {**aria(label=said), **data(level=key)}
    return html.Span(shape(key), className=f"level level-{key}", title=said, role="img", **named)


def shape(key: Marked) -> svg.Svg:
    """The shape alone, as large as the text around it; the word must stand nearby."""
    paths = [svg.Path(d=OUTLINES[key], className="level-body")]
    if key in SIGNS:
        paths.append(svg.Path(d=SIGNS[key], className="level-sign"))
    return svg.Svg(paths, viewBox="0 0 16 16", className="level-shape", **aria(hidden="true"))
