"""Citizen tickets 工单, located once at load, with the log of what was done about each."""

from __future__ import annotations

from geoalchemy2 import Geometry
from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Double,
    Float,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    text as sql,
)
from sqlalchemy.dialects.postgresql import ENUM

from geodata.store.schema.base import geometry, identity, metadata, moment, text, tile_geometry

TICKET_STATES = (
    "received", "transferred", "signed", "handling", "resolved_online", "closed", "followed_up", "merged",
)  # fmt: skip
QUALITIES = ("given", "address", "road", "landmark", "area", "none")
EVENT_KINDS = (
    "received", "resolved_online", "transferred", "signed", "handled", "closed", "followed_up", "merged",
    "extended", "refused", "supervised", "co_handled", "disputed", "escalated", "reported_to_city",
)  # fmt: skip

ticket_state = ENUM(*TICKET_STATES, name="ticket_state", metadata=metadata)
location_quality = ENUM(*QUALITIES, name="location_quality", metadata=metadata)
ticket_family = ENUM("service", "city", name="ticket_family", metadata=metadata)
ticket_event_kind = ENUM(*EVENT_KINDS, name="ticket_event_kind", metadata=metadata)
satisfaction = ENUM("satisfied", "neutral", "dissatisfied", name="satisfaction", metadata=metadata)

ticket_sources = Table(
    "ticket_sources",
    metadata,
    Column("id", SmallInteger, Identity(), primary_key=True, comment="Key given by the database"),
    text("key", "Short stable key: 12345, patrol …", unique=True),
    text("name", "Name as reports print it"),
    text("name_en", "Name for an English reader", nullable=True),
    comment="Channels by which tickets arrive 来源; the list stays open",
)

units = Table(
    "units",
    metadata,
    identity(),
    text("code", "Short stable key", unique=True),
    text("name", "Name as reports print it"),
    text("name_en", "Name for an English reader", nullable=True),
    text("kind", "subdistrict, department, company or other"),
    text("area_code", "Code of the area it is responsible for; null for the whole district", nullable=True),
    comment="Sub-districts, departments and companies that handle tickets 承办单位",
)

tickets = Table(
    "tickets",
    metadata,
    identity(),
    text("origin", "System or export the row came from; with number its identity"),
    Column("number", Text(collation="C"), nullable=False, comment="Ticket number in its origin"),  # C: found by prefix
    Column("source_id", SmallInteger, ForeignKey("ticket_sources.id"), nullable=False, comment="Channel 来源"),
    Column("family", ticket_family, nullable=False, comment="service 便民服务 or city 数字城管; scored apart"),
    Column("category_id", BigInteger, ForeignKey("categories.id"), nullable=False, comment="What it is about"),
    Column("unit_id", BigInteger, ForeignKey("units.id"), comment="Who handles it"),
    text("title", "One line that says what is wrong", nullable=True),
    text("description", "Free text, scrubbed of persons", nullable=True),
    text("address", "Where, in words, as received", nullable=True),
    Column("caller_hash", LargeBinary, comment="Keyed hash of the caller, to count repeats; never a number"),
    moment("received_at", "When it was received; the day it belongs to", nullable=False),
    moment("due_at", "Deadline for closing", nullable=True),
    moment("closed_at", "When it was closed or resolved", nullable=True),
    Column("state", ticket_state, nullable=False, comment="Where it stands in its life"),
    text("outcome", "How it ended, in the origin's words or ours", nullable=True),
    Column("satisfaction", satisfaction, comment="Answer of the call-back"),
    geometry("POINT", "Where, EPSG:4326; null when not located", nullable=True),
    tile_geometry("POINT"),
    Column("location_quality", location_quality, nullable=False, comment="How the place was found"),
    Column("is_default_point", Boolean, nullable=False, server_default=sql("false"),
           comment="The point stands for “unknown” in its origin; heat leaves it out"),
    Column("area_id", BigInteger, ForeignKey("areas.id"), comment="Finest area known, in the version valid on its day"),
    Column("road_id", BigInteger, ForeignKey("roads.id"), comment="Nearest road"),
    Column("road_offset_m", Float, comment="Distance along the road from its start, m"),
    Column("hex_r9", BigInteger, comment="H3 cell at resolution 9, taken directly"),
    Column("hex_r10", BigInteger, comment="H3 cell at resolution 10, taken directly"),
    Column("hex_r11", BigInteger, comment="H3 cell at resolution 11, taken directly"),
    Column("load_id", BigInteger, ForeignKey("loads.id"), comment="Load that last wrote it; null for the demo"),
    Column("row_number", Integer, comment="Row of that file"),
    Column("repaired", Boolean, nullable=False, server_default=sql("false"), comment="Something was mended at load"),
    UniqueConstraint("number", "origin"),
    CheckConstraint("(geom IS NOT NULL) = (location_quality NOT IN ('area', 'none'))", name="located_has_point"),
    CheckConstraint("num_nulls(geom, hex_r9, hex_r10, hex_r11) IN (0, 4)", name="point_has_hexes"),
    CheckConstraint("NOT is_default_point OR geom IS NOT NULL", name="default_point_has_point"),
    CheckConstraint("location_quality <> 'area' OR area_id IS NOT NULL", name="area_quality_has_area"),
    CheckConstraint("closed_at >= received_at", name="closed_after_received"),
    CheckConstraint(
        "(closed_at IS NOT NULL) = (state IN ('resolved_online', 'closed', 'followed_up', 'merged'))",
        name="closed_state_has_time",
    ),
    CheckConstraint("(road_id IS NULL) = (road_offset_m IS NULL)", name="road_has_offset"),
    comment="Citizen tickets",
)  # fmt: skip
# All that a figure counts by, so that it is read from an index alone: of the whole district, or of an area.
COUNTED_BY = ["area_id", "category_id", "source_id", "family", "state", "location_quality", "is_default_point",
              "hex_r9", "hex_r10", "hex_r11"]  # fmt: skip
