"""Data in: what takes a load back, saved mappings, uploads."""

from __future__ import annotations

from alembic import op

from geodata.store.schema import metadata

revision = "0005_data_in"
down_revision = "0004_insight"
branch_labels = None
depends_on = None

DATA_IN: tuple[str, ...] = ("uploads",)


def upgrade() -> None:
    """Go forward."""
    for name in DATA_IN:
        metadata.tables[name].create(op.get_bind())


def downgrade() -> None:
    """Go back."""
    for name in reversed(DATA_IN):
        metadata.tables[name].drop(op.get_bind())
