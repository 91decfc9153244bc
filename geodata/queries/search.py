"""Find a place, street, heritage object, area, camera, sensor or ticket by what a person types."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, text

from geodata.profile import Profile
from geodata.queries.areas import VALID
from geodata.queries.question import IN_AREA, area_ids
from geodata.types import BBox

KINDS = ("area", "place", "road", "heritage", "ticket", "camera", "sensor")
TICKET_NUMBER = re.compile(r"[0-9A-Za-z][0-9A-Za-z_-]{2,}")
POINT = "ST_X({0}) as lon, ST_Y({0}) as lat"
BOX = "ST_XMin({0}) as west, ST_YMin({0}) as south, ST_XMax({0}) as east, ST_YMax({0}) as north"
NO_BOX = "null::float8 as west, null::float8 as south, null::float8 as east, null::float8 as north"
RANK = """case when lower({name}) = :exact or lower({code}) = :exact or lower({english}) = :exact then 0
               when {name} ilike :prefix or {english} ilike :prefix or {code} ilike :prefix then 1 else 2 end"""
FOUND = "({name} ilike :anywhere or {english} ilike :anywhere or {code} ilike :prefix)"


@dataclass(frozen=True, slots=True)
class Hit:
    """Something found: where it is (EPSG:4326) and, when it has extent, the box to fly to."""

    kind: str
    code: str
    title: str
    title_en: str | None
    subtitle: str | None
    lon: float | None
    lat: float | None
    bbox: BBox | None


def search(
    c: Connection, profile: Profile, words: str, limit: int = 10, *, area: str | None = None,
    kinds: tuple[str, ...] = KINDS,
) -> list[Hit]:  # fmt: skip
    """What is called so: names equal to the words first, then those that begin with them, then those that hold them.

    `area` limits tickets, cameras and sensors to an area; tickets are found by the beginning of their number.
    """
    words = " ".join(words.split())[:80]
    if not words:
        return []
    escaped = re.sub(r"([\\%_])", r"\\\1", words)
    parameters: dict[str, Any] = {
        "exact": words.lower(), "prefix": f"{escaped}%", "anywhere": f"%{escaped}%", "limit": limit, "number": f"{escaped.upper()}%",
        "scheme": profile.scheme, "on": profile.today(),
    }  # fmt: skip
    scope = "true"
    if area and area != profile.code:
        scope, parameters["area_ids"] = IN_AREA, area_ids(c, area)
    parts = [f"({statement})" for kind, statement in _statements(words, scope).items() if kind in kinds]
    rows = c.execute(
        text(f"""select * from ({" union all ".join(parts)}) hits
                 order by rank, array_position(cast(:kinds as text[]), kind), length(title), title, code limit :limit"""),
        parameters | {"kinds": list(KINDS)},
    )
    return [_hit(row) for row in rows]


def _statements(words: str, scope: str) -> dict[str, str]:
    statements = {
        "area": _part("area", "areas", BOX.format("t.geom"), "ST_PointOnSurface(t.geom)",
                      where=f"t.scheme = :scheme and {VALID.replace('a.', 't.')}", subtitle="t.level"),
        "place": _part("place", "places", NO_BOX, "t.geom", subtitle="t.address"),
        "heritage": _part("heritage", "heritage_objects", NO_BOX, "t.geom", subtitle="t.address"),
        "road": ROADS,
        "camera": _part("camera", "cameras", NO_BOX, "t.geom", where=scope, subtitle="t.state", english="null"),
        "sensor": _part("sensor", "sensors", NO_BOX, "t.geom", where=scope, subtitle="t.state", english="null"),
    }  # fmt: skip
    if TICKET_NUMBER.fullmatch(words):
        statements["ticket"] = TICKETS.format(point=POINT.format("t.geom"), no_box=NO_BOX, scope=scope)
    return statements


def _part(
    kind: str, table: str, box: str, point: str, *, where: str = "true", subtitle: str, english: str = "t.name_en"
) -> str:  # fmt: skip
    names = {"name": "t.name", "english": f"coalesce({english}, '')", "code": "t.code"}
    return f"""select '{kind}' as kind, t.code, t.name as title, {english} as title_en, {subtitle} as subtitle,
                      {POINT.format(point)}, {box}, {RANK.format(**names)} as rank
               from {table} t where {where} and {FOUND.format(**names)}
               order by rank, length(t.name), t.name limit :limit"""


ROADS = f"""select 'road' as kind, min(t.code) as code, t.name as title, min(t.name_en) as title_en, min(t.class) as subtitle,
           ST_X(ST_ClosestPoint(ST_Collect(t.geom), ST_Centroid(ST_Collect(t.geom)))) as lon,
           ST_Y(ST_ClosestPoint(ST_Collect(t.geom), ST_Centroid(ST_Collect(t.geom)))) as lat,
           {BOX.format("ST_Extent(t.geom)")},
           min({RANK.format(name="t.name", english="coalesce(t.name_en, '')", code="t.name")}) as rank
    from roads t where t.name ilike :anywhere or t.name_en ilike :anywhere
    group by t.name order by rank, length(t.name), t.name limit :limit"""
TICKETS = """select 'ticket' as kind, t.number as code, t.number as title, null as title_en, t.address as subtitle,
           {point}, {no_box}, case when t.number = upper(:exact) then 0 else 1 end as rank
    from tickets t where t.number like :number and {scope}
    order by t.number limit :limit"""


def _hit(row: Any) -> Hit:
    box = BBox(row.west, row.south, row.east, row.north) if row.west is not None else None
    return Hit(row.kind, row.code, row.title, row.title_en, row.subtitle, row.lon, row.lat, box)
