"""How many people live in areas, as counts told it."""

from __future__ import annotations

from sqlalchemy import BigInteger, CheckConstraint, Column, Date, ForeignKey, Integer, Table, UniqueConstraint

from geodata.store.schema.base import identity, metadata, text

area_residents = Table(
    "area_residents",
    metadata,
    identity(),
    text("scheme", "Scheme of the area"),
    text("area_code", "Code of the area"),
    Column("counted_on", Date, nullable=False, comment="Day for which it was counted"),
    Column("residents", Integer, nullable=False, comment="People who live there"),
    Column("load_id", BigInteger, ForeignKey("loads.id"), comment="Load that brought it"),
    UniqueConstraint("scheme", "area_code", "counted_on"),
    CheckConstraint("residents >= 0", name="residents_counted"),
    comment="Residents by area; of several counts the latest holds",
)