Index("ix_tickets_received_at", tickets.c.received_at, postgresql_include=COUNTED_BY)
Index("ix_tickets_due_at", tickets.c.due_at, postgresql_include=["closed_at", "area_id", "category_id"])
Index("ix_tickets_area_id", tickets.c.area_id, tickets.c.received_at, postgresql_include=COUNTED_BY[1:])
Index(
    "ix_tickets_area_due",
    tickets.c.area_id,
    tickets.c.due_at,
    postgresql_include=["closed_at", "category_id"],
)
# What a map draws one by one, found by place and time at once and read from the index alone. A tree of boxes knows no time.
Index(
    "ix_tickets_near",
    tickets.c.hex_r10,
    tickets.c.received_at,
    postgresql_include=["id", "number", "category_id", "state", "area_id", "geom_3857"],
    postgresql_where=sql(
        "location_quality IN ('given', 'address', 'road', 'landmark') AND NOT is_default_point"
    ),
)
Index("ix_tickets_open", tickets.c.due_at, tickets.c.area_id, postgresql_where=sql("closed_at IS NULL"))

ticket_events = Table(
    "ticket_events",
    metadata,
    Column("ticket_id", BigInteger, ForeignKey("tickets.id", ondelete="CASCADE"), primary_key=True,
           comment="Which ticket"),
    Column("seq", SmallInteger, primary_key=True, comment="Order within the ticket, from 1"),
    moment("at", "When it happened", nullable=False),
    Column("kind", ticket_event_kind, nullable=False, comment="What happened"),
    Column("unit_id", BigInteger, ForeignKey("units.id"), comment="Who did it"),
    text("note", "A word about it", nullable=True),
    CheckConstraint("seq > 0", name="seq_from_one"),
    comment="What was done about each ticket, in order; rows are added, never changed",
)  # fmt: skip

hexes = Table(
    "hexes",
    metadata,
    Column("cell", BigInteger, primary_key=True, autoincrement=False, comment="H3 index as a number"),
    Column("resolution", SmallInteger, nullable=False, comment="H3 resolution, 9 to 11"),
    Column("centre_lon", Double, nullable=False, comment="Longitude of its centre, degrees"),
    Column("centre_lat", Double, nullable=False, comment="Latitude of its centre, degrees"),
    Column("area_m2", Double, nullable=False, comment="True area, m² (h3.cell_area)"),
    Column("geom_3857", Geometry("POLYGON", srid=3857, spatial_index=False), nullable=False,
           comment="Outline for drawing tiles (EPSG:3857)"),
    CheckConstraint("resolution = ((cell >> 52) & 15)", name="resolution_of_cell"),
    comment="Every H3 cell that holds or may hold something, so that SQL can draw it",
)  # fmt: skip
Index("ix_hexes_geom_3857", hexes.c.geom_3857, postgresql_using="gist")
