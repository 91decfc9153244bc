"""SensorThings: tables of OGC SensorThings 1.1 and one view over its observations and our readings."""

from __future__ import annotations

from alembic import op

from geodata.store.schema import metadata
from geodata.store.schema.sensorthings import OBSERVATIONS_VIEW

revision = '0003_sensorthings'
down_revision = '0002_live'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    metadata.create_all(op.get_bind(), tables=[t for t in metadata.sorted_tables if t.name.startswith("sta_")])
    op.execute(OBSERVATIONS_VIEW)


def downgrade() -> None:
    """Go back."""
    op.execute("DROP VIEW sta_observations_all")
    for table in reversed([t for t in metadata.sorted_tables if t.name.startswith("sta_")]):
        op.drop_table(table.name)
