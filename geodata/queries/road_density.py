"""Density of tickets along roads, as lines in classes, with a reading for a planner."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry
from shapely.ops import substring
from sqlalchemy import Connection, text

from geodata.errors import BadArgument
from geodata.profile import Profile
from geodata.queries.freshness import data_version
from geodata.queries.question import condition
from geodata.queries.relations import LOCATED_SQL
from geodata.rules.hotspots import reading
from geodata.rules.hotspots.neighbours import Weights
from geodata.rules.hotspots.network_density import BANDWIDTH_M, LIXEL_M, Network, cut, density, moves
from geodata.rules.hotspots.segments import crossings
from geodata.rules.hotspots.significance import LEAST
from geodata.space import crs
from geodata.types import Bilingual, Question

ROADS = "select r.id, ST_AsBinary(r.geom) as geom from roads r order by r.id"
WHERE_ALONG = """select coalesce(array_agg(t.road_id), '{{}}'), coalesce(array_agg(t.road_offset_m), '{{}}')
    from tickets t where {where} and {located} and t.road_id is not null and t.road_offset_m is not null"""
SHARES = (0.6, 0.75, 0.85, 0.92, 0.96, 0.985)  # of the length with tickets near, at the limits of the classes
CLASSES = len(SHARES) + 1
NARROWEST_M, WIDEST_M = 30.0, 1000.0
KEPT = 4

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Roads:
    """Roads cut at crossings into edges and lixels; `edges` are lines in the metric CRS, parts of roads end to end."""

    network: Network
    onward: Weights
    edges: NDArray[np.object_]
    part_of: dict[int, tuple[int, int]]  # by road id: its first part and the one after its last
    part_from_m: Floats  # along its road
    edge_part: Ints
    edge_from_m: Floats  # along its part


@dataclass(frozen=True, slots=True)
class LineClasses:
    """Lines of one class each (EPSG:4326); `limits` are the lowest densities of the classes, tickets per 100 m.

    What lies below the first limit is not told. `total` are the tickets along roads, `off_road` those near none.
    """

    lines: NDArray[np.object_]
    per_100m: Floats
    classes: NDArray[np.int8]
    limits: tuple[float, ...]
    reading: Bilingual
    total: int
    off_road: int


def road_density(
    c: Connection,
    profile: Profile,
    q: Question,
    bandwidth_m: float = BANDWIDTH_M,
    *,
    lixel_m: float = LIXEL_M,
) -> LineClasses:
    """Spread every ticket over the roads around it (`network_density`) and class what comes out by its share of length."""
    if not NARROWEST_M <= bandwidth_m <= WIDEST_M:
        raise BadArgument("bandwidth", f"The bandwidth must be {NARROWEST_M:.0f} to {WIDEST_M:.0f} m.")
    roads = _roads(c, profile, lixel_m)
    road, offset, off_road = _along(c, profile, q)
    tickets = on_lixels(roads, road, offset)
    off_road += len(road) - int(tickets.sum())
    if tickets.sum() < LEAST:
        return _nothing(int(tickets.sum()), off_road)
    per_100m = 100 * density(
        roads.network, tickets, bandwidth_m=bandwidth_m, lixel_m=lixel_m, onward=roads.onward
    )
    limits = _limits(per_100m, roads.network.length_m)
    classes = np.searchsorted(limits, per_100m, side="right") - 1
    said = _reading(tickets, roads.network.length_m, classes, bandwidth_m)
    lines, told, at = _lines(roads, classes, per_100m)
    stored = crs.shapes_to_stored(lines, f"EPSG:{profile.metric_srid}") if len(lines) else lines
    return LineClasses(stored, told, at, tuple(limits.tolist()), said, int(tickets.sum()), off_road)


def on_lixels(roads: Roads, road: Ints, offset_m: Floats) -> Floats:
    """Tickets on each lixel from the roads and offsets they lie at; those on roads that are not known are left out."""
    found = np.zeros(len(roads.network.tail))
    if not len(road):
        return found
    order = np.argsort(road, kind="stable")
    known, begins = np.unique(road[order], return_index=True)
    for which, begin, end in zip(
        known.tolist(), begins.tolist(), [*begins.tolist()[1:], len(road)], strict=True
    ):
        if which in roads.part_of:
            np.add.at(found, _lixels(roads, *roads.part_of[which], offset_m[order[begin:end]]), 1)
    return found


def _lixels(roads: Roads, first: int, end: int, offset_m: Floats) -> Ints:
    starts = roads.part_from_m[first:end]
    part = first + np.clip(np.searchsorted(starts, offset_m, side="right") - 1, 0, end - first - 1)
    along = offset_m - roads.part_from_m[part]
    begins = np.searchsorted(roads.edge_part, part)
    found = np.empty(len(part), np.int64)
    for one in np.unique(part).tolist():
        rows = np.flatnonzero(part == one)
        lo, hi = begins[rows[0]], np.searchsorted(roads.edge_part, one, side="right")
        step = np.searchsorted(roads.edge_from_m[lo:hi], along[rows], side="right") - 1
        edge = lo + np.clip(step, 0, hi - lo - 1)
        found[rows] = roads.network.lixel_at(edge, along[rows] - roads.edge_from_m[edge])
    return found


_ROADS: dict[tuple[object, ...], Roads] = {}


def _roads(c: Connection, profile: Profile, lixel_m: float) -> Roads:
    """The network of the district, made once for a version of the data."""
    key = (str(c.engine.url), data_version(c), profile.metric_srid, lixel_m)
    if key not in _ROADS:
        rows = c.execute(text(ROADS)).all()
        lines = crs.shapes_to_metric(shapely.from_wkb([bytes(row.geom) for row in rows]), profile.metric_srid)
        while len(_ROADS) >= KEPT:
            _ROADS.pop(next(iter(_ROADS)), None)
        _ROADS[key] = network_of([row.id for row in rows], lines, lixel_m)
    return _ROADS[key]


def network_of(ids: list[int], lines: NDArray[np.object_], lixel_m: float = LIXEL_M) -> Roads:
    """Cut roads (metric CRS) wherever others meet them; places nearer than 0.1 m are one crossing."""
    parts, owner = shapely.get_parts(lines, return_index=True)
    lengths = shapely.length(parts)
    first = np.searchsorted(owner, np.arange(len(lines) + 1))
    before = np.cumsum(lengths) - lengths
    cuts = [_cuts(length, met) for length, met in zip(lengths.tolist(), crossings(parts), strict=True)]
    edge_part = np.repeat(np.arange(len(parts)), [len(points) - 1 for points in cuts])
    edge_from = np.array([at for points in cuts for at in points[:-1]], np.float64)
    edge_to = np.array([at for points in cuts for at in points[1:]], np.float64)
    ends = [
        shapely.get_coordinates(shapely.line_interpolate_point(parts[edge_part], at))
        for at in (edge_from, edge_to)
    ]
    places, number = np.unique(
        np.rint(np.concatenate(ends) * 10).astype(np.int64), axis=0, return_inverse=True
    )
    start, end = number.reshape(2, -1) if len(places) else np.empty((2, 0), np.int64)
    network = cut(start, end, edge_to - edge_from, lixel_m)
    edges = np.array([substring(parts[part], a, b) for part, a, b in zip(
        edge_part.tolist(), edge_from.tolist(), edge_to.tolist(), strict=True)], object)  # fmt: skip
    part_of = {
        road: (int(a), int(b)) for road, (a, b) in zip(ids, pairwise(first.tolist()), strict=True) if b > a
    }
    return Roads(network, moves(network), edges, part_of, before - before[first[owner]], edge_part, edge_from)


def _cuts(length_m: float, met_m: list[float]) -> list[float]:
    """Where a part is cut: its ends and where others meet it, none nearer than 0.1 m to the one before."""
    kept = [0.0]
    for at in sorted(met_m):
        if at - kept[-1] > 0.1 and length_m - at > 0.1:
            kept.append(at)
    return [*kept, length_m]


def _along(c: Connection, profile: Profile, q: Question) -> tuple[Ints, Floats, int]:
    where = condition(c, profile, q)
    road, offset = c.execute(
        text(WHERE_ALONG.format(where=where.sql, located=LOCATED_SQL)), where.parameters
    ).one()
    away = f"select count(*) from tickets t where {where.sql} and {LOCATED_SQL} and (t.road_id is null or t.road_offset_m is null)"
    return (
        np.array(road, np.int64),
        np.array(offset, np.float64),
        int(c.execute(text(away), where.parameters).scalar_one()),
    )


def _limits(per_100m: Floats, length_m: Floats) -> Floats:
    """The lowest density of each class, so that classes hold the SHARES of the length near tickets."""
    near = per_100m > 0
    order = np.argsort(per_100m[near], kind="stable")
    share = np.cumsum(length_m[near][order]) / length_m[near].sum()
    at = np.minimum(np.searchsorted(share, (0.4, *SHARES)), len(order) - 1)
    return np.unique(per_100m[near][order][at])


def _reading(tickets: Floats, length_m: Floats, classes: Ints, bandwidth_m: float) -> Bilingual:
    top = classes >= max(int(classes.max()) - 1, 0)
    return reading.of_lines(
        float(tickets[top].sum() / tickets.sum()), float(length_m[top].sum() / length_m.sum()), bandwidth_m
    )


def _lines(
    roads: Roads, classes: Ints, per_100m: Floats
) -> tuple[NDArray[np.object_], Floats, NDArray[np.int8]]:
    """Neighbouring lixels of an edge and a class as one line, with the highest density on it."""
    edge = np.repeat(np.arange(len(roads.edges)), np.diff(roads.network.first))
    turns = np.flatnonzero((np.diff(edge) != 0) | (np.diff(classes) != 0)) + 1
    begins = np.concatenate([[0], turns]).astype(np.int64)
    ends = np.concatenate([turns, [len(classes)]]).astype(np.int64)
    drawn = classes[begins] >= 0
    begins, ends = begins[drawn], ends[drawn]
    first, step = roads.network.first[edge[begins]], roads.network.length_m[begins]
    lines: list[BaseGeometry] = [
        substring(roads.edges[e], a, b) for e, a, b in zip(
            edge[begins].tolist(), ((begins - first) * step).tolist(), ((ends - first) * step).tolist(), strict=True)
    ]  # fmt: skip
    most = np.maximum.reduceat(per_100m, begins) if len(begins) else np.empty(0)
    return np.array(lines, object), most, classes[begins].astype(np.int8)


def _nothing(total: int, off_road: int) -> LineClasses:
    empty = np.empty(0)
    return LineClasses(
        np.empty(0, object), empty, empty.astype(np.int8), (), reading.TOO_FEW, total, off_road
    )
