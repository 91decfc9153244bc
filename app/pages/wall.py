"""The big screen /wall: the map of the district, the alert that matters, the figures of the day; nothing to press.

Everything but the map is HTML of the server, asked for again when something happened (assets/wall/wall.js).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dash import dcc, html

from app.components.actions import aria, data
from app.components.live_state import live_state
from app.map.view import map_view
from app.terms import Terms
from geodata.profile import Profile
from layers.base import Layer

OVERLAYS = ("subdistricts", "crowd", "sensors", "alerts")
GROUND = ("districts", "greens", "water", "roads", "places")


@dataclass(frozen=True, slots=True)
class Frame:
    """What the screen needs before anything is asked: for whom, in which words; `demo` marks made-up rows."""

    profile: Profile
    area: str
    terms: Terms
    layers: Sequence[Layer]
    demo: bool
    renews: bool  # the session of a screen is renewed by the page itself


def page(frame: Frame) -> html.Div:
    """The whole screen, its parts still empty."""
    terms, profile = frame.terms, frame.profile
    shown = [layer for layer in frame.layers if layer.key in (*GROUND, *OVERLAYS)]
    return html.Div(
        [
            _bar(frame),
            html.Main(
                [map_view(profile, shown, frame.terms.language, "dark", snap=0), _legend(terms, shown)],
                className="wall-map",
                id="map-frame",
                **aria(label=terms("wall.map")),
            ),
            html.Div(
                [
                    html.Aside(id="wall-side", className="wall-side", **aria(live="polite")),
                    html.Div(id="wall-crowds"),
                ],
                className="wall-column",
            ),
            html.Div(id="wall-figures"),
            html.Footer(id="wall-ticker", className="wall-ticker", **aria(live="off")),
            html.P(terms("wall.sound_off"), id="wall-sound", className="wall-sound", hidden=True),
            *(dcc.Store(id=name) for name in ("view", "picked")),
        ],
        id="wall",
        className="wall",
        **_facts(frame),
    )


def _bar(frame: Frame) -> html.Header:
    terms = frame.terms
    names = frame.profile.title
    return html.Header(
        [
            html.H1([html.B(names.in_(terms.language)), html.Span(terms("wall.title"))]),
            html.Span(terms("brand.demo"), className="wall-demo", title=terms("brand.demo_why"))
            if frame.demo
            else None,
            html.Div(
                [
                    live_state(terms),
                    html.Span(
                        id="wall-as-of", className="wall-as-of", **data(text=terms("wall.as_of", at="{at}"))
                    ),
                ],
                className="wall-reach",
            ),
            html.Div([html.Span(id="wall-date"), html.Span(id="wall-clock")], className="wall-clock"),
        ],
        className="wall-bar",
    )


def _legend(terms: Terms, shown: list[Layer]) -> html.Div:
    """One quiet line that says what glows."""
    crowd = next((layer for layer in shown if layer.key == "crowd"), None)
    if crowd is None:
        return html.Div(hidden=True)
    steps = [html.I(style={"--mark": f"var({colour})"}) for colour in crowd.palette]
    breaks = getattr(crowd.source, "breaks", ())
    limits = [html.Span(f"{limit:g}") for limit in breaks]
    unit = crowd.unit.in_(terms.language) if crowd.unit else ""
    return html.Div(
        [
            html.Span(crowd.title.in_(terms.language)),
            html.Div(
                [html.Div(steps, className="legend-steps"), html.Div(limits, className="legend-limits")]
            ),
            html.Span(unit),
        ],
        className="wall-legend",
    )


def _facts(frame: Frame) -> dict[str, Any]:
    profile = frame.profile
    facts = {
        "zone": profile.time_zone,
        "root": profile.code,
        "area": frame.area,
        "lang": frame.terms.language,
        "bbox": ",".join(map(str, profile.bbox)),
        "layers": ",".join((*GROUND, *OVERLAYS)),
        "weekdays": frame.terms("time.weekdays"),
        "failed": frame.terms("wall.failed"),
        "reload": "yes",
        "renews": "yes" if frame.renews else "no",
    }
    return {f"data-{key}": value for key, value in facts.items()}
