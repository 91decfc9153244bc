"""Loads and what was found in them, and the few facts the store keeps about itself."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
)
from sqlalchemy.dialects.postgresql import ARRAY, INT8MULTIRANGE, JSONB

from geodata.store.schema.base import geometry, identity, metadata, moment, one_of, text
from geodata.store.schema.cube import TransactionId

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
    Column("xid", TransactionId(), comment="Transaction that wrote its rows"),
    moment("rolled_back_at", "When it was taken back", nullable=True),
    text("rolled_back_by", "Name of the account that took it back; null at the command line", nullable=True),
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
    text("message_zh", "What is wrong, in one sentence, for a Chinese reader"),
    text("message_en", "The same for an English reader"),
    text("action_zh", "What was done about it, for a Chinese reader"),
    text("action_en", "The same for an English reader"),
    text("sheet", "Sheet or layer of the file; null when it has only one", nullable=True),
    geometry("GEOMETRY", "Where on the map, EPSG:4326; null when it is nowhere", nullable=True),
    one_of("severity", ("note", "repaired", "rejected", "refused")),
    comment="What was found in a load, row by row",
)
Index("ix_load_findings_code", load_findings.c.load_id, load_findings.c.code)

# Written by triggers (geodata/store/sql/load_undo.py). The values of a column stand together, one column after the other.
load_undo = Table(
    "load_undo",
    metadata,
    Column("seq", BigInteger, Identity(), primary_key=True, comment="Order in which it was done"),
    Column("load_id", BigInteger, ForeignKey("loads.id", ondelete="CASCADE"), nullable=False, comment="Which load"),
    text("table_name", "Table that one statement of the load wrote to"),
    text("kind", "inserted, changed or deleted"),
    Column("row_count", Integer, nullable=False, comment="How many rows"),
    Column("ids", INT8MULTIRANGE, comment="Keys of the rows; null for a table whose key is no single number"),
    Column("columns", ARRAY(Text), comment="The columns that was and became hold, the key first; null when ids say all"),
    Column("was", ARRAY(Text), comment="What stood there before, column after column, each of row_count values"),
    Column("became", ARRAY(Text), comment="What the load wrote there, likewise"),
    one_of("kind", ("inserted", "changed", "deleted")),
    comment="What a load did to each table, so that it can be taken back",
)  # fmt: skip
Index("ix_load_undo_load_id", load_undo.c.load_id, load_undo.c.seq)

facts = Table(
    "facts",
    metadata,
    text("key", "What", primary_key=True),
    Column("value", JSONB, nullable=False, comment="Its value"),
    comment="What the store knows about itself: profile, demo seed and end, data versions",
)
