"""Alerts and incidents with every move of their lives; moves are added, never changed."""

from __future__ import annotations

from geoalchemy2 import Geometry
from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    Double,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Table,
    UniqueConstraint,
    text as sql,
)
from sqlalchemy.dialects.postgresql import JSONB

from geodata.store.schema.base import geometry, identity, metadata, moment, one_of, text, tile_geometry
from geodata.store.schema.rules import RULES
from geodata.types import LEVELS

ALERT_STATES = ("raised", "acknowledged", "cleared", "false_alarm", "dealt_with", "incident")
ALERT_OPEN = ("raised", "acknowledged", "incident")
INCIDENT_STATES = ("opened", "verified", "dispatched", "handling", "resolved", "reviewed")
SUBJECT_KINDS = ("place", "crowd", "sensor", "feed", "area", "category", "ticket")

alerts = Table(
    "alerts",
    metadata,
    identity(),
    text("cause", "Rule and subject; one open alert a cause (and drill)"),
    text("rule", ", ".join(RULES)),
    text("level", "Level it stands at: notice, watch, warning, danger"),
    text("peak_level", "Highest level it stood at"),
    text("state", ", ".join(ALERT_STATES), server_default="raised"),
    text("subject_kind", ", ".join(SUBJECT_KINDS)),
    text("subject_key", "Key of the subject: a place's, sensor's, feed's, category's code"),
    text("subject_name", "Its name as pages print it"),
    text("subject_name_en", "Its name for an English reader", nullable=True),
    Column("area_id", BigInteger, ForeignKey("areas.id"), index=True, comment="Finest area that holds it"),
    text("area_code", "Code of that area; null when it is of no place", nullable=True),
    Column("value", Double, comment="What was measured, in unit"),
    Column("threshold", Double, comment="What it passed, in unit"),
    text("unit", "Unit of value and threshold", nullable=True),
    Column("facts", JSONB, nullable=False, server_default=sql("'{}'"),
           comment="What else the card tells: people, trend_per_min, minutes_to_next, usual …"),
    moment("observed_at", "Moment of the reading that completed it", nullable=False),
    moment("accepted_at", "When that reading was accepted", nullable=True),
    moment("raised_at", "When it was raised", nullable=False, server_default=sql("clock_timestamp()")),
    moment("changed_at", "When anything of it last changed", nullable=False, server_default=sql("clock_timestamp()")),
    moment("acknowledged_at", "When somebody took it", nullable=True),
    moment("closed_at", "When it ended", nullable=True),
    moment("reopens_until", "Until when the same cause reopens it instead of raising another", nullable=True),
    Column("reopened", Integer, nullable=False, server_default="0", comment="How often it came back"),
    Column("escalation", SmallInteger, nullable=False, server_default="0", comment="How far it was carried up"),
    moment("escalates_at", "When it goes one further up unless somebody takes it", nullable=True),
    Column("muted_by", BigInteger, ForeignKey("maintenance_windows.id"), comment="Maintenance that mutes it"),
    Column("drill_id", BigInteger, ForeignKey("drills.id", ondelete="CASCADE"), comment="Drill it belongs to"),
    text("plan_key", "Plan that fits", nullable=True),
    Column("incident_id", BigInteger, ForeignKey("incidents.id"), comment="Incident it led to"),
    Column("revision", Integer, nullable=False, server_default="1", comment="Raised by every change"),
    geometry("POINT", "Where, EPSG:4326; null when of no place", nullable=True),
    tile_geometry("POINT"),
    Column("outline", Geometry("GEOMETRY", srid=4326, spatial_index=False),
           comment="Outline of the crowd or area, EPSG:4326"),
    one_of("rule", RULES),
    one_of("level", LEVELS),
    one_of("peak_level", LEVELS),
    one_of("state", ALERT_STATES),
    one_of("subject_kind", SUBJECT_KINDS),
    CheckConstraint("(closed_at IS NULL) = (state IN ('raised', 'acknowledged', 'incident'))", name="closed_has_time"),
    comment="Alerts: one a cause; the open one grows",
)  # fmt: skip
Index("ix_alerts_open", alerts.c.cause, sql("coalesce(drill_id, 0)"), unique=True,
      postgresql_where=sql("closed_at IS NULL"))  # fmt: skip
Index("ix_alerts_raised_at", alerts.c.raised_at)
Index("ix_alerts_last", alerts.c.cause, alerts.c.closed_at)
Index("ix_alerts_incident_id", alerts.c.incident_id, postgresql_where=alerts.c.incident_id.is_not(None))

alert_moves = Table(
    "alert_moves",
    metadata,
    identity(),
    Column("alert_id", BigInteger, ForeignKey("alerts.id", ondelete="CASCADE"), nullable=False, index=True,
           comment="Which alert"),
    moment("at", "When", nullable=False, server_default=sql("clock_timestamp()")),
    text("move", "raise, grow, ease, acknowledge, escalate, clear, false_alarm, deal, open_incident, reopen"),
    text("from_state", "State before; null for the first", nullable=True),
    text("to_state", "State after"),
    text("level", "Level after"),
    Column("account_id", BigInteger, ForeignKey("accounts.id"), comment="Who; null for the system"),
    text("why", "Why, in a word", nullable=True),
    comment="Every move of every alert; rows are added, never changed",
)  # fmt: skip

