"""Raster overlays as coloured PNG tiles, cut from cloud-optimised GeoTIFFs by rio-tiler."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from fastapi import APIRouter, Request, Response
from pyproj import Geod

from app.http.arguments import number
from app.http.house import TheHouse
from app.http.layers import layer_for_reader
from app.http.tiles import DEEPEST_ZOOM, private
from geodata.errors import NotFound
from geodata.queries.sources import Raster
from geodata.store.settings import CHECKOUT

if TYPE_CHECKING:
    from rio_tiler.io import Reader

TOKENS = CHECKOUT / "app" / "assets" / "tokens.css"
ALPHA = (60, 230)  # of the lowest and the highest value, out of 255
TILE_PX = 256

router = APIRouter(tags=["tiles"])


@router.get("/raster/{layer}/{z}/{x}/{y}.png", summary="A raster tile", response_class=Response)
def raster(*, request: Request, house: TheHouse, layer: str, z: int, x: int, y: int) -> Response:
    """A PNG of 256 pixels a side, transparent where the raster has no value or ends."""
    found = layer_for_reader(layer, house.profile)
    source = found.source
    if not isinstance(source, Raster):
        raise NotFound(f"The layer “{layer}” is no raster: ask /tiles/{layer}.")
    number("z", z, 0, DEEPEST_ZOOM)
    number("x", x, 0, 2**z - 1)
    number("y", y, 0, 2**z - 1)
    file = house.settings.rasters / source.file
    if not file.exists():
        raise NotFound(f"The raster of the layer “{layer}” has not been made yet.")
    key = ("raster", layer, file.stat().st_mtime_ns, z, x, y)
    body = house.tiles.get(key, lambda: picture(file, source, found.palette, (z, x, y)))
    return private(request, body, "image/png")


def picture(file: Path, source: Raster, palette: Sequence[str], at: tuple[int, int, int]) -> bytes:
    """One tile (zoom, column, row) of a raster in the colours of a palette of tokens."""
    from rio_tiler.errors import TileOutsideBounds  # noqa: PLC0415 - half a second that no start should wait for
    from rio_tiler.io import Reader  # noqa: PLC0415

    z, x, y = at
    with Reader(str(file)) as reader:
        try:
            image = reader.tile(x, y, z, tilesize=TILE_PX, indexes=1)
        except TileOutsideBounds:
            return _clear()
        hectares = _pixel_ha(reader) if source.per_pixel else 1.0
    values = image.array.astype("float64").filled(np.nan)[0] / hectares
    share = np.clip((values - source.low) / (source.high - source.low), 0, 1)
    there = np.isfinite(values) & (values > source.low)
    colours = ramp(tuple(palette))[(np.nan_to_num(share) * 255).astype(int)]
    colours[~there] = 0
    return _png(colours)


def _pixel_ha(reader: Reader) -> float:
    """True area of the pixel in the middle of a raster in degrees, hectares; they differ little within a district."""
    assert reader.dataset is not None
    west, south, east, north = reader.dataset.bounds
    width, height = reader.dataset.res
    x, y = (west + east) / 2, (south + north) / 2
    area_m2, _ = Geod(ellps="WGS84").polygon_area_perimeter(
        [x, x + width, x + width, x], [y, y, y + height, y + height]
    )
    return float(abs(area_m2)) / 10_000


@lru_cache(maxsize=8)
def ramp(palette: tuple[str, ...]) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    """256 colours (red, green, blue, alpha) evenly between the tokens of a palette, as the dark theme has them."""
    css = TOKENS.read_text("utf-8")
    stops = np.array([_colour(css, token) for token in palette], float)
    at = np.linspace(0, len(stops) - 1, 256)
    channels = [np.interp(at, range(len(stops)), stops[:, channel]) for channel in range(3)]
    return np.column_stack([*channels, np.linspace(*ALPHA, 256)]).round().astype(np.uint8)


def _colour(css: str, token: str) -> tuple[int, int, int]:
    found = re.search(rf"{re.escape(token)}:\s*#([0-9a-fA-F]{{6}})", css)
    if found is None:
        raise ValueError(f"tokens.css names no colour {token}")
    red, green, blue = bytes.fromhex(found[1])
    return red, green, blue


@lru_cache(maxsize=1)
def _clear() -> bytes:
    return _png(np.zeros((TILE_PX, TILE_PX, 4), np.uint8))


def _png(colours: np.ndarray[tuple[int, ...], np.dtype[np.uint8]]) -> bytes:
    from rio_tiler.utils import render  # noqa: PLC0415

    return bytes(render(np.moveaxis(colours, -1, 0), img_format="PNG"))
