"""What planners keep: shapes they ask about, questions by name, long questions as jobs."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Float,
    ForeignKey,
    Index,
    SmallInteger,
    Table,
    UniqueConstraint,
    text as sql,
)
from sqlalchemy.dialects.postgresql import JSONB

from geodata.store.schema.base import geometry, identity, metadata, moment, one_of, text

SHAPE_ORIGINS = ("drawn", "buffer", "upload")
JOB_STATES = ("waiting", "running", "done", "failed", "cancelled")

shapes = Table(
    "shapes",
    metadata,
    identity(),
    text("name", "What its maker calls it"),
    text("origin", f"How it was made: {', '.join(SHAPE_ORIGINS)}"),
    Column("account_id", BigInteger, ForeignKey("accounts.id"), nullable=False, comment="Who made it"),
    Column("shared", Boolean, nullable=False, server_default=sql("false"), comment="Others may ask about it too"),
    geometry("MULTIPOLYGON", "The area, EPSG:4326"),
    moment("made_at", "When it was made", nullable=False),
    one_of("origin", SHAPE_ORIGINS),
    comment="Areas that people drew, buffered or uploaded to ask about",
)  # fmt: skip

saved_questions = Table(
    "saved_questions",
    metadata,
    identity(),
    text("name", "What its maker calls it"),
    Column("account_id", BigInteger, ForeignKey("accounts.id"), nullable=False, comment="Who saved it"),
    Column("shared", Boolean, nullable=False, server_default=sql("false"), comment="Others see it too"),
    text("address", "Path and query that ask it again"),
    moment("saved_at", "When it was saved last", nullable=False),
    UniqueConstraint("account_id", "name"),
    CheckConstraint("address LIKE '/planning%'", name="address_is_ours"),
    comment="Questions of planners, by name",
)

jobs = Table(
    "jobs",
    metadata,
    identity(),
    text("kind", "What is to be done"),
    Column("asked", JSONB, nullable=False, comment="The question and its options"),
    Column("account_id", BigInteger, ForeignKey("accounts.id"), nullable=False, comment="Who asked"),
    text("state", f"Where it stands: {', '.join(JOB_STATES)}"),
    Column("progress", Float, comment="Share done, 0 to 1; null while not known"),
    text("step", "What it does now, in words", nullable=True),
    text("reason", "Why it failed, in one sentence", nullable=True),
    text("result", "File below the home, or a JSON document", nullable=True),
    moment("asked_at", "When it was asked", nullable=False),
    moment("began_at", "When the worker took it up", nullable=True),
    moment("heard_at", "Last sign of life of who does it", nullable=True),
    Column("attempt", SmallInteger, nullable=False, server_default=sql("0"),
           comment="How often it was taken up; only the last taker may write"),
    moment("ended_at", "When it ended", nullable=True),
    one_of("state", JOB_STATES),
    comment="Long work that the worker does: questions, exports, loads, reports",
)  # fmt: skip
Index("ix_jobs_open", jobs.c.asked_at, postgresql_where=sql("state IN ('waiting', 'running')"))
