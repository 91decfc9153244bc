"""Crowds 人群聚集: places with their capacity, ticks of people per cell kept as one array, series per place."""

from __future__ import annotations

from geoalchemy2 import Geometry
from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Double,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Table,
    text as sql,
)

from geodata.store.schema.base import geometry, identity, metadata, moment, one_of, text, tile_geometry
from geodata.types import LEVELS

CROWD_MODES = ("walking", "queue")

crowd_places = Table(
    "crowd_places",
    metadata,
    identity(),
    text("code", "Short stable key: guanqian, pingjiang …", unique=True),
    text("name", "Name as pages print it"),
    text("name_en", "Name for an English reader", nullable=True),
    text("kind", "street, square, garden, temple, station, market"),
    text("mode", "walking or queue: which of Fruin's scales fits"),
    Column("capacity_people", Integer, nullable=False, comment="People it can hold safely at one time"),
    Column("walkable_share", Float, nullable=False, comment="Share of its ground that can be walked on, 0–1"),
    Column("area_id", BigInteger, ForeignKey("areas.id"), comment="Finest area that holds its centre"),
    geometry("MULTIPOLYGON", "Outline, EPSG:4326"),
    tile_geometry("MULTIPOLYGON"),
    one_of("mode", CROWD_MODES),
    CheckConstraint("capacity_people > 0", name="capacity_positive"),
    CheckConstraint("walkable_share > 0 AND walkable_share <= 1", name="walkable_share_possible"),
    comment="Places where crowds gather, each with capacity and the scale that fits it",
)
Index("ix_crowd_places_geom_3857", crowd_places.c.geom_3857, postgresql_using="gist")

crowd_grids = Table(
    "crowd_grids",
    metadata,
    identity(),
    text(
        "key",
        "SHA-256 of the cells, in hex: a sender may name it instead of sending cells again",
        unique=True,
    ),
    Column("resolution", SmallInteger, nullable=False, comment="H3 resolution"),
    Column(
        "cells", LargeBinary, nullable=False, comment="H3 indexes ascending, little-endian 64-bit integers"
    ),
    moment("created_at", "When it was first seen", nullable=False, server_default=sql("now()")),
    comment="Lists of cells that crowd ticks refer to, each kept once",
)

crowd_ticks = Table(
    "crowd_ticks",
    metadata,
    Column("feed_id", BigInteger, ForeignKey("feeds.id", ondelete="CASCADE"), primary_key=True,
           comment="Which feed"),
    moment("at", "Moment of the tick", primary_key=True),
    moment("accepted_at", "When it was accepted", nullable=False, server_default=sql("clock_timestamp()")),
    Column("grid_id", BigInteger, ForeignKey("crowd_grids.id"), nullable=False, comment="Cells of the array"),
    Column("people", LargeBinary, nullable=False,
           comment="People per cell, little-endian 32-bit floats in the order of the grid, NaN where not told"),
    Column("people_total", Double, nullable=False, comment="Sum of what was told"),
    Column("cells_told", Integer, nullable=False, comment="How many cells were told"),
    comment="People per cell at one moment, one array a tick",
)  # fmt: skip
Index("ix_crowd_ticks_at", crowd_ticks.c.at)

crowd_series = Table(
    "crowd_series",
    metadata,
    Column("place_id", BigInteger, ForeignKey("crowd_places.id", ondelete="CASCADE"), primary_key=True,
           comment="Which place"),
    moment("at", "Moment of the tick", primary_key=True),
    Column("drill_id", BigInteger, primary_key=True, server_default="0", comment="Drill it was played in; 0 for true"),
    Column("people", Double, nullable=False, comment="People in the place"),
    Column("density_per_m2", Double, nullable=False, comment="People per m² that can be walked on, over the place"),
    Column("peak_per_m2", Double, nullable=False, comment="The same in its densest cell"),
    text("level", "Level it stood at; null for normal", nullable=True),
    one_of("level", LEVELS),
    comment="People and density of each place at each tick; what trends and changed thresholds are judged by",
)  # fmt: skip

camera_streams = Table(
    "camera_streams",
    metadata,
    Column("camera_id", BigInteger, ForeignKey("cameras.id", ondelete="CASCADE"), primary_key=True,
           comment="Which camera"),
    text("kind", "hls, snapshot; drawn: we draw it ourselves, for the demo", primary_key=True),
    text("url", "Where the stream is, with what it takes to open it, never leaves the server; null when drawn", nullable=True),
    one_of("kind", ("hls", "snapshot", "drawn")),
    CheckConstraint("(url IS NULL) = (kind = 'drawn')", name="address_where_there_is_one"),
    comment="Where the pictures of cameras come from; read by the proxy alone",
)  # fmt: skip

camera_openings = Table(
    "camera_openings",
    metadata,
    identity(),
    Column("camera_id", BigInteger, ForeignKey("cameras.id", ondelete="CASCADE"), nullable=False, index=True,
           comment="Which camera"),
    Column("account_id", BigInteger, ForeignKey("accounts.id"), nullable=False, comment="Who opened it"),
    Column("alert_id", BigInteger, comment="Alert it was opened for, if any"),
    moment("at", "When", nullable=False, server_default=sql("now()")),
    comment="Who looked through which camera when; rows are added, never changed",
)  # fmt: skip

coverage_gaps = Table(
    "coverage_gaps",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False, comment="H3 cell of resolution 11"),
    text("kind", "blind: no camera is meant to see it; down: only cameras that do not answer now"),
    Column("streets_m", Float, nullable=False, comment="Length of the streets in it, m"),
    Column("places", Integer, nullable=False, comment="Places that people name in it"),
    geometry("POLYGON", "Outline of the cell, EPSG:4326"),
    tile_geometry("POLYGON"),
    one_of("kind", ("blind", "down")),
    comment="Cells with streets or places that no camera online sees; made anew now and then",
)
Index("ix_coverage_gaps_geom_3857", coverage_gaps.c.geom_3857, postgresql_using="gist")

buildings = Table(
    "buildings",
    metadata,
    identity(),
    Column("height_m", Float, comment="Height, m; null where not known"),
    Column("geom", Geometry("MULTIPOLYGON", srid=4326, spatial_index=False), nullable=False,
           comment="Outline, EPSG:4326"),
    comment="Building outlines, where a district has them: they stand in the line of sight",
)  # fmt: skip
Index("ix_buildings_geom", buildings.c.geom, postgresql_using="gist")
