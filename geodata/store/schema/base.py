"""What all tables share: names of constraints, kinds of columns."""

from __future__ import annotations

from typing import Any

from geoalchemy2 import Geometry
from sqlalchemy import BigInteger, CheckConstraint, Column, Computed, DateTime, Identity, MetaData, Text

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def identity() -> Column[int]:
    """The key that the database gives a row."""
    return Column("id", BigInteger, Identity(), primary_key=True, comment="Key given by the database")


def moment(name: str, comment: str, **options: Any) -> Column[Any]:
    """An instant, aware and kept in UTC."""
    return Column(name, DateTime(timezone=True), comment=comment, **options)


def geometry(kind: str, comment: str, *, nullable: bool = False) -> Column[Any]:
    """A geometry for storing, EPSG:4326."""
    return Column("geom", Geometry(kind, srid=4326, spatial_index=False), nullable=nullable, comment=comment)


def tile_geometry(kind: str) -> Column[Any]:
    """The same geometry for drawing tiles, EPSG:3857, kept by the database."""
    return Column(
        "geom_3857",
        Geometry(kind, srid=3857, spatial_index=False),
        Computed("ST_Transform(geom, 3857)", persisted=True),
        comment="geom for drawing tiles only (EPSG:3857); never measured",
    )


def one_of(column: str, values: tuple[str, ...]) -> CheckConstraint:
    """A column that holds only these words."""
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({listed})", name=f"{column}_known")


def text(name: str, comment: str, **options: Any) -> Column[Any]:
    """A text column; NOT NULL unless said otherwise."""
    return Column(name, Text, comment=comment, **({"nullable": False} | options))
