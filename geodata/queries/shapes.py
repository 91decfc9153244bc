"""Shapes that people drew, buffered or uploaded to ask about."""

from __future__ import annotations

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
