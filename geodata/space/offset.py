"""GCJ-02 and BD-09, the shifted longitudes and latitudes of Chinese map services, to and from WGS 84.

The formulas are public knowledge without an official source; they are held to the vectors of two libraries in the tests.
GCJ-02 (Amap, Tencent) shifts by some hundred metres within China; BD-09 (Baidu) shifts GCJ-02 once more.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Degrees = NDArray[np.float64]
Pair = tuple[Degrees, Degrees]

GCJ02, BD09 = "GCJ-02", "BD-09"
SEMI_MAJOR_M = 6_378_245.0  # of the ellipsoid of Krasovsky 1940, and its eccentricity squared
ECCENTRICITY_2 = 0.006_693_421_622_965_943
# Outside this box, degrees, GCJ-02 is WGS 84.
WEST, SOUTH, EAST, NORTH = 72.004, 0.8293, 137.8347, 55.8271
BAIDU_WAVE = np.pi * 3000 / 180
BAIDU_EAST_DEG, BAIDU_NORTH_DEG = 0.0065, 0.006
CLOSE_DEG = 1e-11  # about a thousandth of a millimetre
MOST_ROUNDS = 12  # each shrinks what is left some hundred times; four are the rule


def canonical(said: str) -> str | None:
    """Our name of a shifted system, however it is written (`gcj02`, `BD-09LL`, 火星坐标 …); None for any other."""
    word = said.strip().upper().replace("-", "").replace("_", "").replace(" ", "")
    if word in {"GCJ02", "火星坐标", "火星坐标系", "国测局坐标"}:
        return GCJ02
    return BD09 if word in {"BD09", "BD09LL", "百度坐标", "百度坐标系"} else None


def from_wgs84(lon: Degrees, lat: Degrees, target: str) -> Pair:
    """Shift degrees of WGS 84 into GCJ-02 or BD-09."""
    return _forward(target)(np.asarray(lon, float), np.asarray(lat, float))


def to_wgs84(lon: Degrees, lat: Degrees, source: str) -> Pair:
    """The way back, to well below a millimetre: what, shifted, gives these degrees."""
    lon, lat = np.asarray(lon, float), np.asarray(lat, float)
    shift = _forward(source)
    back_lon, back_lat = lon.copy(), lat.copy()
    for _ in range(MOST_ROUNDS):
        there_lon, there_lat = shift(back_lon, back_lat)
        off_lon, off_lat = there_lon - lon, there_lat - lat
        back_lon, back_lat = back_lon - off_lon, back_lat - off_lat
        if not np.nanmax(np.abs([off_lon, off_lat]), initial=0.0) > CLOSE_DEG:
            break
    return back_lon, back_lat


def _forward(target: str) -> Callable[[Degrees, Degrees], Pair]:
    ways = {GCJ02: _to_gcj02, BD09: lambda lon, lat: _to_bd09(*_to_gcj02(lon, lat))}
    return ways[target]


def _to_gcj02(lon: Degrees, lat: Degrees) -> Pair:
    east_m, north_m = _waves(lon - 105, lat - 35)
    radians = np.radians(lat)
    bend = 1 - ECCENTRICITY_2 * np.sin(radians) ** 2
    across_m = SEMI_MAJOR_M / np.sqrt(bend) * np.cos(radians)
    along_m = SEMI_MAJOR_M * (1 - ECCENTRICITY_2) / bend**1.5
    inside = (lon >= WEST) & (lon <= EAST) & (lat >= SOUTH) & (lat <= NORTH)
    with np.errstate(divide="ignore", invalid="ignore"):
        moved = lon + np.degrees(east_m / across_m), lat + np.degrees(north_m / along_m)
    return np.where(inside, moved[0], lon), np.where(inside, moved[1], lat)


def _waves(x: Degrees, y: Degrees) -> Pair:
    """The shift in metres at so many degrees from 105° E 35° N."""
    root = np.sqrt(np.abs(x))
    both = 2 / 3 * (20 * _sine(6 * x) + 20 * _sine(2 * x))
    east = 300 + x + 2 * y + 0.1 * x**2 + 0.1 * x * y + 0.1 * root + both
    east += 2 / 3 * (20 * _sine(x) + 40 * _sine(x / 3) + 150 * _sine(x / 12) + 300 * _sine(x / 30))
    north = -100 + 2 * x + 3 * y + 0.2 * y**2 + 0.1 * x * y + 0.2 * root + both
    north += 2 / 3 * (20 * _sine(y) + 40 * _sine(y / 3) + 160 * _sine(y / 12) + 320 * _sine(y / 30))
    return east, north


def _sine(half_turns: Degrees) -> Degrees:
    return np.sin(half_turns * np.pi)


def _to_bd09(lon: Degrees, lat: Degrees) -> Pair:
    radius = np.hypot(lon, lat) + 2e-5 * np.sin(lat * BAIDU_WAVE)
    angle = np.arctan2(lat, lon) + 3e-6 * np.cos(lon * BAIDU_WAVE)
    return radius * np.cos(angle) + BAIDU_EAST_DEG, radius * np.sin(angle) + BAIDU_NORTH_DEG
