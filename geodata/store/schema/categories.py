"""What a ticket is about: trees of categories by scheme, and how one tree maps to another."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Double,
    ForeignKey,
    SmallInteger,
    Table,
    UniqueConstraint,
)

from geodata.store.schema.base import identity, metadata, one_of, text

categories = Table(
    "categories",
    metadata,
    identity(),
    text("scheme", "Which tree: hotline, city, or that of an outside export"),
    text("code", "Code within the tree; a child's begins with its parent's"),
    text("name", "Name as reports print it"),
    text("name_en", "Name for an English reader", nullable=True),
    Column("parent_id", BigInteger, ForeignKey("categories.id"), index=True, comment="The category above; null at the top"),
    Column("level", SmallInteger, nullable=False, comment="1 at the top"),
    text("kind", "event 事件 or part 部件", nullable=True),
    Column("deadline_h", Double, comment="Hours allowed from receipt to closing"),
    Column("priority", SmallInteger, comment="1 most urgent … 4"),
    text("filing_standard", "When a case of it is opened", nullable=True),
    text("closing_standard", "When a case of it may be closed", nullable=True),
    UniqueConstraint("scheme", "code"),
    CheckConstraint("(level = 1) = (parent_id IS NULL)", name="top_has_no_parent"),
    CheckConstraint("deadline_h > 0", name="deadline_positive"),
    CheckConstraint("priority BETWEEN 1 AND 4", name="priority_known"),
    one_of("kind", ("event", "part")),
    comment="Responsibility list: event and part categories, a tree for each scheme",
)  # fmt: skip

category_crosswalk = Table(
    "category_crosswalk",
    metadata,
    Column("from_id", BigInteger, ForeignKey("categories.id", ondelete="CASCADE"), primary_key=True,
           comment="Category of one scheme"),
    Column("to_id", BigInteger, ForeignKey("categories.id", ondelete="CASCADE"), primary_key=True,
           comment="Its counterpart in another"),
    text("note", "How well they meet", nullable=True),
    CheckConstraint("from_id <> to_id", name="two_categories"),
    comment="Which category of one scheme stands for which of another",
)  # fmt: skip
