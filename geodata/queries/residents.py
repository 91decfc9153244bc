"""People who live in many zones at once, summed from the population raster: areas of a level, or H3 cells."""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from math import ceil, floor
from pathlib import Path

import numpy as np
import rasterio
import shapely
from numpy.typing import NDArray
from pyproj import Geod, Transformer
from shapely.ops import transform
from sqlalchemy import Connection

from geodata.profile import Profile
from geodata.queries.base_map import outlines
from geodata.queries.freshness import data_version
from geodata.queries.people import FILE
from geodata.space.hexes import areas_m2, outline
from geodata.space.zones import squares_a_side, zonal_sums


def residents_by_area(
    c: Connection, profile: Profile, rasters: Path | None, level: str, on: date
) -> dict[str, int]:
    """Residents of every area of a level that the raster reaches; empty where there is no raster.

    A pixel counts for the area in which its centre lies, as for one area alone.
    """
    file = _file(rasters)
    if file is None:
        return {}
    return dict(_of_areas(c, profile, file, level, on))


def _of_areas(c: Connection, profile: Profile, file: Path, level: str, on: date) -> dict[str, int]:
    key = (str(file), file.stat().st_mtime_ns, str(c.engine.url), data_version(c), profile.scheme, level, on)
    if key not in _AREAS:
        shapes = outlines(c, profile, level, on)
        sums, known = _zonal(str(file), list(shapes.values()), side=1)
        while len(_AREAS) >= MOST_KEPT:
            _AREAS.pop(next(iter(_AREAS)), None)
        _AREAS[key] = {
            code: round(total) for code, total, there in zip(shapes, sums, known, strict=True) if there
        }
    return _AREAS[key]


MOST_KEPT = 64
_AREAS: dict[tuple[object, ...], dict[str, int]] = {}


def residents_by_cell(rasters: Path | None, cells: NDArray[np.int64]) -> NDArray[np.float64] | None:
    """Residents of each H3 cell, NaN where the raster does not reach; None where there is no raster.

    Pixels are cut into squares, some 64 to a cell, and a square counts for the cell in which its centre lies.
    """
    file = _file(rasters)
    if file is None:
        return None
    if not len(cells):
        return np.empty(0)
    return _of_cells(str(file), file.stat().st_mtime_ns, cells.tobytes()).copy()


@lru_cache(maxsize=24)
def _of_cells(file: str, _changed_ns: int, packed: bytes) -> NDArray[np.float64]:
    cells = np.frombuffer(packed, np.int64)
    side = squares_a_side(_pixel_m2(file), float(areas_m2(cells[:1])[0]))
    sums, known = _zonal(file, [outline(int(cell)) for cell in cells], side)
    return np.where(known, sums, np.nan)


def _zonal(
    file: str, zones: list[shapely.Geometry], side: int
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Sums over zones in EPSG:4326; only the part of the raster that they touch is read."""
    nothing = np.zeros(len(zones)), np.zeros(len(zones), bool)
    with rasterio.open(file) as raster:
        there = _in_crs(zones, raster.crs.to_string())
        if not there:
            return nothing
        west, south, east, north = shapely.total_bounds(there)
        whole = rasterio.windows.Window(0, 0, raster.width, raster.height)
        try:
            window = _whole_pixels(raster.window(west, south, east, north)).intersection(whole)
        except rasterio.errors.WindowError:
            return nothing
        values = raster.read(1, window=window, masked=True).astype(np.float64).filled(np.nan)
        return zonal_sums(values, raster.window_transform(window), there, side)


def _whole_pixels(exact: rasterio.windows.Window) -> rasterio.windows.Window:
    """The window of all pixels that another one touches."""
    column, row = floor(exact.col_off), floor(exact.row_off)
    right, below = ceil(exact.col_off + exact.width), ceil(exact.row_off + exact.height)
    return rasterio.windows.Window(column, row, right - column, below - row)


def _in_crs(zones: list[shapely.Geometry], crs: str) -> list[shapely.Geometry]:
    if crs == "EPSG:4326":
        return zones
    turn = Transformer.from_crs("EPSG:4326", crs, always_xy=True).transform
    return [transform(turn, zone) for zone in zones]


def _pixel_m2(file: str) -> float:
    """Ground that a pixel in the middle of the raster covers, m²."""
    with rasterio.open(file) as raster:
        if raster.crs.is_projected:
            return float(abs(raster.transform.a * raster.transform.e))
        west, south, east, north = raster.bounds
        lon, lat = (west + east) / 2, (south + north) / 2
        dx, dy = raster.res
        ring = ([lon, lon + dx, lon + dx, lon], [lat, lat, lat + dy, lat + dy])
        return float(abs(Geod(ellps="WGS84").polygon_area_perimeter(*ring)[0]))


def _file(rasters: Path | None) -> Path | None:
    file = rasters / FILE if rasters else None
    return file if file and file.exists() else None