incidents = Table(
    "incidents",
    metadata,
    identity(),
    text("number", "Number people say: 20261122-003; drills begin with D", unique=True),
    Column("day", Date, nullable=False, comment="Day of the profile's zone it was opened on"),
    text("title", "What it is, in one line"),
    text("kind", "crowd, fire, water, structure, traffic, medical, facility, ticket, other"),
    text("level", "notice, watch, warning, danger"),
    text("state", ", ".join(INCIDENT_STATES), server_default="opened"),
    text("plan_key", "Plan that is followed", nullable=True),
    text("address", "Where, in words", nullable=True),
    Column("area_id", BigInteger, ForeignKey("areas.id"), index=True, comment="Finest area that holds it"),
    text("area_code", "Code of that area", nullable=True),
    Column("opened_by", BigInteger, ForeignKey("accounts.id"), comment="Who opened it"),
    moment("opened_at", "When", nullable=False, server_default=sql("clock_timestamp()")),
    moment("changed_at", "When anything of it last changed", nullable=False, server_default=sql("clock_timestamp()")),
    moment("resolved_at", "When it was resolved", nullable=True),
    moment("reviewed_at", "When it was reviewed", nullable=True),
    text("review", "What was learnt", nullable=True),
    Column("drill_id", BigInteger, ForeignKey("drills.id", ondelete="CASCADE"), comment="Drill it belongs to"),
    Column("revision", Integer, nullable=False, server_default="1", comment="Raised by every change"),
    geometry("POINT", "Where, EPSG:4326"),
    tile_geometry("POINT"),
    one_of("level", LEVELS),
    one_of("state", INCIDENT_STATES),
    comment="Incidents, from an alert or opened by hand, followed to their review",
)  # fmt: skip

incident_moves = Table(
    "incident_moves",
    metadata,
    identity(),
    Column("incident_id", BigInteger, ForeignKey("incidents.id", ondelete="CASCADE"), nullable=False, index=True,
           comment="Which incident"),
    moment("at", "When", nullable=False, server_default=sql("clock_timestamp()")),
    text("move", "open, verify, dispatch, handle, resolve, review …"),
    text("from_state", "State before; null for the first", nullable=True),
    text("to_state", "State after"),
    Column("account_id", BigInteger, ForeignKey("accounts.id"), comment="Who; null for the system"),
    text("why", "Why, in a word", nullable=True),
    comment="Every move of every incident; rows are added, never changed",
)  # fmt: skip

incident_notes = Table(
    "incident_notes",
    metadata,
    identity(),
    Column("incident_id", BigInteger, ForeignKey("incidents.id", ondelete="CASCADE"), nullable=False, index=True,
           comment="Which incident"),
    moment("at", "When", nullable=False, server_default=sql("clock_timestamp()")),
    Column("account_id", BigInteger, ForeignKey("accounts.id"), comment="Who"),
    text("body", "What was said, scrubbed of persons"),
    comment="Notes on incidents; rows are added, never changed",
)  # fmt: skip

incident_attachments = Table(
    "incident_attachments",
    metadata,
    identity(),
    Column("incident_id", BigInteger, ForeignKey("incidents.id", ondelete="CASCADE"), nullable=False, index=True,
           comment="Which incident"),
    moment("at", "When", nullable=False, server_default=sql("clock_timestamp()")),
    Column("account_id", BigInteger, ForeignKey("accounts.id"), comment="Who"),
    text("name", "Name of the file"),
    text("media_type", "Media type"),
    Column("sha256", LargeBinary, nullable=False, comment="SHA-256 of the content"),
    Column("content", LargeBinary, nullable=False, comment="The file itself, 10 MB at most"),
    CheckConstraint("octet_length(content) <= 10485760", name="content_small"),
    comment="Pictures and papers of incidents",
)  # fmt: skip

incident_checks = Table(
    "incident_checks",
    metadata,
    Column("incident_id", BigInteger, ForeignKey("incidents.id", ondelete="CASCADE"), primary_key=True,
           comment="Which incident"),
    text("item", "Key of the item in the plan's check-list", primary_key=True),
    Column("done", Boolean, nullable=False, comment="Whether it is ticked"),
    moment("at", "When it was last ticked or unticked", nullable=False, server_default=sql("clock_timestamp()")),
    Column("account_id", BigInteger, ForeignKey("accounts.id"), comment="Who"),
    comment="The check-list of each incident",
)  # fmt: skip

incident_people = Table(
    "incident_people",
    metadata,
    identity(),
    Column("incident_id", BigInteger, ForeignKey("incidents.id", ondelete="CASCADE"), nullable=False, index=True,
           comment="Which incident"),
    text("role", "Role in the plan: lead, on_scene, traffic, medical …"),
    Column("account_id", BigInteger, ForeignKey("accounts.id"), comment="Who, as an account"),
    Column("team_id", BigInteger, ForeignKey("teams.id"), comment="Who, as a team"),
    moment("at", "Since when", nullable=False, server_default=sql("clock_timestamp()")),
    UniqueConstraint("incident_id", "role", "account_id", "team_id"),
    CheckConstraint("num_nonnulls(account_id, team_id) = 1", name="one_or_the_other"),
    comment="Who has which role in an incident",
)  # fmt: skip
