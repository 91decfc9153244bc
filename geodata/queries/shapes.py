"""Shapes that people drew, buffered or uploaded to ask about."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, text

from geodata.errors import NotFound


def wkt(c: Connection, number: int, account_id: int) -> str:
    """The polygon of a saved shape as WKT, EPSG:4326; of the account's own ones and those that are shared."""
    found = c.execute(
        text("select ST_AsText(geom) from shapes where id = :id and (account_id = :who or shared)"),
        {"id": number, "who": account_id},
    ).scalar_one_or_none()
    if found is None:
        raise NotFound(f"There is no shape with the number {number} here.")
    return str(found)


@dataclass(frozen=True, slots=True)
class Shape:
    """A kept area; `geometry` is GeoJSON, EPSG:4326, `mine` whether one may change it."""

    id: int
    name: str
    origin: str
    shared: bool
    mine: bool
    by: str
    area_km2: float
    geometry: dict[str, Any]
    made_at: datetime


def shapes(c: Connection, account_id: int) -> list[Shape]:
    """One's own, then those that others share, each newest first."""
    rows = c.execute(
        text("""select s.id, s.name, s.origin, s.shared, s.account_id = :who as mine, a.name as by,
                       ST_Area(s.geom::geography) / 1e6 as area_km2, cast(ST_AsGeoJSON(s.geom, 6) as json) as geometry,
                       s.made_at
                from shapes s join accounts a on a.id = s.account_id
                where s.account_id = :who or s.shared order by 5 desc, s.id desc"""),
        {"who": account_id},
    )
    return [Shape(*row) for row in rows]


def name(c: Connection, number: int, account_id: int) -> str | None:
    """What a shape that one may ask about is called."""
    found = text("select name from shapes where id = :id and (account_id = :who or shared)")
    return c.execute(found, {"id": number, "who": account_id}).scalar_one_or_none()
