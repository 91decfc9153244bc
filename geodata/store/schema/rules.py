"""Thresholds with their history, maintenance windows, and where the judging of each subject stands."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Double,
    ForeignKey,
    Index,
    Table,
    Text,
    text as sql,
)
from sqlalchemy.dialects.postgresql import JSONB

from geodata.store.schema.base import identity, metadata, moment, one_of, text
from geodata.types import LEVELS

RULES = (
    "crowd_density", "crowd_rise", "sensor_level", "sensor_rate", "sensor_datum", "sensor_silence", "feed_silence",
    "ticket_burst", "ticket_deadline",
)  # fmt: skip

thresholds = Table(
    "thresholds",
    metadata,
    identity(),
    text("rule", ", ".join(RULES)),
    text("subject", "What it is for: a place's code, a kind of sensor, a sensor's code, a category; * for all",
         server_default="*"),
    Column("limits", JSONB, nullable=False, comment="The numbers of the rule, each with its unit in its name"),
    moment("valid_from", "From when it holds", nullable=False, server_default=sql("now()")),
    moment("valid_to", "Until when it held; null while it holds", nullable=True),
    text("author", "Account that set it; system for what is shipped"),
    text("why", "Why it was set", nullable=True),
    one_of("rule", RULES),
    CheckConstraint("valid_to > valid_from", name="span_forward"),
    comment="Numbers that rules judge by, with history and author; a change ends a row and adds one",
)  # fmt: skip
Index("ix_thresholds_now", thresholds.c.rule, thresholds.c.subject, unique=True,
      postgresql_where=thresholds.c.valid_to.is_(None))  # fmt: skip

watches = Table(
    "watches",
    metadata,
    Column("cause", Text, primary_key=True, comment="Rule, subject: what is judged (sensor_level:S00001)"),
    Column(
        "drill_id",
        BigInteger,
        primary_key=True,
        server_default="0",
        comment="Drill it is played in; 0 for true",
    ),
    Column("state", JSONB, nullable=False, comment="Where hysteresis and hold time stand"),
    moment("changed_at", "When it last changed", nullable=False, server_default=sql("now()")),
    comment="Where the judging of each subject stands, so that a killed worker goes on where it was",
)

escalation_waits = Table(
    "escalation_waits",
    metadata,
    identity(),
    text("level", "notice, watch, warning, danger"),
    Column("wait_s", Double, comment="Seconds until an alert that nobody takes goes one step up; null: it stays"),
    moment("valid_from", "From when it holds", nullable=False, server_default=sql("clock_timestamp()")),
    moment("valid_to", "Until when it held; null while it holds", nullable=True),
    text("author", "Account that set it"),
    text("why", "Why it was set", nullable=True),
    one_of("level", LEVELS),
    CheckConstraint("wait_s > 0", name="wait_forward"),
    comment="How long an alert waits to be taken, with history and author; where none is set what is shipped holds",
)  # fmt: skip
Index("ix_escalation_waits_now", escalation_waits.c.level, unique=True,
      postgresql_where=escalation_waits.c.valid_to.is_(None))  # fmt: skip

maintenance_windows = Table(
    "maintenance_windows",
    metadata,
    identity(),
    text("subject", "A cause or its beginning: sensor_level:S00001, sensor_ , feed_silence:police …"),
    text("area_code", "Only what lies in this area; null for all", nullable=True),
    moment("starts_at", "From when it mutes", nullable=False),
    moment("ends_at", "Until when", nullable=False),
    Column("account_id", BigInteger, ForeignKey("accounts.id"), comment="Who set it"),
    text("why", "What is being done"),
    CheckConstraint("ends_at > starts_at", name="span_forward"),
    comment="Spans in which work on a device mutes its alerts; what was muted says so",
)
