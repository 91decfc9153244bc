"""Camera tiles: one to four pictures with name, distance, direction and state; assets/cameras lets them move."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Literal
from zoneinfo import ZoneInfo

import dash_svg as svg
from dash import html
from dash.development.base_component import Component

from app.components.actions import aria, data
from app.components.states import empty
from app.terms import Terms
from geodata.queries.cameras import Camera
from geodata.queries.cameras_near import Seeing

Size = Literal["large", "small"]
Handed = Callable[[str, int], str]  # a camera's code and an alert to what lets this session show it again
MOST = 4
SAID = ("loading", "at", "live", "drawn", "kept", "no_answer", "no_stream", "denied", "no_picture")
GONE = ("offline", "fault")  # whoever is known not to answer is not asked


def panel(
    terms: Terms, cameras: Sequence[Seeing], *, size: Size = "small", alert: int | None = None,
    zone: ZoneInfo | None = None, handed: Handed | None = None,
) -> html.Div:  # fmt: skip
    """The tiles of at most four cameras, the best first; `alert` goes into the log of who looked.

    What `handed` gives goes with each picture's address, for a screen that may see no others.

    Without a `zone` times are the browser's own.
    """
    shown = cameras[:MOST]
    if not shown:
        return empty(terms("camera.none_here"), terms("camera.none_here_hint"))
    tiles = [_seeing_tile(terms, one, alert, zone, handed) for one in shown]
    return _grid(terms, tiles, size, zone)


def own_picture(terms: Terms, it: Camera, zone: ZoneInfo) -> html.Div:
    """The picture of one camera by itself, for its card."""
    tile = _tile(
        terms, it.code, it.name, it.state, it.picture,
        caption=[], last_seen_at=it.last_seen_at, alert=None, zone=zone,
    )  # fmt: skip
    return _grid(terms, [tile], "small", zone)


def _grid(terms: Terms, tiles: list[html.Figure], size: Size, zone: ZoneInfo | None) -> html.Div:
    words = {key: terms(f"camera.{key}", time="{time}") for key in SAID}
    facts: dict[str, Any] = {"camera_words": json.dumps(words, ensure_ascii=False)}
    if zone is not None:
        facts["zone"] = zone.key
    return html.Div(
        tiles,
        className=f"camera-grid camera-grid-{size} camera-grid-{len(tiles)}",
        role="group",
        **aria(label=terms("camera.panel")),
        **data(**facts),
    )


def _seeing_tile(
    terms: Terms, it: Seeing, alert: int | None, zone: ZoneInfo | None, handed: Handed | None
) -> html.Figure:
    verdict = "sees" if it.sees else "blocked" if it.blocked else "nearest"
    caption = [
        html.Span(
            [_arrow(it.bearing_deg), terms("camera.away", metres=f"{it.distance_m:.0f}")],
            className="camera-away",
            title=terms("camera.looks", degrees=f"{it.bearing_deg:.0f}"),
        ),
        html.Span(terms(f"camera.{verdict}"), className=f"camera-verdict camera-{verdict}"),
    ]
    return _tile(
        terms, it.code, it.name, it.state, it.picture, caption=caption, last_seen_at=it.last_seen_at, alert=alert,
        zone=zone, given=handed(it.code, alert) if handed and alert is not None else None,
    )  # fmt: skip


def _tile(
    terms: Terms, code: str, name: str, state: str, picture: str | None, *, caption: Sequence[Component],
    last_seen_at: datetime | None, alert: int | None, zone: ZoneInfo | None, given: str | None = None,
) -> html.Figure:  # fmt: skip
    kind = "none" if state in GONE else picture or "none"
    why = "no_picture" if state in GONE else "no_stream" if kind == "none" else "loading"
    nothing = html.Div(
        [html.P(terms(f"camera.{why}"), **data(camera_why="")), html.P(_since(terms, last_seen_at, zone))],
        className="camera-nothing",
    )
    button = html.Button(
        [html.Video(muted=True, hidden=True), html.Img(hidden=True, alt=terms("camera.picture_of", name=name)), nothing],
        type="button",
        className="camera-picture",
        title=terms("camera.enlarge", name=name),
        **data(camera_enlarge=""),
    )  # fmt: skip
    badge = html.Span(
        [html.Span(className=f"key tone-{state}"), terms.either("camera_state", state)], className="badge"
    )
    words = [
        html.Span(name, className="camera-name", title=f"{name} · {code}"),
        html.Span([badge, *caption], className="camera-facts"),
        html.Span("", className="camera-time", **data(camera_time="")),
    ]
    return html.Figure(
        [button, html.Figcaption(words)],
        className="camera-tile",
        **data(camera=code, picture=kind, camera_state=state, alert=alert, handed=given),
    )


def _since(terms: Terms, moment: datetime | None, zone: ZoneInfo | None) -> str:
    if moment is None:
        return terms("camera.since_unknown")
    return terms("camera.since", time=moment.astimezone(zone).strftime("%Y-%m-%d %H:%M"))


def _arrow(bearing_deg: float) -> svg.Svg:
    """Which way the camera looks at the place, north up."""
    turn = f"rotate({bearing_deg:.0f} 8 8)"
    path = svg.Path(d="M8 2v12M4.2 6 8 2l3.8 4", className="icon-line", transform=turn)
    return svg.Svg([path], viewBox="0 0 16 16", className="icon camera-arrow", **aria(hidden="true"))
