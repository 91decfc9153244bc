"""The point that a source writes when it knows no place: found by how absurdly often it repeats, marked, remembered."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import Connection, text

from geodata.commands.facts import get_fact, put_fact

LEAST = 50  # tickets on one point
LEAST_SHARE = 0.003  # of the source's tickets with coordinates
ABOVE_USUAL = 20  # times the tickets on the points that are busy for a reason
VARIED = 0.5  # share of its tickets that say other addresses: at a real place most would say the same
# Cells are counted first, from an index; points only within the few that are full.
CELLS = """
    select hex_r11 from tickets where origin = :origin and location_quality = 'given' and not is_default_point
    group by hex_r11 having count(*) >= greatest(:least, :share * :total)"""
# A row of this transaction or of a part of it, whose number comes after the transaction's own.
OURS = """cast(cast(xmin as text) as bigint) >= mod(cast(cast(pg_current_xact_id() as text) as numeric), 4294967296)"""
POINTS = f"""
    select ST_X(geom), ST_Y(geom), count(*) as tickets,
           count(*) filter (where {OURS}) as written, count(area_id) filter (where {OURS}) as in_area,
           count(distinct address) as addresses, count(address) as telling, count(distinct category_id) as categories
    from tickets where hex_r11 = any(:cells) and origin = :origin and location_quality = 'given' and not is_default_point
    group by geom having count(*) >= greatest(:least, :share * :total)"""
USUAL = """
    select coalesce(percentile_disc(0.98) within group (order by tickets), 1) from
        (select count(*) as tickets from tickets
         where origin = :origin and location_quality = 'given' and not is_default_point group by hex_r11) cells"""
MARK = """
    update tickets set is_default_point = true, area_id = null, road_id = null, road_offset_m = null
    where origin = :origin and location_quality = 'given' and not is_default_point and hex_r11 = any(:cells)
      and geom = ST_SetSRID(ST_MakePoint(:lon, :lat), 4326)"""


class DefaultPoint(NamedTuple):
    """A point (degrees, EPSG:4326) with its tickets, those that this transaction wrote, and of these those in an area."""

    lon: float
    lat: float
    tickets: int
    written: int
    in_area: int


def known(c: Connection, origin: str) -> tuple[tuple[float, float], ...]:
    """The points found before for a source."""
    return tuple((lon, lat) for lon, lat in get_fact(c, _key(origin)) or ())


def find_and_mark(c: Connection, origin: str) -> list[DefaultPoint]:
    """Find the points of a source that repeat absurdly often, mark their tickets, and remember them for later loads.

    A market or a station repeats as well, but there people say the same address or complain of the same few things; on a
    default point lie addresses and matters from all over.
    """
    total = c.execute(
        text("select count(*) from tickets where origin = :origin and location_quality = 'given'"),
        {"origin": origin},
    ).scalar_one()
    asked = {"origin": origin, "least": LEAST, "share": LEAST_SHARE, "total": total}
    if total < LEAST or not (cells := list(c.execute(text(CELLS), asked).scalars())):
        return []
    usual = c.execute(text(USUAL), asked).scalar_one()
    found = [
        DefaultPoint(row[0], row[1], row.tickets, row.written, row.in_area)
        for row in c.execute(text(POINTS), asked | {"cells": cells})
        if row.tickets >= ABOVE_USUAL * usual
        and _varied(row.tickets, row.telling, row.addresses, row.categories)
    ]
    for point in found:
        c.execute(text(MARK), {"origin": origin, "cells": cells, "lon": point.lon, "lat": point.lat})
    if found:
        put_fact(c, _key(origin), [*known(c, origin), *((point.lon, point.lat) for point in found)])
    return found


def _varied(tickets: int, telling: int, addresses: int, categories: int) -> bool:
    """Whether what lies on a point comes from all over: by its addresses where it has enough, else by its matters."""
    return addresses >= VARIED * telling if telling >= tickets / 5 else categories >= 3


def _key(origin: str) -> str:
    return f"default_points:{origin}"
