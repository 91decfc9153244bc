"""What the browser must know of a layer, one renderer per kind of source; a new layer file needs nothing here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from geodata.queries.sources import Cells, Classed, OpenAlerts, People, Raster, Shapes, Stretches, Tiles
from layers.base import Layer

DEEPEST_TILE = 16  # a tile of 4,096 units is finer than 0.2 m there; nearer views draw it larger
DEEPEST_CELLS = 15  # the finest hexagons come from this zoom on

LIVE = ("sensors", "tickets")  # tables whose rows change while one looks

Spec = dict[str, Any]


def _shapes(source: Shapes) -> Spec:
    level = source.where.get("level") if source.table == "areas" else None
    return {"level": level, "maxZoom": DEEPEST_TILE}


def _tiles(source: Tiles) -> Spec:
    return {
        "points": True,
        "asks": source.table == "tickets",
        "live": source.table in LIVE,
        "maxZoom": DEEPEST_TILE,
    }


RENDERERS: dict[type, Callable[[Any], Spec]] = {
    Shapes: _shapes,
    Tiles: _tiles,
    Cells: lambda _: {"asks": True, "maxZoom": DEEPEST_CELLS},
    Raster: lambda _: {},
    Stretches: lambda _: {"asks": True, "maxZoom": DEEPEST_TILE},
    People: lambda source: {"live": True, "breaks": list(source.breaks), "maxZoom": DEEPEST_CELLS},
    OpenAlerts: lambda _: {"live": True},
    Classed: lambda source: {
        "door": source.door,
        "drawn": source.drawn,
        "neutral": source.neutral,
        "glyphs": list(source.glyphs),
        "labels": [word._asdict() for word in source.labels],
    },
}


def spec(layer: Layer) -> Spec:
    """Describe a layer to the map's scripts: key, kind, zooms, words and colours, as plain JSON values."""
    return {
        "key": layer.key,
        "kind": layer.kind,
        "title": layer.title._asdict(),
        "unit": layer.unit._asdict() if layer.unit else None,
        "palette": list(layer.palette),
        "minZoom": layer.source.min_zoom,
        **RENDERERS[type(layer.source)](layer.source),
    }
