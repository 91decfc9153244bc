"""Insight: what planners keep, jobs, and what the heat cube lives on."""

from __future__ import annotations

from alembic import op

from geodata.store.schema import metadata
from geodata.store.sql import near_tickets, team_accounts, ticket_changes

revision = "0004_insight"
down_revision = "0003_sensorthings"
branch_labels = None
depends_on = None

INSIGHT = ("shapes", "saved_questions", "jobs", "ticket_changes", "duty_changes", "escalation_waits")


def upgrade() -> None:
    """Go forward."""
    for name in INSIGHT:
        metadata.tables[name].create(op.get_bind())
    for statement in (*near_tickets.create(), *ticket_changes.create()):
        op.execute(statement)
    team_accounts.allow(op.get_bind())


def downgrade() -> None:
    """Go back."""
    team_accounts.forbid(op.get_bind())
    for statement in (*ticket_changes.drop(), *near_tickets.drop()):
        op.execute(statement)
    for name in reversed(INSIGHT):
        metadata.tables[name].drop(op.get_bind())
