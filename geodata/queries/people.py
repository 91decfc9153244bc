"""People who live in an area, summed from the population raster."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path

import numpy as np
import rasterio
from rasterio.mask import mask
from rasterio.warp import transform_geom
from sqlalchemy import Connection

from geodata.profile import Profile
from geodata.queries.areas import outline
from geodata.queries.population import FILE, population_file
from geodata.types import Question

__all__ = ["FILE", "residents"]


def residents(c: Connection, profile: Profile, rasters: Path, q: Question) -> int | None:
    """Residents of the area of a question; None where there is neither raster nor count, or it does not reach there.

    A pixel counts for the area in which its centre lies.
    """
    file = population_file(c, profile, rasters)
    if file is None:
        return None
    shape = outline(c, profile, q.area or profile.code, q.window.last, q.scheme if q.area else None)
    if shape is None:
        return None
    return _sum(str(file), file.stat().st_mtime_ns, json.dumps(shape, sort_keys=True))


@lru_cache(maxsize=2048)
def _sum(file: str, _changed_ns: int, shape: str) -> int | None:
    with rasterio.open(file) as raster:
        there = transform_geom("EPSG:4326", raster.crs, json.loads(shape))
        try:
            values, _ = mask(raster, [there], crop=True, filled=False, indexes=1)
        except ValueError:  # the area lies outside the raster
            return None
        return round(float(np.ma.sum(values))) if values.count() else None
