"""People who live in many zones at once, summed from the population raster: areas of a level, or H3 cells."""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from math import ceil, floor
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
import shapely
from affine import Affine
from numpy.typing import NDArray
from pyproj import Geod, Transformer
from shapely.ops import transform
from sqlalchemy import Connection

from geodata.profile import Profile
from geodata.queries.base_map import outlines
from geodata.queries.freshness import data_version
from geodata.queries.population import FILE, population_file
from geodata.space.hexes import areas_m2, cells_of, centres, resolution_of
from geodata.space.zones import squares_a_side, zonal_sums
from geodata.types import BBox

MOST_KEPT = 64
GRID_DEG, ROOM = 0.25, 0.02  # boxes of cells that share one reading of the raster
ROWS_AT_ONCE = 64
_AREAS: dict[tuple[object, ...], dict[str, int]] = {}


def residents_by_area(
    c: Connection, profile: Profile, rasters: Path | None, level: str, on: date
) -> dict[str, int]:
    """Residents of every area of a level that the raster reaches; empty where there is no raster.

    A pixel counts for the area in which its centre lies, as for one area alone.
    """
    file = population_file(c, profile, rasters)
    if file is None:
        return {}
    return dict(_of_areas(c, profile, file, level, on))


def _of_areas(c: Connection, profile: Profile, file: Path, level: str, on: date) -> dict[str, int]:
    key = (str(file), file.stat().st_mtime_ns, str(c.engine.url), data_version(c), profile.scheme, level, on)
    if key not in _AREAS:
        shapes = outlines(c, profile, level, on)
        sums, known = _zonal(str(file), list(shapes.values()))
        while len(_AREAS) >= MOST_KEPT:
            _AREAS.pop(next(iter(_AREAS)), None)
        _AREAS[key] = {
            code: round(total) for code, total, there in zip(shapes, sums, known, strict=True) if there
        }
    return _AREAS[key]


def residents_by_cell(rasters: Path | None, cells: NDArray[np.int64]) -> NDArray[np.float64] | None:
    """Residents of each H3 cell, NaN where the raster does not reach; None where there is no raster.

    `rasters` is the folder of rasters, or the file that `population_file` names, which knows of counts by area.
    The cells are of one resolution. Pixels are cut into squares, some 32 to a cell, and a square counts for the cell in
    which its centre lies; the sum over all cells is that of the raster.
    """
    file = _file(rasters)
    if file is None:
        return None
    if not len(cells):
        return np.empty(0)
    known, people = _of_cells(
        str(file), file.stat().st_mtime_ns, resolution_of(int(cells[0])), _around(cells)
    )
    if not len(known):
        return np.full(len(cells), np.nan)
    at = np.minimum(np.searchsorted(known, cells), len(known) - 1)
    return np.where(known[at] == cells, people[at], np.nan)


def _around(cells: NDArray[np.int64]) -> BBox:
    """A box on a coarse grid that holds the cells with room to spare, so that most questions share one."""
    lon, lat = centres(cells)
    west, south, east, north = (float(x) for x in (lon.min(), lat.min(), lon.max(), lat.max()))
    return BBox(*(floor(x / GRID_DEG - ROOM) * GRID_DEG for x in (west, south)),
                *(ceil(x / GRID_DEG + ROOM) * GRID_DEG for x in (east, north)))  # fmt: skip


@lru_cache(maxsize=12)
def _of_cells(
    file: str, _changed_ns: int, resolution: int, around: BBox
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Every cell that the raster knows in a box, ascending, with its residents."""
    with rasterio.open(file) as raster:
        corners = shapely.box(*around)
        window = _window(raster, _in_crs([corners], raster.crs.to_string()))
        if window is None:
            return np.empty(0, np.int64), np.empty(0)
        values = raster.read(1, window=window, masked=True).astype(np.float64).filled(np.nan)
        where, crs = raster.window_transform(window), raster.crs.to_string()
    cell_m2 = float(areas_m2(cells_of(np.array([around.west]), np.array([around.south]), resolution))[0])
    side = squares_a_side(_pixel_m2(file), cell_m2)
    cells, people = np.empty(0, np.int64), np.empty(0)
    for first in range(0, len(values), ROWS_AT_ONCE):
        lon, lat, parts = _squares(values[first : first + ROWS_AT_ONCE], first, where, side, crs)
        found, which = np.unique(np.concatenate([cells, cells_of(lon, lat, resolution)]), return_inverse=True)
        weights = np.concatenate([people, parts])
        people = np.bincount(which, weights=weights, minlength=len(found)).astype(np.float64)
        cells = found
    return cells, people


def _squares(
    values: NDArray[np.float64], first: int, where: Affine, side: int, crs: str
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Centres (degrees) and residents of the squares of all pixels that something is known of."""
    rows, columns = np.nonzero(np.isfinite(values))
    inner = (np.arange(side) + 0.5) / side
    down, right = (grid.ravel() for grid in np.meshgrid(inner, inner, indexing="ij"))
    column, row = (columns[:, None] + right).ravel(), (rows[:, None] + first + down).ravel()
    x, y = where.a * column + where.b * row + where.c, where.d * column + where.e * row + where.f
    if crs != "EPSG:4326":
        x, y = Transformer.from_crs(crs, "EPSG:4326", always_xy=True).transform(x, y)
    return x, y, np.repeat(values[rows, columns] / side**2, side**2)


def _window(raster: Any, shapes: list[shapely.Geometry]) -> Any:
    """The pixels that shapes (in the raster's CRS) touch; None where there are none."""
    if not shapes:
        return None
    whole = rasterio.windows.Window(0, 0, raster.width, raster.height)
    try:
        return _whole_pixels(raster.window(*shapely.total_bounds(shapes))).intersection(whole)
    except rasterio.errors.WindowError:
        return None


def _zonal(file: str, zones: list[shapely.Geometry]) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Sums over zones in EPSG:4326; only the part of the raster that they touch is read."""
    with rasterio.open(file) as raster:
        there = _in_crs(zones, raster.crs.to_string())
        window = _window(raster, there)
        if window is None:
            return np.zeros(len(zones)), np.zeros(len(zones), bool)
        values = raster.read(1, window=window, masked=True).astype(np.float64).filled(np.nan)
        return zonal_sums(values, raster.window_transform(window), there)


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
    file = rasters / FILE if rasters and rasters.suffix != ".tif" else rasters
    return file if file and file.exists() else None
