"""Swapping the versions of one level's areas, and what follows: ancestors, and whatever lies in the areas."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

import numpy as np
import shapely
from sqlalchemy import Connection, text

from geodata.commands.areas import AreaVersion, add_versions, area_km2, relink
from geodata.commands.locating import Ground, read_ground
from geodata.profile import Profile

# The first version of a level that the district never had before also answers for the days before its load.
BEGINNING = date(1900, 1, 1)
BATCH = 100_000
DEVICES = ("cameras", "sensors")
PLACED_BY_POINT = "geom is not null and not is_default_point"  # of tickets


class CurrentArea(NamedTuple):
    """An area version valid now; the outline in EPSG:4326."""

    id: int
    level: str
    code: str
    name: str
    name_en: str | None
    parent_code: str | None
    valid_from: date
    outline: shapely.MultiPolygon


class Swap(NamedTuple):
    """What a boundary load writes: versions to add, to end, and to put in the place of one that begins that same day."""

    scheme: str
    valid_from: date
    added: Sequence[AreaVersion]
    ended: Sequence[CurrentArea]
    replaced: Sequence[tuple[CurrentArea, AreaVersion]]


def current_areas(connection: Connection, scheme: str) -> list[CurrentArea]:
    """Every area of a scheme that has no end."""
    statement = """
        select id, level, code, name, name_en, parent_code, valid_from, st_asbinary(geom)
        from areas where scheme = :scheme and valid_to is null order by id"""
    rows = connection.execute(text(statement), {"scheme": scheme}).all()
    outlines = shapely.from_wkb(np.array([bytes(row[-1]) for row in rows], object))
    return [CurrentArea._make((*row[:7], outline)) for row, outline in zip(rows, outlines, strict=True)]


def codes_ended(connection: Connection, scheme: str, level: str) -> frozenset[str]:
    """Codes of this level that an area had once and none has now."""
    statement = """
        select code from areas where scheme = :scheme and level = :level
        group by code having bool_and(valid_to is not null)"""
    return frozenset(connection.execute(text(statement), {"scheme": scheme, "level": level}).scalars())


def ever_had(connection: Connection, scheme: str, level: str) -> bool:
    """Whether any version of this level was ever loaded."""
    statement = "select exists (select from areas where scheme = :scheme and level = :level)"
    return bool(connection.execute(text(statement), {"scheme": scheme, "level": level}).scalar())


def swap_versions(connection: Connection, profile: Profile, swap: Swap, load_id: int | None) -> int:
    """End the old versions, write the new ones, relink, and place anew what lies there; returns tickets that moved."""
    _end(connection, swap)
    for area, version in swap.replaced:
        _replace(connection, area, version, load_id)
    add_versions(connection, swap.scheme, swap.added, valid_from=swap.valid_from, load_id=load_id)
    relink(connection, swap.scheme)
    if swap.scheme != profile.scheme:
        return 0
    _follow_codes(connection, profile, swap)
    ground, since = read_ground(connection, profile), swap.valid_from
    for table in DEVICES:
        place_anew(connection, profile, ground, Placed(table, "current_timestamp", since))
    return place_anew(connection, profile, ground, Placed("tickets", "received_at", since, PLACED_BY_POINT))


def _end(connection: Connection, swap: Swap) -> None:
    # A version keeps at least the day it began on.
    connection.execute(
        text("update areas set valid_to = greatest(:day, valid_from + 1) where id = any(:ids)"),
        {"day": swap.valid_from, "ids": [area.id for area in swap.ended]},
    )


def _replace(connection: Connection, area: CurrentArea, version: AreaVersion, load_id: int | None) -> None:
    statement = """
        update areas set name = :name, name_en = :name_en, parent_code = :parent_code, area_km2 = :area_km2,
               geom = st_multi(st_geomfromwkb(:outline, 4326)), load_id = :load
        where id = :id"""
    values = {
        "id": area.id, "name": version.name, "name_en": version.name_en, "parent_code": version.parent_code,
        "area_km2": area_km2(version.outline), "outline": version.outline.wkb, "load": load_id,
    }  # fmt: skip
    connection.execute(text(statement), values)


def _follow_codes(connection: Connection, profile: Profile, swap: Swap) -> None:
    # What is known to lie in an area, but not where in it, goes to that area's new version.
    statement = """
        update tickets t set area_id = new.id
        from areas old join areas new on new.scheme = old.scheme and new.code = old.code and new.id <> old.id
        where t.area_id = old.id and t.location_quality = 'area' and old.id = any(:ids)
          and new.valid_from = :day and t.received_at >= cast(:day as timestamp) at time zone :zone"""
    ended = [area.id for area in swap.ended]
    connection.execute(text(statement), {"ids": ended, "day": swap.valid_from, "zone": profile.time_zone})


class Placed(NamedTuple):
    """Rows of a table to be placed: the instant that says their day, from which day on, and which of them."""

    table: str
    at: str
    since: date
    which: str = "geom is not null"


def place_anew(connection: Connection, profile: Profile, ground: Ground, placed: Placed) -> int:
    """Put each row of a table into the finest area of its day, from a day on; returns how many moved."""
    read = text(f"""
        select id, st_x(geom), st_y(geom), cast({placed.at} at time zone :zone as date), coalesce(area_id, 0)
        from {placed.table}
        where id > :last and {placed.which} and {placed.at} >= cast(:since as timestamp) at time zone :zone
        order by id limit {BATCH}""")
    moved, last, given = 0, 0, {"zone": profile.time_zone, "since": placed.since}
    while rows := connection.execute(read, {**given, "last": last}).all():
        ids, lon, lat, day, area = (np.array(column) for column in zip(*rows, strict=True))
        found = ground.area_of(lon, lat, day.astype("datetime64[D]"))
        changed = found != area
        moved += _move(connection, placed.table, ids[changed].tolist(), found[changed].tolist())
        last = int(ids[-1])
    return moved


def _move(connection: Connection, table: str, ids: list[int], areas: list[int]) -> int:
    if not ids:
        return 0
    statement = f"""
        update {table} t set area_id = nullif(moved.area, 0)
        from unnest(cast(:ids as bigint[]), cast(:areas as bigint[])) moved (id, area) where t.id = moved.id"""
    return connection.execute(text(statement), {"ids": ids, "areas": areas}).rowcount
