"""The CRSs that a file's coordinates may be in: those that departments use around a district, in either order of axes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from geodata.space import offset
from geodata.space.crs import STORED, crs_name, to_stored
from geodata.types import BBox

Numbers = NDArray[np.float64]
MERCATOR = "EPSG:3857"
EARTH_RADIUS_M, METRES_A_DEGREE = 6_378_137.0, 111_000.0
ROUGHLY = 0.01  # of a northing, and NEAR_M more: what the rough sum of a projection may be off by
NEAR_M = 30_000.0


@dataclass(frozen=True, slots=True)
class Candidate:
    """A CRS that may be meant, and where it puts the coordinates (EPSG:4326); `prior` is how common it is."""

    crs: str
    swapped: bool
    prior: float
    is_said: bool
    lon: Numbers
    lat: Numbers

    @property
    def label(self) -> str:
        """For a sentence."""
        return f"{self.crs} with the axes swapped" if self.swapped else self.crs


@dataclass(frozen=True, slots=True)
class _Grid:
    """A transverse Mercator grid: EPSG code, central meridian, and what its eastings begin at, m."""

    code: int
    meridian: float
    first_m: float
    prior: float


def candidates(x: Numbers, y: Numbers, said: str | None, box: BBox) -> list[Candidate]:
    """What is said first, then all others that could bring these numbers near the box."""
    found: list[Candidate] = []
    for crs, swapped, prior in _possible(x, y, said, box):
        first, second = (y, x) if swapped else (x, y)
        lon, lat = to_stored(first, second, crs)
        mine = said is not None and crs == crs_name(said) and not swapped
        found.append(Candidate(crs, swapped, prior, mine, lon, lat))
    return found


def _possible(x: Numbers, y: Numbers, said: str | None, box: BBox) -> Iterator[tuple[str, bool, float]]:
    name = crs_name(said) if said else None
    told = [(name, swapped, 1.0 - 0.9 * swapped) for swapped in (False, True)] if name else []
    yield from told
    for swapped in (False, True):
        first, second = (y, x) if swapped else (x, y)
        for crs, prior in _by_size(first, second, box):
            if crs != name:
                yield crs, swapped, prior * (0.3 if swapped else 1.0)


def _by_size(x: Numbers, y: Numbers, box: BBox) -> Iterator[tuple[str, float]]:
    """By the size of the numbers alone, so that PROJ need not be asked about all."""
    if np.abs(np.median(x)) <= 360 and np.abs(np.median(y)) <= 90:
        yield STORED, 0.5
        if _in_china(box):
            yield offset.GCJ02, 0.3
            yield offset.BD09, 0.2
        return
    lon, lat = np.radians([(box.west + box.east) / 2, (box.south + box.north) / 2])
    mercator = EARTH_RADIUS_M * lon, EARTH_RADIUS_M * np.arctanh(np.sin(lat))
    if _reaches(x, y, *mercator):
        yield MERCATOR, 0.1
    for grid in _grids(box):
        across_m = (np.degrees(lon) - grid.meridian) * METRES_A_DEGREE * np.cos(lat)
        if _reaches(x, y, grid.first_m + across_m, np.degrees(lat) * METRES_A_DEGREE):
            yield f"EPSG:{grid.code}", grid.prior


def _in_china(box: BBox) -> bool:
    across = box.west > offset.WEST and box.east < offset.EAST
    return across and box.south > offset.SOUTH and box.north < offset.NORTH


def _reaches(x: Numbers, y: Numbers, east_m: float, north_m: float) -> bool:
    off_m = NEAR_M + ROUGHLY * abs(north_m)
    near = (np.abs(x - east_m) < off_m) & (np.abs(y - north_m) < off_m)
    return bool(near.mean() > 0.01)


def _grids(box: BBox) -> Iterator[_Grid]:
    """CGCS2000 in zones of three and six degrees, with and without the zone's number before the easting, and UTM."""
    lon, north = (box.west + box.east) / 2, box.south >= 0
    zone = int(lon // 6) + 31
    for each in (zone - 1, zone, zone + 1):
        yield _Grid((32600 if north else 32700) + each, each * 6 - 183, 500_000.0, 0.1)
    if not _in_china(box):
        return
    for three in range(round(lon / 3) - 1, round(lon / 3) + 2):
        if 25 <= three <= 45:  # EPSG:4513 is zone 25, EPSG:4534 its central meridian without a zone
            yield _Grid(4534 + three - 25, three * 3, 500_000.0, 0.5)
            yield _Grid(4513 + three - 25, three * 3, three * 1e6 + 500_000.0, 0.5)
    for six in range(int(lon // 6), int(lon // 6) + 3):
        if 13 <= six <= 23:  # EPSG:4491 is zone 13
            yield _Grid(4491 + six - 13, six * 6 - 3, six * 1e6 + 500_000.0, 0.3)
