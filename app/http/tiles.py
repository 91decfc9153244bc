"""Vector tiles of every overlay, from memory while the data stays the same."""

from __future__ import annotations

import hashlib
from typing import Annotated

from fastapi import APIRouter, Path, Request, Response

from app.http.arguments import Asked, number
from app.http.heat import cells_of
from app.http.house import House, TheHouse
from app.http.layers import layer_for_reader
from geodata.errors import NotFound
from geodata.queries import crowd, freshness, tiles as tiles_query
from geodata.queries.sources import Cells, OpenAlerts, People, Raster, Shapes, Tiles
from geodata.queries.tiles import TileAddress
from geodata.types import Question

MVT = "application/vnd.mapbox-vector-tile"
DEEPEST_ZOOM = 20
KEPT_S = 60
LAYING_S = 0.15

router = APIRouter(tags=["tiles"])


@router.get("/tiles/{layer}/{z}/{x}/{y}.mvt", summary="A vector tile", response_class=Response)
def tile(
    *, request: Request, house: TheHouse, q: Asked, layer: str, z: int, x: int,
    y: Annotated[int, Path(description="Row from the north")],
) -> Response:  # fmt: skip
    """A Mapbox Vector Tile with a layer named like the overlay; 204 where nothing is."""
    source = layer_for_reader(layer, house.profile).source
    if isinstance(source, Raster):
        raise NotFound(f"The layer “{layer}” is a picture: ask /raster/{layer}.")
    number("z", z, 0, DEEPEST_ZOOM)
    at = TileAddress(z, number("x", x, 0, 2**z - 1), number("y", y, 0, 2**z - 1))
    if isinstance(source, OpenAlerts):
        raise NotFound(f"The layer “{layer}” is sent whole: ask /api/layers/{layer}/features.")
    if isinstance(source, People):
        return _people(request, house, at, q)
    key = (house.version(), layer, at, _what_matters(source, q), _pulse(house, source))
    return private(request, house.tiles.get(key, lambda: _draw(house, layer, source, at, q)), MVT)


def private(request: Request, body: bytes, media_type: str) -> Response:
    """A body that the reader's browser may keep for a minute and then ask whether it still holds."""
    headers = {
        "Cache-Control": f"private, max-age={KEPT_S}",
        "Vary": "Cookie, Authorization, Accept-Encoding",
    }
    if not body:
        return Response(status_code=204, headers=headers)
    headers["ETag"] = f'W/"{hashlib.sha1(body, usedforsecurity=False).hexdigest()[:20]}"'
    if headers["ETag"] in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    return Response(body, media_type=media_type, headers=headers)


def _people(request: Request, house: House, at: TileAddress, q: Question) -> Response:
    """A tile of the newest tick; which one that is, is asked every time. 202 while a new grid is being laid out."""
    with house.reading() as c:
        stamps = crowd.newest(c)
    if stamps.base and not house.crowds.ready(house.reading, stamps.base.grid_id, LAYING_S):
        return Response(status_code=202, headers={"Retry-After": "1", "Cache-Control": "no-store"})
    key = ("crowd", stamps, at, q.area)
    body = house.tiles.get(key, lambda: house.crowds.tile(house.reading, house.profile, stamps, q.area, at))
    return private(request, body, MVT)


def _pulse(house: House, source: Shapes | Tiles | Cells) -> object:
    """What readings change between two loads: a tile of sensors holds only for the readings it was drawn from."""
    if isinstance(source, Tiles) and source.table == "sensors":
        with house.reading() as c:
            return freshness.sensors_pulse(c)
    return None


def _draw(house: House, layer: str, source: Shapes | Tiles | Cells, at: TileAddress, q: Question) -> bytes:
    with house.reading() as c:
        return tiles_query.tile(
            c,
            house.profile,
            layer,
            source,
            at=at,
            q=q,
            counts=lambda resolution: cells_of(c, house, q, resolution),
        )


def _what_matters(source: Shapes | Tiles | Cells, q: Question) -> object:
    """The part of a question that changes a tile, so that equal tiles are kept once."""
    if isinstance(source, Cells) or source.table == "tickets":
        return q
    if source.table == "areas":
        return q.window.last
    return (q.area, q.scheme) if source.table in ("cameras", "sensors") else None
