"""Insight: what planners keep, jobs, and what the heat cube lives on."""

from __future__ import annotations

from alembic import op

from geodata.store.schema import metadata

revision = "0004_insight"
down_revision = "0003_sensorthings"
branch_labels = None
depends_on = None

INSIGHT = ("shapes", "saved_questions", "jobs")


def upgrade() -> None:
    """Go forward."""
    for name in INSIGHT:
        metadata.tables[name].create(op.get_bind())


def downgrade() -> None:
    """Go back."""
    for name in reversed(INSIGHT):
        metadata.tables[name].drop(op.get_bind())
