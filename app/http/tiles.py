"""Vector tiles of every overlay, from memory while the data stays the same."""

from __future__ import annotations

import hashlib
from typing import Annotated

from fastapi import APIRouter, Path, Request, Response

from app.http.arguments import Asked, number
from app.http.guard import required_account
from app.http.house import House, TheHouse
from app.http.layers import layer_for_reader
from app.http.stretches import stretches_of
from geodata.cube.answers import from_cube
from geodata.errors import NotFound
from geodata.queries import crowd, freshness, tiles as tiles_query
from geodata.queries.heat import CellCounts, cell_counts
from geodata.queries.small_counts import without_small
from geodata.queries.sources import Cells, Classed, OpenAlerts, People, Raster, Shapes, Stretches, Tiles
from geodata.queries.stretch_tiles import stretch_tile
from geodata.queries.tiles import TileAddress
from geodata.rules.suppression import applies
from geodata.types import Question

MVT = "application/vnd.mapbox-vector-tile"
DEEPEST_ZOOM = 20
KEPT_S = 1  # with the version asked once a second, a change in the data is on the tiles within two
OTHERS_KEPT_S = 60
VARY = "Cookie, Authorization, Accept-Encoding"
LAYING_S = 0.15

router = APIRouter(tags=["tiles"])


@router.get("/tiles/{layer}/{z}/{x}/{y}.mvt", summary="A vector tile", response_class=Response)
def tile(
    *, request: Request, house: TheHouse, q: Asked, layer: str, z: int, x: int,
    y: Annotated[int, Path(description="Row from the north")],
) -> Response:  # fmt: skip
    """A Mapbox Vector Tile with a layer named like the overlay; 204 where nothing is."""
    source = layer_for_reader(layer, house.profile).source
    number("z", z, 0, DEEPEST_ZOOM)
    at = TileAddress(z, number("x", x, 0, 2**z - 1), number("y", y, 0, 2**z - 1))
    if isinstance(source, People):
        return _people(request, house, at, q)
    return private(request, drawn(house, layer, at, q), MVT, KEPT_S)


def drawn(house: House, layer: str, at: TileAddress, q: Question) -> bytes:
    """A tile that follows from the data's version alone, or from the newest reading; not those of crowds."""
    source = layer_for_reader(layer, house.profile).source
    if isinstance(source, Raster | People):
        raise NotFound(f"The layer “{layer}” is a picture: ask /raster/{layer}.")
    if isinstance(source, OpenAlerts):
        raise NotFound(f"The layer “{layer}” is sent whole: ask /api/layers/{layer}/features.")
    if isinstance(source, Classed):
        raise NotFound(f"The layer “{layer}” is sent whole: ask {source.door}.")
    hides = isinstance(source, Cells) and applies(
        required_account().role, resolution=tiles_query.heat_resolution(at.z)
    )
    key = (house.version(), layer, at, _what_matters(source, q), _pulse(house, source), hides)
    return house.tiles.get(key, lambda: _draw(house, layer, source, at, q, hides=hides))


def private(request: Request, body: bytes, media_type: str, kept_s: int = OTHERS_KEPT_S) -> Response:
    """A body that the reader's browser may keep for so long and then ask whether it still holds."""
    headers = {"Cache-Control": f"private, max-age={kept_s}", "Vary": VARY}
    if not body:
        return Response(status_code=204, headers=headers)
    headers["ETag"] = tag(body)
    if headers["ETag"] in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    return Response(body, media_type=media_type, headers=headers)


def tag(body: bytes) -> str:
    """What an unchanged body is known by."""
    return f'W/"{hashlib.sha1(body, usedforsecurity=False).hexdigest()[:20]}"'


def _people(request: Request, house: House, at: TileAddress, q: Question) -> Response:
    """A tile of the newest tick; which one that is, is asked every time. 202 while a new grid is being laid out."""
    with house.reading() as c:
        stamps = crowd.newest(c)
    if stamps.base and not house.crowds.ready(house.reading, stamps.base.grid_id, LAYING_S):
        return Response(status_code=202, headers={"Retry-After": "1", "Cache-Control": "no-store"})
    key = ("crowd", stamps, at, q.area)
    body = house.tiles.get(key, lambda: house.crowds.tile(house.reading, house.profile, stamps, q.area, at))
    return private(request, body, MVT, KEPT_S)


def _pulse(house: House, source: Stretches | Shapes | Tiles | Cells) -> object:
    """What readings change between two loads: a tile of sensors holds only for the readings it was drawn from."""
    if isinstance(source, Tiles) and source.table == "sensors":
        with house.reading() as c:
            return freshness.sensors_pulse(c)
    return None


def _draw(
    house: House,
    layer: str,
    source: Stretches | Shapes | Tiles | Cells,
    at: TileAddress,
    q: Question,
    *,
    hides: bool,
) -> bytes:
    if isinstance(source, Stretches):
        return stretch_tile(layer, at, stretches_of(house, q))
    # Tickets are found by their window: a plan that does not know it takes a hundred times as long.
    timed = isinstance(source, Tiles) and source.table == "tickets"
    with house.reading() if timed else house.glancing() as c:
        return tiles_query.tile(
            c, house.profile, layer, source, at=at, q=q, counts=lambda resolution: _counts(house, q, resolution, hides=hides)
        )  # fmt: skip


def _counts(house: House, q: Question, resolution: int, *, hides: bool) -> CellCounts:
    """All that the data's version holds: a tile is kept under it, so what came half a second ago must be in."""
    if hides:
        key = ("shown tiles", house.version(), resolution, q)
        return house.cells.get(key, lambda: without_small(_counts(house, q, resolution, hides=False)))
    key = ("tiles", house.version(), resolution, q)
    return house.cells.get(key, lambda: _counted_now(house, q, resolution))


def _counted_now(house: House, q: Question, resolution: int) -> CellCounts:
    with house.reading() as c:
        found = from_cube(c, house.profile, q, resolution, at_once=True)
        return found if found is not None else cell_counts(c, house.profile, q, resolution)


def _what_matters(source: Stretches | Shapes | Tiles | Cells, q: Question) -> object:
    """The part of a question that changes a tile, so that equal tiles are kept once."""
    if isinstance(source, Cells | Stretches) or source.table == "tickets":
        return q
    if source.table == "areas":
        return q.window.last
    return (q.area, q.scheme) if source.table in ("cameras", "sensors") else None
