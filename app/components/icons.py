"""The few signs of the page, drawn here on a grid of 16 so that they share one stroke."""

from __future__ import annotations

import dash_svg as svg

from app.components.actions import aria

STROKES = {
    "back": "M10 3 5 8l5 5",
    "calendar": "M3 4.5h10v8.5H3zM3 7.3h10M5.5 2.8v2.6M10.5 2.8v2.6",
    "check": "m3.2 8.6 3.2 3.2 6.4-7",
    "chevron": "m4.5 6.5 3.5 3.5 3.5-3.5",
    "clock": "M8 2.5a5.5 5.5 0 1 0 0 11 5.5 5.5 0 0 0 0-11zM8 5v3.2l2.3 1.4",
    "close": "m4 4 8 8M12 4l-8 8",
    "down": "M8 3v10M4.2 9.2 8 13l3.8-3.8",
    "download": "M8 2.5v7.8M4.8 7.4 8 10.6l3.2-3.2M3 13.2h10",
    "draw": "M2.8 13.2 3.7 9.9 10.9 2.7l2.4 2.4L6.1 12.3zM9.4 4.2l2.4 2.4",
    "file": "M4 2.5h5l3 3v8H4zM9 2.5v3h3",
    "filter": "M2.5 3.5h11L9.4 8.4v4.4l-2.8-1.5V8.4z",
    "layers": "m8 2.2 6 3.3-6 3.3-6-3.3zM2.4 8.4 8 11.5l5.6-3.1M2.4 11 8 14.1l5.6-3.1",
    "link": "M6.6 9.4a2.6 2.6 0 0 0 3.7 0l2.4-2.4A2.6 2.6 0 0 0 9 3.3l-.8.8M9.4 6.6a2.6 2.6 0 0 0-3.7 0L3.3 9A2.6 2.6 0 0 0 7 12.7l.8-.8",
    "next": "m6 3 5 5-5 5",
    "panel": "M2.5 3h11v10h-11zM9.8 3v10",
    "person": "M8 8.2a2.6 2.6 0 1 0 0-5.2 2.6 2.6 0 0 0 0 5.2zM3 13.4c.5-2.3 2.4-3.6 5-3.6s4.5 1.3 5 3.6",
    "refresh": "M13 8a5 5 0 1 1-1.6-3.7M13 2.6v2.6h-2.6",
    "same": "M3.5 8h9",
    "search": "M7.1 11.6a4.5 4.5 0 1 0 0-9 4.5 4.5 0 0 0 0 9zM10.4 10.4 13.6 13.6",
    "star": "m8 2.4 1.7 3.5 3.9.6-2.8 2.7.7 3.9L8 11.3l-3.5 1.8.7-3.9-2.8-2.7 3.9-.6z",
    "target": "M8 12.5a4.5 4.5 0 1 0 0-9 4.5 4.5 0 0 0 0 9zM8 1.5v4M8 10.5v4M1.5 8h4M10.5 8h4",
    "theme": "M8 13.5a5.5 5.5 0 1 0 0-11zM8 13.5a5.5 5.5 0 0 1 0-11",
    "up": "M8 13V3M4.2 6.8 8 3l3.8 3.8",
    "warning": "M8 2.6 14.2 13H1.8zM8 6.6v3.2M8 11.4v.2",
}


def icon(name: str) -> svg.Svg:
    """A sign of the size of the text around it; it is decoration, words stand beside or in a label."""
    path = svg.Path(d=STROKES[name], className="icon-line")
    return svg.Svg([path], viewBox="0 0 16 16", className=f"icon icon-{name}", **aria(hidden="true"))
