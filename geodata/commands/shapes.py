"""Areas that people draw, buffer or upload to ask about; what is kept is valid, a polygon, near the district, not huge."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from geodata.commands.accounts import Account
from geodata.errors import BadArgument, NotFound, Refused
from geodata.profile import Profile

LONGEST_NAME, MOST_CORNERS, MOST = 80, 20_000, 200
LEAST_M2, NEAREST_M, FARTHEST_M = 1.0, 1.0, 5_000.0
ORIGINS = ("drawn", "buffer", "upload")
KEEP = """
    with given as (select ST_CollectionExtract(ST_MakeValid(ST_Force2D({shape})), 3) as geom),
    kept as (select ST_Multi(geom) as geom from given
             where not ST_IsEmpty(geom) and ST_NPoints(geom) <= :most and ST_Area(geom::geography) >= :least_m2
               and geom && ST_MakeEnvelope(:west, :south, :east, :north, 4326))
    insert into shapes (name, origin, account_id, shared, geom, made_at)
    select :name, :origin, :who, false, geom, now() from kept returning id"""
DRAWN = "ST_SetSRID(ST_GeomFromGeoJSON(:geojson), 4326)"
# Measured in the metric CRS; only stored in degrees.
BUFFER = "(select ST_Transform(ST_Buffer(ST_Transform(ST_Union(t.geom), :srid), :metres, 'quad_segs=16'), 4326) from {table} t where {found})"
THINGS = {
    "road": ("roads", "(t.code = :code or t.name = (select r.name from roads r where r.code = :code))"),
    "place": ("places", "t.code = :code"),
}


def draw(
    c: Connection, profile: Profile, account: Account, name: str, geometry: dict[str, Any], *, origin: str = "drawn"
) -> int:  # fmt: skip
    """Keep a polygon given as a GeoJSON geometry, EPSG:4326; gives its number."""
    if geometry.get("type") not in ("Polygon", "MultiPolygon"):
        raise BadArgument("geometry", "An area is a Polygon or a MultiPolygon in degrees.")
    values = {"geojson": json.dumps(geometry)}
    return _keep(c, profile, account, name=name, origin=origin, shape=DRAWN, values=values)


def buffer(
    c: Connection, profile: Profile, account: Account, name: str, *, kind: str, code: str, metres: float
) -> int:  # fmt: skip
    """Keep all ground within so many metres of a road or a place; gives its number."""
    if kind not in THINGS:
        raise BadArgument("around", f"around must be one of {', '.join(THINGS)}.")
    if not NEAREST_M <= metres <= FARTHEST_M:
        raise BadArgument("metres", f"metres must be from {NEAREST_M:g} to {FARTHEST_M:g}.")
    table, found = THINGS[kind]
    known = c.execute(text(f"select 1 from {table} t where {found} limit 1"), {"code": code}).scalar()
    if known is None:
        raise NotFound(f"There is no {kind} with the code “{code[:60]}”.")
    shape = BUFFER.format(table=table, found=found)
    values = {"code": code, "metres": metres, "srid": profile.metric_srid}
    return _keep(c, profile, account, name=name, origin="buffer", shape=shape, values=values)


def share(c: Connection, account: Account, number: int, *, shared: bool) -> None:
    """Let others ask about a shape of one's own, or no longer."""
    sql = "update shapes set shared = :shared where id = :id and account_id = :who"
    _one(c.execute(text(sql), {"id": number, "who": account.id, "shared": shared}).rowcount, number)


def delete(c: Connection, account: Account, number: int) -> None:
    """Forget a shape of one's own."""
    sql = "delete from shapes where id = :id and account_id = :who"
    _one(c.execute(text(sql), {"id": number, "who": account.id}).rowcount, number)


def named(name: str) -> str:
    """A name without needless blanks, or a refusal."""
    name = " ".join(name.split())
    if not 1 <= len(name) <= LONGEST_NAME:
        raise BadArgument("name", f"A name has 1 to {LONGEST_NAME} characters.")
    return name


def _keep(
    c: Connection, profile: Profile, account: Account, *, name: str, origin: str, shape: str, values: dict[str, Any]
) -> int:  # fmt: skip
    kept = c.execute(
        text("select count(*) from shapes where account_id = :who"), {"who": account.id}
    ).scalar_one()
    if kept >= MOST:
        raise Refused(f"You keep {MOST} areas already; delete one first.")
    west, south, east, north = profile.bbox
    known = {"name": named(name), "origin": origin, "who": account.id, "most": MOST_CORNERS, "least_m2": LEAST_M2,
             "west": west, "south": south, "east": east, "north": north}  # fmt: skip
    try:
        with c.begin_nested():
            number = c.execute(text(KEEP.format(shape=shape)), known | values).scalar_one_or_none()
    except DBAPIError as fault:
        raise BadArgument(
            "geometry", "This geometry cannot be read; draw it again, or check the file."
        ) from fault
    if number is None:
        raise BadArgument(
            "geometry",
            f"The area must touch the district, cover some ground and have at most {MOST_CORNERS:,} corners.",
        )
    return int(number)


def _one(touched: int, number: int) -> None:
    if not touched:
        raise NotFound(f"You keep no area with the number {number}.")
