"""Files on their way in by the data page: what was sent, what it seems to be, what a person said of it."""

from __future__ import annotations

from sqlalchemy import BigInteger, CheckConstraint, Column, ForeignKey, Index, Table, text as sql
from sqlalchemy.dialects.postgresql import JSONB

from geodata.store.schema.base import identity, metadata, moment, text

uploads = Table(
    "uploads",
    metadata,
    identity(),
    Column("account_id", BigInteger, ForeignKey("accounts.id"), nullable=False, comment="Who sent it"),
    text("name", "What the file was called; shown to people, never used as a path"),
    text("suffix", "Ending of the stored file, a dot with letters and digits, or nothing"),
    Column("size_bytes", BigInteger, nullable=False, comment="How large it is said to be"),
    Column(
        "got_bytes", BigInteger, nullable=False, server_default=sql("0"), comment="How much of it is here"
    ),
    moment("begun_at", "When it began to come", nullable=False),
    Column("looked", JSONB, comment="What it seems to be: format, layers, columns, rows, CRS"),
    Column("choice", JSONB, nullable=False, server_default=sql("'{}'"), comment="How it is to be loaded"),
    Column("tried", JSONB, comment="Report of the last dry run with this choice"),
    Column(
        "job_id", BigInteger, ForeignKey("jobs.id", ondelete="SET NULL"), comment="The task that works on it"
    ),
    Column("load_id", BigInteger, ForeignKey("loads.id", ondelete="SET NULL"), comment="The load made of it"),
    CheckConstraint("got_bytes BETWEEN 0 AND size_bytes", name="no_more_than_said"),
    comment="Files sent to the data page, until they are loaded or forgotten",
)
Index("ix_uploads_load", uploads.c.load_id)
