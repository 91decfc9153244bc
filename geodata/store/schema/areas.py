"""Areas of every scheme and level, each with the days on which it was valid."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    Double,
    ForeignKey,
    Index,
    SmallInteger,
    Table,
    func,
    literal_column,
    text as sql,
)
from sqlalchemy.dialects.postgresql import ExcludeConstraint

from geodata.store.schema.base import geometry, identity, metadata, text, tile_geometry

areas = Table(
    "areas",
    metadata,
    identity(),
    text("scheme", "Which division of the ground: grid, police, air …"),
    text("level", "Step of the scheme: district … grid_cell"),
    text("code", "Official code, stable over versions"),
    text("name", "Name as people here say it"),
    text("name_en", "Name for an English reader", nullable=True),
    text("parent_code", "Code of the area one level up; null at the top", nullable=True),
    Column("valid_from", Date, nullable=False, comment="First day of this version"),
    Column("valid_to", Date, comment="Day after the last of this version; null while valid"),
    Column("area_km2", Double, nullable=False, comment="Area on the spheroid, km²"),
    Column("load_id", ForeignKey("loads.id"), comment="Load that brought this version; null for the demo"),
    geometry("MULTIPOLYGON", "Outline, EPSG:4326"),
    tile_geometry("MULTIPOLYGON"),
    CheckConstraint("valid_to IS NULL OR valid_to > valid_from", name="validity_forward"),
    CheckConstraint("ST_IsValid(geom) AND NOT ST_IsEmpty(geom)", name="geom_valid"),
    CheckConstraint("code <> '' AND name <> ''", name="named"),
    CheckConstraint("parent_code IS DISTINCT FROM code", name="not_own_parent"),
    ExcludeConstraint(
        (literal_column("scheme"), "="),
        (literal_column("code"), "="),
        (func.daterange(literal_column("valid_from"), literal_column("valid_to")), "&&"),
        using="gist",
        name="ex_areas_one_version_a_day",
    ),
    comment="Areas by scheme and level; a boundary load adds a version and never destroys the one before",
)
Index("ix_areas_geom", areas.c.geom, postgresql_using="gist")
Index("ix_areas_geom_3857", areas.c.geom_3857, postgresql_using="gist")
Index(
    "ix_areas_scheme_level_current", areas.c.scheme, areas.c.level, postgresql_where=sql("valid_to IS NULL")
)

area_ancestors = Table(
    "area_ancestors",
    metadata,
    Column("area_id", BigInteger, ForeignKey("areas.id", ondelete="CASCADE"), primary_key=True,
           comment="An area version"),
    text("ancestor_code", "Code of this area (steps 0) or of one above it", primary_key=True),
    Column("steps", SmallInteger, nullable=False, comment="How many levels up the ancestor stands; 0 is itself"),
    CheckConstraint("steps >= 0", name="steps_up"),
    comment="For each area version, the codes it belongs to; rebuilt after each boundary load",
)  # fmt: skip
Index("ix_area_ancestors_ancestor_code", area_ancestors.c.ancestor_code, area_ancestors.c.area_id)
