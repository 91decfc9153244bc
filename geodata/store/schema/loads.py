"""Loads and what was found in them, and the few facts the store keeps about itself."""

from __future__ import annotations

from sqlalchemy import BigInteger, CheckConstraint, Column, ForeignKey, Index, Integer, LargeBinary, Table
from sqlalchemy.dialects.postgresql import JSONB

from geodata.store.schema.base import identity, metadata, moment, one_of, text

loads = Table(
    "loads",
    metadata,
    identity(),
    text("kind", "boundaries, tickets …"),
    text("file_name", "Name of the file, without its folder"),
    Column("file_sha256", LargeBinary, nullable=False, comment="What was in it"),
    Column("options", JSONB, nullable=False, comment="How it was asked to be loaded"),
    text("state", "running, done, refused, failed, rolled_back"),
    text("message", "One sentence for a person", nullable=True),
    moment("started_at", "When it began", nullable=False),
    moment("finished_at", "When it ended", nullable=True),
    Column("rows_read", Integer, nullable=False, server_default="0", comment="Rows in the file"),
    Column("rows_new", Integer, nullable=False, server_default="0", comment="Rows not known before"),
    Column(
        "rows_changed", Integer, nullable=False, server_default="0", comment="Rows known, with something new"
    ),
    Column("rows_unchanged", Integer, nullable=False, server_default="0", comment="Rows known just so"),
    Column(
        "rows_rejected",
        Integer,
        nullable=False,
        server_default="0",
        comment="Rows not taken, each with a finding",
    ),
    Column("rows_repaired", Integer, nullable=False, server_default="0", comment="Rows taken after mending"),
    one_of("state", ("running", "done", "refused", "failed", "rolled_back")),
    CheckConstraint("(finished_at IS NULL) = (state = 'running')", name="ended_has_time"),
    CheckConstraint(
        "state NOT IN ('done', 'rolled_back')"
        " OR rows_read = rows_new + rows_changed + rows_unchanged + rows_rejected",
        name="every_row_accounted_for",
    ),
    comment="Every file taken in, or refused, and what became of its rows",
)

load_findings = Table(
    "load_findings",
    metadata,
    Column(
        "load_id",
        BigInteger,
        ForeignKey("loads.id", ondelete="CASCADE"),
        primary_key=True,
        comment="Which load",
    ),
    Column("seq", Integer, primary_key=True, comment="Order within the load, from 1"),
    text("code", "What kind of finding"),
    text("severity", "note, repaired, rejected, refused"),
    Column("row_number", Integer, comment="Row of the file, the first row of data being 1"),
    text("column_name", "Column of the file", nullable=True),
    text("value", "What stood there, shortened", nullable=True),
    text("message", "What is wrong, in one sentence"),
    text("action", "What was done about it"),
    one_of("severity", ("note", "repaired", "rejected", "refused")),
    comment="What was found in a load, row by row",
)
Index("ix_load_findings_code", load_findings.c.load_id, load_findings.c.code)

facts = Table(
    "facts",
    metadata,
    text("key", "What", primary_key=True),
    Column("value", JSONB, nullable=False, comment="Its value"),
    comment="What the store knows about itself: profile, demo seed and end, data versions",
)
