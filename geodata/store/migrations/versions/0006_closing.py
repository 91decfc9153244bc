"""The log of changed tickets tells when they were closed, so that response times need no ticket rows."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from geodata.store.sql import ticket_changes

revision = "0006_closing"
down_revision = "0005_data_in"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    told = sa.Column("closed_at", sa.DateTime(timezone=True), comment="As the ticket's")
    op.add_column("ticket_changes", told)
    for statement in ticket_changes.functions():
        op.execute(statement)


def downgrade() -> None:
    """Go back."""
    for statement in ticket_changes.functions(closing=False):
        op.execute(statement)
    op.drop_column("ticket_changes", "closed_at")
