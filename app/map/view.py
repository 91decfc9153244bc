"""The map of a page: a Leaflet frame with its controls; the scripts in assets/map draw everything in it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import dash_leaflet as dl
from dash import dcc, html

from app.map.source import spec
from app.map.words import WORDS
from geodata.profile import Profile
from layers.base import Layer

MIN_ZOOM, MAX_ZOOM = 10, 19
ROOM = 0.6  # how far beyond the district one may pan, in widths of its box

Place = tuple[float, float, float]


def map_view(
    profile: Profile, layers: Iterable[Layer], language: str, theme: str = "dark", view: Place | None = None,
    *, snap: float = 1,
) -> html.Div:  # fmt: skip
    """A map of the district; `view` is longitude, latitude and zoom, the whole district when None.

    `snap` is the step of zooms it may stand at; 0 lets the district fill its frame.
    It writes the stores `view`, `picked` and, its own, `map-status` {failed: keys of layers};
    the page calls `yiping.map.apply(state)` and `yiping.map.fly(target)` in the browser.
    """
    layers = sorted(layers, key=lambda layer: layer.order)
    config = {
        "root": profile.code,
        "bbox": list(profile.bbox),
        "levels": [level.key for level in profile.levels],
        "language": "en" if language == "en" else "zh",
        "theme": theme,
        "layers": [spec(layer) for layer in layers],
        "words": {key: word._asdict() for key, word in WORDS.items()},
    }
    facts: dict[str, Any] = {"data-map": json.dumps(config, ensure_ascii=False)}
    return html.Div(
        [_leaflet(profile, layers, language, view, snap), dcc.Store(id="map-status")],
        className="yiping-map",
        **facts,
    )


def attribution(layers: Iterable[Layer], language: str) -> str:
    """Where the layers come from, each source named once."""
    return " · ".join(dict.fromkeys(layer.attribution.in_(language) for layer in layers))


def _leaflet(profile: Profile, layers: list[Layer], language: str, view: Place | None, snap: float) -> dl.Map:
    hooks = {name: {"variable": f"yiping.map.hooks.{name}"} for name in ("add", "remove")}
    return dl.Map(
        [
            dl.LayerGroup(
                eventHandlers=hooks,
                attribution=attribution(layers, language),
                disableDefaultEventHandlers=True,
            ),
            dl.AttributionControl(prefix=False, position="bottomright"),
            dl.ScaleControl(metric=True, imperial=False, position="bottomleft", maxWidth=120),
        ],
        id="map",
        style={"height": "100%", "width": "100%"},
        zoomSnap=snap,
        minZoom=MIN_ZOOM,
        maxZoom=MAX_ZOOM,
        maxBounds=_roomy(profile),
        maxBoundsViscosity=0.8,
        attributionControl=False,
        zoomControl=False,
        trackViewport=False,  # the scripts tell the view; tracking would render the component at every move
        fadeAnimation=False,
        keyboardPanDelta=120,
        wheelPxPerZoomLevel=90,
        **_start(profile, view),
    )


def _start(profile: Profile, view: Place | None) -> dict[str, Any]:
    if view:
        return {"center": [view[1], view[0]], "zoom": round(view[2])}
    west, south, east, north = profile.bbox
    return {"bounds": [[south, west], [north, east]]}


def _roomy(profile: Profile) -> list[list[float]]:
    west, south, east, north = profile.bbox
    dx, dy = (east - west) * ROOM, (north - south) * ROOM
    return [[south - dy, west - dx], [north + dy, east + dx]]
