"""Live: feeds, crowds, rules, alerts, incidents, response."""

from __future__ import annotations

from alembic import op

from geodata.store.schema import metadata

revision = '0002_live'
down_revision = '0001_house'
branch_labels = None
depends_on = None

LIVE = (
    "drills", "feeds", "feed_tokens", "feed_counts", "intake", "retention_policies", "readings_hourly", "drill_readings",
    "drill_tickets", "crowd_places", "crowd_grids", "crowd_ticks", "crowd_series", "camera_streams", "camera_openings",
    "coverage_gaps", "buildings", "thresholds", "watches", "maintenance_windows", "teams", "incidents", "alerts", "alert_moves",
    "incident_moves", "incident_notes", "incident_attachments", "incident_checks", "incident_people", "duty_shifts",
    "contacts", "dispatches", "dispatch_moves", "webhooks", "webhook_deliveries", "shift_log", "happenings",
)
STAY = ("alert_moves", "incident_moves", "dispatch_moves", "incident_notes", "shift_log", "camera_openings", "happenings")
ROWS_STAY = """
CREATE FUNCTION rows_stay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND pg_trigger_depth() > 1 THEN RETURN OLD; END IF;  -- its alert, incident or drill goes
    RAISE EXCEPTION 'rows of % are added, never changed', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$
"""
SILENT_TOO = """
ALTER TABLE cameras DROP CONSTRAINT ck_cameras_state_known;
ALTER TABLE cameras ADD CONSTRAINT ck_cameras_state_known CHECK (state IN ('online', 'offline', 'fault', 'silent'));
COMMENT ON COLUMN cameras.state IS 'online, offline, fault, silent'
"""
NOT_SILENT = """
UPDATE cameras SET state = 'offline' WHERE state = 'silent';
ALTER TABLE cameras DROP CONSTRAINT ck_cameras_state_known;
ALTER TABLE cameras ADD CONSTRAINT ck_cameras_state_known CHECK (state IN ('online', 'offline', 'fault'));
COMMENT ON COLUMN cameras.state IS 'online, offline, fault'
"""


def upgrade() -> None:
    """Go forward."""
    op.execute(SILENT_TOO)
    metadata.create_all(op.get_bind(), tables=[metadata.tables[name] for name in LIVE])
    op.execute(ROWS_STAY)
    for table in STAY:
        op.execute(f"CREATE TRIGGER rows_stay BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION rows_stay()")


def downgrade() -> None:
    """Go back."""
    op.execute(NOT_SILENT)
    for table in reversed([t for t in metadata.sorted_tables if t.name in LIVE]):
        op.drop_table(table.name)
    op.execute("DROP FUNCTION rows_stay")
