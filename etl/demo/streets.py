"""Streets in metres: points along them, the street nearest to a point, and where streets cross (EPSG:4549)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Streets:
    """Straight pieces of all streets, in order; `road` counts from 0 in the geography's order."""

    start: Floats  # (pieces, 2) m
    end: Floats
    road: Ints
    offset: Floats  # of the piece's start along its road, m
    length: Floats
    names: NDArray[Any]  # by road; empty where it has none
    classes: NDArray[Any]
    door_first: Floats  # by road; NaN where unnumbered
    door_last: Floats
    road_length: Floats
    lines: NDArray[Any]  # by road, metres

    def at(self, piece: Ints, along: Floats) -> tuple[Floats, Floats]:
        """Points at a share (0–1) of pieces, and their directions (unit vectors)."""
        way = self.end[piece] - self.start[piece]
        unit = way / np.maximum(self.length[piece], 1e-9)[:, None]
        return self.start[piece] + way * along[:, None], unit

    def nearest(self, points: Floats) -> tuple[Ints, Floats, Floats, Floats]:
        """For each point: its road, the offset along it and the distance to it in m, and the foot point."""
        tree = shapely.STRtree(shapely.linestrings(np.stack([self.start, self.end], axis=1)))
        (at, piece), _ = tree.query_nearest(shapely.points(points), return_distance=True)
        order = np.lexsort((piece, at))  # of equally near pieces the lowest decides
        keep = order[np.unique(at[order], return_index=True)[1]]
        piece = piece[keep]
        way = self.end[piece] - self.start[piece]
        squared = np.maximum((way**2).sum(axis=1), 1e-9)
        share = np.clip(((points - self.start[piece]) * way).sum(axis=1) / squared, 0, 1)
        foot = self.start[piece] + way * share[:, None]
        away = np.hypot(*(points - foot).T)
        return self.road[piece], self.offset[piece] + share * self.length[piece], away, foot

    def doors(self, road: Ints, offset: Floats) -> Ints:
        """The door number that such a place has, 0 where the road has none."""
        share = np.clip(offset / np.maximum(self.road_length[road], 1.0), 0, 1)
        number = self.door_first[road] + share * (self.door_last[road] - self.door_first[road])
        return np.where(np.isfinite(number), np.maximum(np.nan_to_num(number), 1), 0).astype(np.int64)


def read_streets(roads: gpd.GeoDataFrame) -> Streets:
    """Take streets apart; `roads` already in the metric CRS."""
    parts, part_road = shapely.get_parts(roads.geometry.to_numpy(), return_index=True)
    points, owner = shapely.get_coordinates(parts, return_index=True)
    same = owner[1:] == owner[:-1]
    start, end = points[:-1][same], points[1:][same]
    road = part_road[owner[:-1][same]]
    length = np.hypot(*(end - start).T)
    before = np.cumsum(length) - length
    firsts = np.unique(road, return_index=True)[1]
    offset = before - np.repeat(before[firsts], np.diff(np.append(firsts, len(road))))
    total = np.bincount(road, length, len(roads))
    first, last = (pd.to_numeric(roads[x], errors="coerce").to_numpy(float) for x in ("door_first", "door_last"))
    names = np.array(["" if name is None or name != name else str(name) for name in roads["name"]], object)  # noqa: PLR0124
    return Streets(
        start, end, road.astype(np.int64), offset, length, names, roads["class"].to_numpy(object), first, last, total,
        roads.geometry.to_numpy(),
    )  # fmt: skip


def crossings(streets: Streets) -> tuple[Floats, list[str]]:
    """Where two named streets meet, and how people name it."""
    named = np.flatnonzero(streets.names != "")
    lines = streets.lines[named]
    left, right = shapely.STRtree(lines).query(lines, predicate="intersects")
    first, second = named[left], named[right]
    pick = (first < second) & (streets.names[first] != streets.names[second])
    meets = shapely.intersection(lines[left[pick]], lines[right[pick]])
    points, pair = shapely.get_coordinates(meets, return_index=True)
    pair, at = np.unique(pair, return_index=True)
    names = [
        f"{a}与{b}交叉口" for a, b in zip(streets.names[first[pick]][pair], streets.names[second[pick]][pair], strict=True)
    ]
    return points[at], names
