"""Data in: what takes a load back, saved mappings, uploads."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry

from geodata.store.schema import metadata
from geodata.store.schema.cube import TransactionId
from geodata.store.sql import load_undo

revision = "0005_data_in"
down_revision = "0004_insight"
branch_labels = None
depends_on = None

DATA_IN: tuple[str, ...] = ("load_undo", "uploads", "saved_mappings", "area_residents")


def upgrade() -> None:
    """Go forward."""
    op.add_column("loads", sa.Column("xid", TransactionId(), comment="Transaction that wrote its rows"))
    op.add_column(
        "loads", sa.Column("rolled_back_at", sa.DateTime(timezone=True), comment="When it was taken back")
    )
    op.add_column(
        "loads",
        sa.Column(
            "rolled_back_by",
            sa.Text(),
            comment="Name of the account that took it back; null at the command line",
        ),
    )
    op.add_column(
        "load_findings",
        sa.Column("sheet", sa.Text(), comment="Sheet or layer of the file; null when it has only one"),
    )
    op.add_column(
        "load_findings",
        sa.Column("geom", Geometry("GEOMETRY", srid=4326, spatial_index=False),
                  comment="Where on the map, EPSG:4326; null when it is nowhere"),
    )  # fmt: skip
    for name in DATA_IN:
        metadata.tables[name].create(op.get_bind())
    for statement in load_undo.create():
        op.execute(statement)


def downgrade() -> None:
    """Go back."""
    for statement in load_undo.drop():
        op.execute(statement)
    for name in reversed(DATA_IN):
        metadata.tables[name].drop(op.get_bind())
    for table, column in (
        ("load_findings", "geom"), ("load_findings", "sheet"),
        ("loads", "rolled_back_by"), ("loads", "rolled_back_at"), ("loads", "xid"),
    ):  # fmt: skip
        op.drop_column(table, column)
