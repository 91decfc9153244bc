"""Who may sign in, and the sessions and tokens they hold; only hashes are kept."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    LargeBinary,
    Table,
    text as sql,
)

from geodata.store.schema.base import identity, metadata, moment, one_of, text

accounts = Table(
    "accounts",
    metadata,
    identity(),
    text("name", "Name to sign in with", unique=True),
    text("role", "screen, commander, planner, operator, admin or team"),
    text("area_code", "Code of the area it may see; null for the whole district", nullable=True),
    text("password_hash", "scrypt with its salt and cost"),
    Column("disabled", Boolean, nullable=False, server_default=sql("false"), comment="May not sign in"),
    moment("created_at", "When it was made", nullable=False, server_default=sql("now()")),
    one_of("role", ("screen", "commander", "planner", "operator", "admin", "team")),
    CheckConstraint("name ~ '^[a-z][a-z0-9_.-]{1,39}$'", name="name_plain"),
    comment="Accounts and their roles",
)

sessions = Table(
    "sessions",
    metadata,
    Column("token_hash", LargeBinary, primary_key=True, comment="SHA-256 of the cookie's token"),
    Column("account_id", BigInteger, ForeignKey("accounts.id", ondelete="CASCADE"), nullable=False, index=True,
           comment="Whose"),
    moment("created_at", "When signed in", nullable=False, server_default=sql("now()")),
    moment("expires_at", "When it ends", nullable=False),
    comment="Signed-in browsers",
)  # fmt: skip

api_tokens = Table(
    "api_tokens",
    metadata,
    Column("token_hash", LargeBinary, primary_key=True, comment="SHA-256 of the bearer token"),
    Column("account_id", BigInteger, ForeignKey("accounts.id", ondelete="CASCADE"), nullable=False, index=True,
           comment="Whose"),
    moment("created_at", "When made", nullable=False, server_default=sql("now()")),
    comment="Bearer tokens for programs; each acts as its account",
)  # fmt: skip
