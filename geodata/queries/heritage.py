"""Protected objects of the old town: all that is known of one."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, text

from geodata.errors import NotFound


@dataclass(frozen=True, slots=True)
class Heritage:
    """One protected object; position in EPSG:4326."""

    code: str
    name: str
    name_en: str | None
    grade: str
    condition: str
    era: str | None
    address: str | None
    lon: float
    lat: float


def card(c: Connection, code: str) -> Heritage:
    """One object by code."""
    row = c.execute(
        text("""select code, name, name_en, grade, condition, era, address, ST_X(geom), ST_Y(geom)
                from heritage_objects where code = :code"""),
        {"code": code},
    ).one_or_none()
    if row is None:
        raise NotFound(f"There is no protected object with the code “{code[:60]}”.")
    return Heritage(*row)
