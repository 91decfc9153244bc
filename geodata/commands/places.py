"""Writing places that people name, and protected objects."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import Connection

from geodata.commands.registers import Register, Row, Written, write_register

PLACES = Register("places", ("kind", "name", "name_en", "address", "geom"), otherwise={"kind": "landmark"})
HERITAGE = Register("heritage_objects", ("name", "name_en", "grade", "condition", "era", "address", "geom"))


def write_places(
    c: Connection, rows: Sequence[Row], *, told: Collection[str], load_id: int | None
) -> Written:
    """Write places: code, kind, name, name_en, address, geometry."""
    return write_register(c, PLACES, rows, told={*told, "geom"}, load_id=load_id)


def write_heritage(
    c: Connection, rows: Sequence[Row], *, told: Collection[str], load_id: int | None
) -> Written:
    """Write protected objects: code, name, name_en, grade, condition, era, address, geometry."""
    return write_register(c, HERITAGE, rows, told={*told, "geom"}, load_id=load_id)
