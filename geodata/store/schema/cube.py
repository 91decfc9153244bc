"""What the heat cube lives on: the log of what changed in tickets since a cube was built."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, SmallInteger, Table, text as sql
from sqlalchemy.dialects.postgresql.base import ischema_names
from sqlalchemy.types import UserDefinedType

from geodata.store.schema.base import identity, metadata, moment
from geodata.store.schema.tickets import ticket_family, ticket_state


class TransactionId(UserDefinedType[Any]):
    """PostgreSQL's xid8, a transaction's number that never comes again."""

    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:
        """As SQL writes it."""
        return "xid8"


ischema_names["xid8"] = TransactionId  # so that the check of migrations knows it

ticket_changes = Table(
    "ticket_changes",
    metadata,
    identity(),
    Column("xid", TransactionId(), nullable=False, server_default=sql("pg_current_xact_id()"),
           comment="Transaction that wrote it: who holds a snapshot knows whether it saw it"),
    Column("n", Integer, nullable=False, comment="Tickets more or less of this kind; 0: too many changed to tell"),
    Column("hex_r9", BigInteger, comment="H3 cell; null when the ticket is not on the heat map"),
    Column("hex_r10", BigInteger, comment="The same at resolution 10"),
    Column("hex_r11", BigInteger, comment="The same at resolution 11"),
    Column("area_id", BigInteger, comment="As the ticket's"),
    Column("category_id", BigInteger, comment="As the ticket's"),
    Column("source_id", SmallInteger, comment="As the ticket's"),
    Column("family", ticket_family, comment="As the ticket's"),
    Column("state", ticket_state, comment="As the ticket's"),
    Column("place", SmallInteger, comment="0 located, 1 on a default point, 2 not located"),
    moment("received_at", "As the ticket's", nullable=True),
    moment("due_at", "As the ticket's", nullable=True),
    Column("on_time", Boolean, comment="Closed by the deadline; null while not closed or not due"),
    moment("closed_at", "As the ticket's", nullable=True),
    comment="What each statement changed in tickets, in sums: the tail of the heat cube, folded into it and then dropped",
)  # fmt: skip
Index("ix_ticket_changes_xid", ticket_changes.c.xid)
