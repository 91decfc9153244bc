"""Coordinate reference systems: what a text means, and the way from one to another, always longitude first."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError

from geodata.space import offset

STORED = "EPSG:4326"
STORED_TOO = {STORED, "OGC:CRS84", "urn:ogc:def:crs:OGC:1.3:CRS84", "urn:ogc:def:crs:EPSG::4326"}

Degrees = NDArray[np.float64]
Metres = NDArray[np.float64]


# PROJ knows neither of the two; this only says what they are. `to_stored` goes the way itself.
SHIFTED = """GEOGCRS["{name}", DATUM["{name}", ELLIPSOID["Krassowsky 1940", 6378245, 298.3]],
    CS[ellipsoidal, 2], AXIS["longitude", east], AXIS["latitude", north], ANGLEUNIT["degree", 0.0174532925199433]]"""


# Behind the name of a CRS: the file has northing or latitude first, as surveyors in China write them.
SWAPPED = " yx"


def known_crs(said: str) -> CRS | None:
    """What a CRS text means (`EPSG:4549`, `urn:ogc:def:crs:OGC:1.3:CRS84`, `GCJ-02`, `EPSG:4549 yx` …), or None."""
    said = said.removesuffix(SWAPPED)
    shifted = offset.canonical(said)
    if shifted:
        return CRS.from_wkt(SHIFTED.format(name=shifted))
    try:
        return CRS.from_user_input(said)
    except CRSError:
        return None


def crs_name(said: str) -> str:
    """The shortest name of a CRS that all texts for it share: `EPSG:4326`, `GCJ-02`; the text itself when it has none."""
    if said.endswith(SWAPPED):
        return crs_name(said.removesuffix(SWAPPED)) + SWAPPED
    known = known_crs(said)
    if said in STORED_TOO:
        return STORED
    named = offset.canonical(said) or (known and known.to_authority(min_confidence=100))
    return said if not named else named if isinstance(named, str) else ":".join(named)


@lru_cache(maxsize=32)
def _way(source: str, target: str) -> Transformer:
    return Transformer.from_crs(source, target, always_xy=True)


@lru_cache(maxsize=1)
def _one_thread() -> ThreadPoolExecutor:
    """PROJ works out a way anew in every thread that asks, in 0.1 to 0.4 s; so one thread goes all the ways."""
    return ThreadPoolExecutor(max_workers=1, thread_name_prefix="proj")


def _go(source: str, target: str, x: NDArray[np.float64], y: NDArray[np.float64]) -> tuple[Any, Any]:
    def there() -> tuple[Any, Any]:
        turned: tuple[Any, Any] = _way(source, target).transform(x, y)
        return turned

    return _one_thread().submit(there).result()


def to_stored(x: NDArray[np.float64], y: NDArray[np.float64], said: str) -> tuple[Degrees, Degrees]:
    """Turn coordinates of a CRS into EPSG:4326; what cannot be turned becomes NaN.

    Easting or longitude comes first, whatever the CRS says, but for one named with ` yx`.
    """
    if said.endswith(SWAPPED):
        return to_stored(y, x, said.removesuffix(SWAPPED))
    if said in STORED_TOO:
        return x, y
    shifted = offset.canonical(said)
    if shifted:
        return offset.to_wgs84(x, y, shifted)
    lon, lat = _go(said, STORED, x, y)
    return _finite(np.asarray(lon, float)), _finite(np.asarray(lat, float))


def shapes_to_stored(shapes: NDArray[np.object_], said: str) -> NDArray[np.object_]:
    """The same for whole shapes; heights stay as they are."""

    def turn(points: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.column_stack([*to_stored(points[:, 0], points[:, 1], said), points[:, 2:]])

    if said in STORED_TOO:
        return shapes
    turned, high = shapes.copy(), shapely.has_z(shapes)
    turned[~high] = shapely.transform(shapes[~high], turn)
    turned[high] = shapely.transform(shapes[high], turn, include_z=True)
    return turned


def to_metric(lon: Degrees, lat: Degrees, srid: int) -> tuple[Metres, Metres]:
    """Turn EPSG:4326 into a metric CRS."""
    x, y = _go(STORED, f"EPSG:{srid}", lon, lat)
    return np.asarray(x, float), np.asarray(y, float)


def shapes_to_metric(shapes: NDArray[np.object_], srid: int) -> NDArray[np.object_]:
    """The same for whole shapes."""

    def turn(points: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.column_stack(to_metric(points[:, 0], points[:, 1], srid))

    return np.asarray(shapely.transform(shapes, turn), object)


def _finite(values: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.where(np.isfinite(values), values, np.nan)
