"""The demo's own rows as they were built: its ground, the keys of its areas, and which days still have open tickets."""

from __future__ import annotations

from collections.abc import Mapping, Set as AbstractSet
from datetime import date, datetime
from typing import Any, NamedTuple

import geopandas as gpd
import shapely
from shapely.geometry.base import BaseGeometry
from sqlalchemy import Connection, text

Named = Mapping[tuple[str, str], BaseGeometry]  # (theme, name): shape in EPSG:4326

GROUND = {
    "areas": "select code, name, name_en, level, parent_code, ST_AsBinary(geom) as geom from areas"
    " where scheme = :scheme and load_id is null order by id",
    "roads": "select name, class, door_first, door_last, ST_AsBinary(geom) as geom from roads"
    " where load_id is null order by id",
    "water": "select ST_AsBinary(geom) as geom from ground_features where theme = 'water' and load_id is null order by id",
    "greens": "select ST_AsBinary(geom) as geom from ground_features where theme = 'green' and load_id is null order by id",
    "places": "select kind, name, ST_AsBinary(geom) as geom from places where load_id is null order by id",
}
UNFINISHED = """
select distinct (received_at at time zone :zone)::date as day from tickets
where origin = :origin and load_id is null
  and (closed_at is null or (state <> 'followed_up' and closed_at > :recent))
"""

NAMED = {
    "street": "select name, ST_AsBinary(ST_Union(geom)) as geom from roads where name = any(:names) group by name",
    "green": "select name, ST_AsBinary(ST_Union(geom)) as geom from ground_features"
    " where theme = 'green' and name = any(:names) group by name",
    "place": "select distinct on (name) name, ST_AsBinary(geom) as geom from places where name = any(:names) order by name, id",
}


class AreaName(NamedTuple):
    """An area as it is called now."""

    level: str
    code: str
    name: str
    name_en: str | None


def ground(connection: Connection, scheme: str) -> dict[str, gpd.GeoDataFrame]:
    """The ground that the demo was built on: areas, roads, water, greens, places, each in its order; EPSG:4326."""
    return {
        name: _frame(connection, sql, {"scheme": scheme} if name == "areas" else {})
        for name, sql in GROUND.items()
    }


def named_ground(connection: Connection, wanted: Mapping[str, AbstractSet[str]]) -> Named:
    """Streets, greens and places by name, EPSG:4326; what is not there is left out."""
    return {
        (theme, row.name): shapely.from_wkb(bytes(row.geom))
        for theme, names in wanted.items()
        for row in connection.execute(text(NAMED[theme]), {"names": sorted(names)})
    }


def area_names(connection: Connection, scheme: str) -> list[AreaName]:
    """Every area of a scheme that is valid now, in order of code."""
    found = connection.execute(
        text(
            "select level, code, name, name_en from areas where scheme = :scheme and valid_to is null order by code"
        ),
        {"scheme": scheme},
    )
    return [AreaName(*row) for row in found]


def area_ids(connection: Connection, scheme: str) -> dict[str, int]:
    """The key of each area code; of several versions that of the last."""
    found = connection.execute(
        text("select code, id from areas where scheme = :scheme order by valid_from"), {"scheme": scheme}
    )
    return {row.code: row.id for row in found}


def unfinished_days(connection: Connection, origin: str, zone: str, recent: datetime) -> set[date]:
    """Days with tickets that are open, or closed after `recent` and not called back."""
    known = {"origin": origin, "zone": zone, "recent": recent}
    return set(connection.execute(text(UNFINISHED), known).scalars())


def highest_ticket(connection: Connection) -> int:
    """The highest key of a ticket, 0 when there is none."""
    return int(connection.execute(text("select coalesce(max(id), 0) from tickets")).scalar_one())


def count_tickets(connection: Connection) -> int:
    """How many tickets there are."""
    return int(connection.execute(text("select count(*) from tickets")).scalar_one())


def _frame(connection: Connection, sql: str, known: dict[str, Any]) -> gpd.GeoDataFrame:
    result = connection.execute(text(sql), known)
    columns = list(result.keys())
    rows = result.all()
    table = {name: [row[at] for row in rows] for at, name in enumerate(columns) if name != "geom"}
    shapes = shapely.from_wkb([bytes(row[columns.index("geom")]) for row in rows])
    return gpd.GeoDataFrame(table, geometry=shapes, crs=4326)
