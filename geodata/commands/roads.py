"""Writing roads, and giving the tickets near them the road that is nearest now."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray
from sqlalchemy import Connection, text

from geodata.commands.locating import NEAR_ROAD_M, Ground, read_ground
from geodata.commands.registers import Register, Row, Written, write_register
from geodata.profile import Profile
from geodata.space import crs

ROADS = Register(
    "roads", ("name", "name_en", "class", "door_first", "door_last", "geom"), otherwise={"class": "tertiary"}
)
BATCH = 100_000
SAME_M = 0.01  # offsets along a road are kept as single-precision numbers


def write_roads(c: Connection, rows: Sequence[Row], *, told: Collection[str], load_id: int | None) -> Written:
    """Write roads: code, name, name_en, class, door_first, door_last, geometry."""
    return write_register(c, ROADS, rows, told={*told, "geom"}, load_id=load_id)


class _Tickets(NamedTuple):
    """Tickets in parallel columns: keys, degrees (EPSG:4326), the road of each (0 for none) and m along it."""

    ids: NDArray[np.int64]
    lon: NDArray[np.float64]
    lat: NDArray[np.float64]
    road: NDArray[np.int64]
    offset: NDArray[np.float64]

    def some(self, which: NDArray[np.bool_]) -> _Tickets:
        return _Tickets(
            self.ids[which], self.lon[which], self.lat[which], self.road[which], self.offset[which]
        )


def relink_tickets(c: Connection, profile: Profile, roads: Collection[int]) -> int:
    """Give tickets that lie near these roads, or lay near them, their nearest road; returns how many got another."""
    ground = read_ground(c, profile)
    ids = np.array(sorted(roads), np.int64)
    lines = _lines(c, profile, ids)
    moved = 0
    for tickets in _batches(c):
        x, y = crs.to_metric(tickets.lon, tickets.lat, profile.metric_srid)
        near = np.isin(tickets.road, ids)
        near[lines.query(shapely.points(x, y), predicate="dwithin", distance=NEAR_ROAD_M)[0]] = True
        moved += _relink(c, ground, tickets.some(near))
    return moved


def _lines(c: Connection, profile: Profile, ids: NDArray[np.int64]) -> shapely.STRtree:
    found = c.execute(
        text("select st_asbinary(geom) from roads where id = any(:ids)"), {"ids": ids.tolist()}
    ).scalars()
    shapes = np.asarray(shapely.from_wkb(np.array([bytes(wkb) for wkb in found], object)), object)
    return shapely.STRtree(crs.shapes_to_metric(shapes, profile.metric_srid))


def _batches(c: Connection) -> Iterator[_Tickets]:
    statement = text(f"""
        select id, st_x(geom), st_y(geom), coalesce(road_id, 0), coalesce(road_offset_m, 'NaN') from tickets
        where id > :last and geom is not null and not is_default_point order by id limit {BATCH}""")
    last = 0
    while rows := c.execute(statement, {"last": last}).all():
        yield _Tickets(*(np.array(column) for column in zip(*rows, strict=True)))
        last = int(rows[-1][0])


def _relink(c: Connection, ground: Ground, tickets: _Tickets) -> int:
    found, along = ground.road_of(tickets.lon, tickets.lat)
    other = (found != tickets.road) | ((found > 0) & ~(np.abs(along - tickets.offset) < SAME_M))
    if not other.any():
        return 0
    statement = """
        update tickets t set road_id = nullif(n.road, 0), road_offset_m = case when n.road > 0 then n.along end
        from unnest(cast(:ids as bigint[]), cast(:roads as bigint[]), cast(:along as real[])) n (id, road, along)
        where t.id = n.id"""
    told = {
        "ids": tickets.ids[other].tolist(),
        "roads": found[other].tolist(),
        "along": along[other].tolist(),
    }
    return int(c.execute(text(statement), told).rowcount)
