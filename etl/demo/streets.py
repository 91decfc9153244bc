"""Streets in metres: points along them, the street nearest to a point, and where streets cross (EPSG:4549)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy.spatial import cKDTree

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
BIT_M, CANDIDATES = 20.0, 10
SMALL = ("lane", "pedestrian")


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
        """For each point: its road, the offset along it and the distance to it in m, and the foot point.

        Pieces are cut to bits of at most BIT_M; a bit not among the nearest CANDIDATES middles lies at least the
        farthest of these less half a bit away. The few points this does not settle ask a tree of whole pieces.
        """
        count = np.maximum(np.ceil(self.length / BIT_M), 1).astype(np.int64)
        owner = np.repeat(np.arange(len(count)), count)
        share = (np.arange(len(owner)) - np.repeat(np.cumsum(count) - count, count) + 0.5) / count[owner]
        tree = cKDTree(self.at(owner, share)[0])
        reach, bit = tree.query(points, k=CANDIDATES)
        near = owner[bit]
        away = np.stack([self._away(points, near[:, at])[0] for at in range(CANDIDATES)], axis=1)
        least = away.min(axis=1)
        piece = np.where(away <= least[:, None] + 1e-9, near, len(self.road)).min(
            axis=1
        )  # of equal ones the lowest
        open_ = np.flatnonzero(least > reach[:, -1] - BIT_M / 2)
        if len(open_):
            piece[open_] = self._nearest_of_all(points[open_])
        distance, along, foot = self._away(points, piece)
        return self.road[piece], self.offset[piece] + along * self.length[piece], distance, foot

    def _nearest_of_all(self, points: Floats) -> Ints:
        lines: Any = shapely.linestrings(np.stack([self.start, self.end], axis=1))
        tree = shapely.STRtree(lines)
        at, piece = tree.query_nearest(shapely.points(points))
        order = np.lexsort((piece, at))
        return np.asarray(piece[order][np.unique(at[order], return_index=True)[1]])

    def _away(self, points: Floats, piece: Ints) -> tuple[Floats, Floats, Floats]:
        """Distance to a piece, share along it, and foot point."""
        way = self.end[piece] - self.start[piece]
        squared = np.maximum((way**2).sum(axis=1), 1e-9)
        share = np.clip(((points - self.start[piece]) * way).sum(axis=1) / squared, 0, 1)
        foot = self.start[piece] + way * share[:, None]
        return np.hypot(*(points - foot).T), share, foot

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
    total = np.asarray(np.bincount(road, length, len(roads)), np.float64)
    first, last = (
        pd.to_numeric(roads[x], errors="coerce").to_numpy(float) for x in ("door_first", "door_last")
    )
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
    small = np.isin(streets.classes, SMALL)
    pick = (first < second) & ~(small[first] & small[second])
    pick[pick] = [
        not (a.startswith(b) or b.startswith(a))
        for a, b in zip(streets.names[first[pick]], streets.names[second[pick]], strict=True)
    ]
    meets = shapely.intersection(lines[left[pick]], lines[right[pick]])
    points, pair = shapely.get_coordinates(meets, return_index=True)
    pair, at = np.unique(pair, return_index=True)
    names = [
        f"{a}与{b}交叉口"
        for a, b in zip(streets.names[first[pick]][pair], streets.names[second[pick]][pair], strict=True)
    ]
    return points[at], names
