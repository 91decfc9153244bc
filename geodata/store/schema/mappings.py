"""Mappings that were saved by name: which column of a department's export is what."""

from __future__ import annotations

from sqlalchemy import BigInteger, CheckConstraint, Column, ForeignKey, Table, text as sql
from sqlalchemy.dialects.postgresql import JSONB

from geodata.store.schema.base import metadata, moment, text

saved_mappings = Table(
    "saved_mappings",
    metadata,
    text("name", "Name by which it is asked for", primary_key=True),
    text("kind", "Kind of file that it reads"),
    Column("body", JSONB, nullable=False, comment="The mapping, as its TOML file would say it"),
    Column("author_id", BigInteger, ForeignKey("accounts.id", ondelete="SET NULL"),
           comment="Who saved it; null from the command line"),
    moment("saved_at", "When it was last saved", nullable=False, server_default=sql("now()")),
    CheckConstraint("name <> ''", name="named"),
    comment="Mappings saved by name, to be used again for the next file of the same source",
)  # fmt: skip
