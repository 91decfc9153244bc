"""The raster of residents that all figures per resident are made from: as it was loaded, held to counts by area.

Where areas were counted, the pixels of each are drawn so that they sum to its count, finer areas after coarser ones.
That raster is derived: it is made when it is first asked for and again when counts, areas or the raster are others.
"""

from __future__ import annotations

import os
from hashlib import blake2b
from math import ceil
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np
import rasterio
import shapely
from affine import Affine
from numpy.typing import NDArray
from pyproj import Transformer
from rasterio.transform import from_origin
from sqlalchemy import Connection, text

from geodata.profile import Profile
from geodata.space.spread import cut, spread

FILE = "population.tif"
COUNTED = "population-counted-{print}.tif"
FINE_M, MOST_SIDE = 30.0, 8  # pixels are cut so that small areas have some
METRES_A_DEGREE = 111_320.0
STORED = "EPSG:4326"
PRINT = """
    select (select md5(string_agg(concat(area_code, residents, counted_on), '|' order by id))
            from area_residents where scheme = :scheme),
           (select concat(count(*), ' ', max(id)) from areas where scheme = :scheme and valid_to is null)"""
# Of several counts of an area the latest holds.
COUNTS = """
    select a.level, r.residents, st_asbinary(a.geom) as geom
    from (select distinct on (area_code) area_code, residents from area_residents
          where scheme = :scheme order by area_code, counted_on desc) r
    join areas a on a.scheme = :scheme and a.code = r.area_code and a.valid_to is null
    order by a.id"""
_one_at_a_time = Lock()
Zones = dict[int, list[tuple[shapely.Geometry, int]]]
Grid = tuple[NDArray[np.float64], Affine, str]


def population_file(c: Connection, profile: Profile, rasters: Path | None) -> Path | None:
    """The file to read residents from; None where nothing is known of them."""
    if rasters is None:
        return None
    base = rasters / FILE
    counts, areas = c.execute(text(PRINT), {"scheme": profile.scheme}).one()
    if counts is None:
        return base if base.exists() else None
    told = base.stat() if base.exists() else None
    known = f"{counts} {areas} {told.st_mtime_ns if told else 0} {told.st_size if told else 0}"
    file = rasters / COUNTED.format(print=blake2b(known.encode(), digest_size=8).hexdigest())
    with _one_at_a_time:
        if not file.exists():
            _make(c, profile, base, file)
    return file


def _make(c: Connection, profile: Profile, base: Path, file: Path) -> None:
    zones: Zones = {}
    depths = {level.key: depth for depth, level in enumerate(profile.levels)}
    for level, residents, geom in c.execute(text(COUNTS), {"scheme": profile.scheme}):
        zones.setdefault(depths.get(level, len(depths)), []).append(
            (shapely.from_wkb(bytes(geom)), residents)
        )
    values, where, crs = _grid(base, [zone for level in zones.values() for zone, _ in level])
    for depth in sorted(zones):
        shapes = [_in_crs(zone, crs) for zone, _ in zones[depth]]
        values = spread(values, where, shapes, [residents for _, residents in zones[depth]])
    _write(file, values, where, crs)
    for old in file.parent.glob(COUNTED.format(print="*")):
        if old != file:
            old.unlink(missing_ok=True)


def _grid(base: Path, zones: list[shapely.Geometry]) -> Grid:
    """The raster as it was loaded, finer; an empty one around the zones where there is none that reaches them."""
    around = shapely.box(*shapely.total_bounds(zones)) if zones else None
    if base.exists():
        with rasterio.open(base) as raster:
            crs = raster.crs.to_string()
            if around is None or shapely.box(*raster.bounds).contains(_in_crs(around, crs)):
                values = raster.read(1, masked=True).astype(np.float64).filled(np.nan)
                side = int(np.clip(ceil(_pixel_m(raster) / FINE_M), 1, MOST_SIDE))
                return cut(values, side), raster.transform @ Affine.scale(1 / side), crs
    west, south, east, north = around.bounds if around is not None else (0.0, 0.0, 1.0, 1.0)
    dy = FINE_M / METRES_A_DEGREE
    dx = dy / max(0.1, float(np.cos(np.radians((south + north) / 2))))
    size = (ceil((north - south) / dy) + 1, ceil((east - west) / dx) + 1)
    return np.full(size, np.nan), from_origin(west, north, dx, dy), STORED


def _pixel_m(raster: Any) -> float:
    return float(raster.res[1]) * (1.0 if raster.crs.is_projected else METRES_A_DEGREE)


def _in_crs(zone: shapely.Geometry, crs: str) -> shapely.Geometry:
    if crs == STORED:
        return zone
    turn = Transformer.from_crs(STORED, crs, always_xy=True)
    return shapely.transform(zone, lambda xy: np.column_stack(turn.transform(xy[:, 0], xy[:, 1])))


def _write(file: Path, values: NDArray[np.float64], where: Affine, crs: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    half = file.with_name(f".{file.stem}.{os.getpid()}.tif")
    height, width = values.shape
    with rasterio.open(
        half, "w", driver="GTiff", height=height, width=width, count=1, dtype="float64", crs=crs, transform=where,
        nodata=float("nan"), tiled=True, blockxsize=256, blockysize=256, compress="deflate",
    ) as raster:  # fmt: skip
        raster.write(values, 1)
    half.replace(file)
