"""Live: feeds, crowds, rules, alerts, incidents, response."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry
from sqlalchemy.dialects import postgresql

revision = '0002_live'
down_revision = '0001_house'
branch_labels = None
depends_on = None

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
SPATIAL_COMMENTS = {
    "alerts": "Alerts: one a cause; the open one grows",
    "buildings": "Building outlines, where a district has them: they stand in the line of sight",
    "coverage_gaps": "Cells with streets or places that no camera online sees; made anew now and then",
    "crowd_places": "Places where crowds gather, each with capacity and the scale that fits it",
    "incidents": "Incidents, from an alert or opened by hand, followed to their review",
    "teams": "Teams that can be sent, with skills and base",
}


def upgrade() -> None:
    """Go forward."""
    op.execute(SILENT_TOO)
    op.create_geospatial_table('buildings',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False, comment='Key given by the database'),
    sa.Column('height_m', sa.Float(), nullable=True, comment='Height, m; null where not known'),
    sa.Column('geom', Geometry(geometry_type='MULTIPOLYGON', srid=4326, dimension=2, spatial_index=False, from_text='ST_GeomFromEWKT', name='geometry', nullable=False), nullable=False, comment='Outline, EPSG:4326'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_buildings'))
    )
    op.create_geospatial_index('ix_buildings_geom', 'buildings', ['geom'], unique=False, postgresql_using='gist', postgresql_ops={})
    op.create_geospatial_table('coverage_gaps',
    sa.Column('id', sa.BigInteger(), autoincrement=False, nullable=False, comment='H3 cell of resolution 11'),
    sa.Column('kind', sa.Text(), nullable=False, comment='blind: no camera is meant to see it; down: only cameras that do not answer now'),
    sa.Column('streets_m', sa.Float(), nullable=False, comment='Length of the streets in it, m'),
    sa.Column('places', sa.Integer(), nullable=False, comment='Places that people name in it'),
    sa.Column('geom', Geometry(geometry_type='POLYGON', srid=4326, dimension=2, spatial_index=False, from_text='ST_GeomFromEWKT', name='geometry', nullable=False), nullable=False, comment='Outline of the cell, EPSG:4326'),
    sa.Column('geom_3857', Geometry(geometry_type='POLYGON', srid=3857, dimension=2, spatial_index=False, from_text='ST_GeomFromEWKT', name='geometry'), sa.Computed('ST_Transform(geom, 3857)', persisted=True), nullable=True, comment='geom for drawing tiles only (EPSG:3857); never measured'),
    sa.CheckConstraint("kind IN ('blind', 'down')", name=op.f('ck_coverage_gaps_kind_known')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_coverage_gaps'))
    )
    op.create_geospatial_index('ix_coverage_gaps_geom_3857', 'coverage_gaps', ['geom_3857'], unique=False, postgresql_using='gist', postgresql_ops={})
    op.create_table('crowd_grids',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False, comment='Key given by the database'),
    sa.Column('key', sa.Text(), nullable=False, comment='SHA-256 of the cells, in hex: a sender may name it instead of sending cells again'),
    sa.Column('resolution', sa.SmallInteger(), nullable=False, comment='H3 resolution'),
    sa.Column('cells', sa.LargeBinary(), nullable=False, comment='H3 indexes ascending, little-endian 64-bit integers'),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False, comment='When it was first seen'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_crowd_grids')),
    sa.UniqueConstraint('key', name=op.f('uq_crowd_grids_key')),
    comment='Lists of cells that crowd ticks refer to, each kept once'
    )
    op.create_table('retention_policies',
    sa.Column('subject', sa.Text(), nullable=False, comment='readings, readings_hourly, crowd_ticks, crowd_series …'),
    sa.Column('keep_days', sa.Integer(), nullable=False, comment='Days after which rows are dropped'),
    sa.Column('thin_after_days', sa.Integer(), nullable=True, comment='Days after which rows are thinned out; null for never'),
    sa.Column('thin_to_s', sa.Integer(), nullable=True, comment='Seconds between rows once thinned out'),
    sa.Column('author', sa.Text(), nullable=False, comment='Who set it'),
    sa.Column('set_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False, comment='When it was set'),
    sa.CheckConstraint('keep_days > 0', name=op.f('ck_retention_policies_keep_positive')),
    sa.PrimaryKeyConstraint('subject', name=op.f('pk_retention_policies')),
    comment='How long measurements are kept and how they are thinned out'
    )
    op.create_table('thresholds',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False, comment='Key given by the database'),
    sa.Column('rule', sa.Text(), nullable=False, comment='crowd_density, crowd_rise, sensor_level, sensor_rate, sensor_datum, sensor_silence, feed_silence, ticket_burst, ticket_deadline'),
    sa.Column('subject', sa.Text(), server_default='*', nullable=False, comment="What it is for: a place's code, a kind of sensor, a sensor's code, a category; * for all"),
    sa.Column('limits', postgresql.JSONB(astext_type=sa.Text()), nullable=False, comment='The numbers of the rule, each with its unit in its name'),
    sa.Column('valid_from', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False, comment='From when it holds'),
    sa.Column('valid_to', sa.DateTime(timezone=True), nullable=True, comment='Until when it held; null while it holds'),
    sa.Column('author', sa.Text(), nullable=False, comment='Account that set it; system for what is shipped'),
    sa.Column('why', sa.Text(), nullable=True, comment='Why it was set'),
    sa.CheckConstraint("rule IN ('crowd_density', 'crowd_rise', 'sensor_level', 'sensor_rate', 'sensor_datum', 'sensor_silence', 'feed_silence', 'ticket_burst', 'ticket_deadline')", name=op.f('ck_thresholds_rule_known')),
    sa.CheckConstraint('valid_to > valid_from', name=op.f('ck_thresholds_span_forward')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_thresholds')),
    comment='Numbers that rules judge by, with history and author; a change ends a row and adds one'
    )
    op.create_index('ix_thresholds_now', 'thresholds', ['rule', 'subject'], unique=True, postgresql_where=sa.text('valid_to IS NULL'))
    op.create_table('watches',
    sa.Column('cause', sa.Text(), nullable=False, comment='Rule, subject: what is judged (sensor_level:S00001)'),
    sa.Column('drill_id', sa.BigInteger(), server_default='0', nullable=False, comment='Drill it is played in; 0 for true'),
    sa.Column('state', postgresql.JSONB(astext_type=sa.Text()), nullable=False, comment='Where hysteresis and hold time stand'),
    sa.Column('changed_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False, comment='When it last changed'),
    sa.PrimaryKeyConstraint('cause', 'drill_id', name=op.f('pk_watches')),
    comment='Where the judging of each subject stands, so that a killed worker goes on where it was'
    )
    op.create_table('webhooks',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False, comment='Key given by the database'),
    sa.Column('name', sa.Text(), nullable=False, comment='What listens there'),
    sa.Column('url', sa.Text(), nullable=False, comment='Where it is posted to'),
    sa.Column('secret', sa.Text(), nullable=False, comment='Key of the signature (HMAC-SHA-256)'),
    sa.Column('kinds', postgresql.ARRAY(sa.Text()), server_default='{}', nullable=False, comment='Kinds of happenings; empty for all'),
    sa.Column('active', sa.Boolean(), server_default=sa.text('true'), nullable=False, comment='Whether it is called'),
    sa.Column('queued_until', sa.BigInteger(), server_default='0', nullable=False, comment='Number of the last happening that was looked at for it'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_webhooks')),
    sa.UniqueConstraint('name', name=op.f('uq_webhooks_name')),
    comment='Other systems that are told; drills never reach them'
    )
    op.create_table('drills',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False, comment='Key given by the database'),
    sa.Column('plan_key', sa.Text(), nullable=False, comment='Scenario that is played'),
    sa.Column('state', sa.Text(), server_default='running', nullable=False, comment='running, ended or broken'),
    sa.Column('started_at', sa.DateTime(timezone=True), server_default=sa.text('clock_timestamp()'), nullable=False, comment='When it began'),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True, comment='When it ended'),
    sa.Column('account_id', sa.BigInteger(), nullable=True, comment='Who began it; null for the command line'),
    sa.Column('report', postgresql.JSONB(astext_type=sa.Text()), nullable=True, comment='The after-action report'),
    sa.CheckConstraint("state IN ('running', 'ended', 'broken')", name=op.f('ck_drills_state_known')),
    sa.ForeignKeyConstraint(['account_id'], ['accounts.id'], name=op.f('fk_drills_account_id_accounts')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_drills')),
    comment='Drills: scripts played through the real path, marked 演练 and kept out of every statistic'
    )
    op.create_table('maintenance_windows',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False, comment='Key given by the database'),
    sa.Column('subject', sa.Text(), nullable=False, comment='A cause or its beginning: sensor_level:S00001, sensor_ , feed_silence:police …'),
    sa.Column('area_code', sa.Text(), nullable=True, comment='Only what lies in this area; null for all'),
    sa.Column('starts_at', sa.DateTime(timezone=True), nullable=False, comment='From when it mutes'),
    sa.Column('ends_at', sa.DateTime(timezone=True), nullable=False, comment='Until when'),
    sa.Column('account_id', sa.BigInteger(), nullable=True, comment='Who set it'),
    sa.Column('why', sa.Text(), nullable=False, comment='What is being done'),
    sa.CheckConstraint('ends_at > starts_at', name=op.f('ck_maintenance_windows_span_forward')),
    sa.ForeignKeyConstraint(['account_id'], ['accounts.id'], name=op.f('fk_maintenance_windows_account_id_accounts')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_maintenance_windows')),
    comment='Spans in which work on a device mutes its alerts; what was muted says so'
    )
    op.create_table('shift_log',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False, comment='Key given by the database'),
    sa.Column('at', sa.DateTime(timezone=True), server_default=sa.text('clock_timestamp()'), nullable=False, comment='When'),
    sa.Column('account_id', sa.BigInteger(), nullable=True, comment='Who hands over'),
    sa.Column('to_account_id', sa.BigInteger(), nullable=True, comment='Who takes over, if named'),
    sa.Column('body', sa.Text(), nullable=False, comment='What the next shift must know'),
    sa.Column('standing', postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False, comment='What was open at that moment: alerts, incidents, feeds that stand still'),
    sa.ForeignKeyConstraint(['account_id'], ['accounts.id'], name=op.f('fk_shift_log_account_id_accounts')),
    sa.ForeignKeyConstraint(['to_account_id'], ['accounts.id'], name=op.f('fk_shift_log_to_account_id_accounts')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_shift_log')),
    comment='Hand-over from shift to shift; rows are added, never changed'
    )
    op.create_geospatial_table('teams',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False, comment='Key given by the database'),
    sa.Column('code', sa.Text(), nullable=False, comment='Short stable key'),
    sa.Column('name', sa.Text(), nullable=False, comment='Name as pages print it'),
    sa.Column('name_en', sa.Text(), nullable=True, comment='Name for an English reader'),
    sa.Column('kind', sa.Text(), nullable=False, comment='grid, city_management, police, fire, medical, volunteer, drone, facility, water'),
    sa.Column('skills', postgresql.ARRAY(sa.Text()), server_default='{}', nullable=False, comment='What it can do: first_aid, drone …'),
    sa.Column('people', sa.SmallInteger(), nullable=False, comment='How many come'),
    sa.Column('area_code', sa.Text(), nullable=True, comment='Area it belongs to; null for the whole district'),
    sa.Column('account_id', sa.BigInteger(), nullable=True, comment='Account whose inbox it reads, if any'),
    sa.Column('active', sa.Boolean(), server_default=sa.text('true'), nullable=False, comment='May be dispatched'),
    sa.Column('geom', Geometry(geometry_type='POINT', srid=4326, dimension=2, spatial_index=False, from_text='ST_GeomFromEWKT', name='geometry', nullable=False), nullable=False, comment='Its base, EPSG:4326'),
    sa.CheckConstraint("kind IN ('grid', 'city_management', 'police', 'fire', 'medical', 'volunteer', 'drone', 'facility', 'water')", name=op.f('ck_teams_kind_known')),
    sa.CheckConstraint('people > 0', name=op.f('ck_teams_people_positive')),
    sa.ForeignKeyConstraint(['account_id'], ['accounts.id'], name=op.f('fk_teams_account_id_accounts')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_teams')),
    sa.UniqueConstraint('code', name=op.f('uq_teams_code'))
    )
    op.create_geospatial_index('ix_teams_geom', 'teams', ['geom'], unique=False, postgresql_using='gist', postgresql_ops={})
    op.create_table('webhook_deliveries',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False, comment='Key given by the database'),
    sa.Column('webhook_id', sa.BigInteger(), nullable=False, comment='To whom'),
    sa.Column('happening_id', sa.BigInteger(), nullable=False, comment='What is told'),
    sa.Column('tries', sa.Integer(), server_default='0', nullable=False, comment='How often it was tried'),
    sa.Column('next_try_at', sa.DateTime(timezone=True), nullable=True, comment='When it is tried next; null when done or given up'),
    sa.Column('delivered_at', sa.DateTime(timezone=True), nullable=True, comment='When it was taken'),
    sa.Column('said', sa.Text(), nullable=True, comment='What the other side answered last'),
    sa.ForeignKeyConstraint(['webhook_id'], ['webhooks.id'], name=op.f('fk_webhook_deliveries_webhook_id_webhooks'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_webhook_deliveries')),
    comment='What is still to be told to other systems, and what was'
    )
    op.create_index('ix_webhook_deliveries_next', 'webhook_deliveries', ['next_try_at'], unique=False, postgresql_where=sa.text('next_try_at IS NOT NULL'))
    op.create_table('contacts',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False, comment='Key given by the database'),
    sa.Column('area_code', sa.Text(), nullable=False, comment='Area it answers for'),
    sa.Column('role', sa.Text(), nullable=False, comment='subdistrict_lead, station_duty, grid_chief …'),
    sa.Column('title', sa.Text(), nullable=False, comment="Post as pages print it; a post, never a person's name"),
    sa.Column('title_en', sa.Text(), nullable=True, comment='Post for an English reader'),
    sa.Column('extension', sa.Text(), nullable=True, comment='Internal extension of the post; never a personal number'),
    sa.Column('team_id', sa.BigInteger(), nullable=True, comment='Team that is called for it, if any'),
    sa.ForeignKeyConstraint(['team_id'], ['teams.id'], name=op.f('fk_contacts_team_id_teams')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_contacts')),
    comment='Which post answers for which area'
    )
    op.create_index('ix_contacts_area_code', 'contacts', ['area_code'], unique=False)
    op.create_geospatial_table('crowd_places',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False, comment='Key given by the database'),
    sa.Column('code', sa.Text(), nullable=False, comment='Short stable key: guanqian, pingjiang …'),
    sa.Column('name', sa.Text(), nullable=False, comment='Name as pages print it'),
    sa.Column('name_en', sa.Text(), nullable=True, comment='Name for an English reader'),
    sa.Column('kind', sa.Text(), nullable=False, comment='street, square, garden, temple, station, market'),
    sa.Column('mode', sa.Text(), nullable=False, comment="walking or queue: which of Fruin's scales fits"),
    sa.Column('capacity_people', sa.Integer(), nullable=False, comment='People it can hold safely at one time'),
    sa.Column('walkable_share', sa.Float(), nullable=False, comment='Share of its ground that can be walked on, 0–1'),
    sa.Column('area_id', sa.BigInteger(), nullable=True, comment='Finest area that holds its centre'),
    sa.Column('geom', Geometry(geometry_type='MULTIPOLYGON', srid=4326, dimension=2, spatial_index=False, from_text='ST_GeomFromEWKT', name='geometry', nullable=False), nullable=False, comment='Outline, EPSG:4326'),
    sa.Column('geom_3857', Geometry(geometry_type='MULTIPOLYGON', srid=3857, dimension=2, spatial_index=False, from_text='ST_GeomFromEWKT', name='geometry'), sa.Computed('ST_Transform(geom, 3857)', persisted=True), nullable=True, comment='geom for drawing tiles only (EPSG:3857); never measured'),
    sa.CheckConstraint("mode IN ('walking', 'queue')", name=op.f('ck_crowd_places_mode_known')),
    sa.CheckConstraint('capacity_people > 0', name=op.f('ck_crowd_places_capacity_positive')),
    sa.CheckConstraint('walkable_share > 0 AND walkable_share <= 1', name=op.f('ck_crowd_places_walkable_share_possible')),
    sa.ForeignKeyConstraint(['area_id'], ['areas.id'], name=op.f('fk_crowd_places_area_id_areas')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_crowd_places')),
    sa.UniqueConstraint('code', name=op.f('uq_crowd_places_code'))
    )
    op.create_geospatial_index('ix_crowd_places_geom_3857', 'crowd_places', ['geom_3857'], unique=False, postgresql_using='gist', postgresql_ops={})
    op.create_table('drill_tickets',
    sa.Column('drill_id', sa.BigInteger(), nullable=False, comment='Which drill'),
    sa.Column('number', sa.Text(), nullable=False, comment='Number within the drill'),
    sa.Column('category_id', sa.BigInteger(), nullable=True, comment='What it is about'),
    sa.Column('area_id', sa.BigInteger(), nullable=True, comment='Finest area known'),
    sa.Column('title', sa.Text(), nullable=True, comment='One line that says what is wrong'),
    sa.Column('address', sa.Text(), nullable=True, comment='Where, in words'),
    sa.Column('received_at', sa.DateTime(timezone=True), nullable=False, comment='When it is played to have been received'),
    sa.Column('due_at', sa.DateTime(timezone=True), nullable=True, comment='Deadline'),
    sa.Column('lon', sa.Float(precision=53), nullable=True, comment='Longitude, degrees, EPSG:4326'),
    sa.Column('lat', sa.Float(precision=53), nullable=True, comment='Latitude, degrees, EPSG:4326'),
    sa.ForeignKeyConstraint(['area_id'], ['areas.id'], name=op.f('fk_drill_tickets_area_id_areas')),
    sa.ForeignKeyConstraint(['category_id'], ['categories.id'], name=op.f('fk_drill_tickets_category_id_categories')),
    sa.ForeignKeyConstraint(['drill_id'], ['drills.id'], name=op.f('fk_drill_tickets_drill_id_drills'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('drill_id', 'number', name=op.f('pk_drill_tickets')),
    comment='Tickets of drills 演练; apart from the true ones, so that no statistic can hold them'
    )
    op.create_table('duty_shifts',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False, comment='Key given by the database'),
    sa.Column('role', sa.Text(), nullable=False, comment='commander, deputy, watch, team'),
    sa.Column('account_id', sa.BigInteger(), nullable=True, comment='Who is on duty, as an account'),
    sa.Column('team_id', sa.BigInteger(), nullable=True, comment='Who is on duty, as a team'),
    sa.Column('area_code', sa.Text(), nullable=True, comment='Area it is responsible for; null for the whole district'),
    sa.Column('starts_at', sa.DateTime(timezone=True), nullable=False, comment='From when'),
    sa.Column('ends_at', sa.DateTime(timezone=True), nullable=False, comment='Until when'),
    sa.CheckConstraint('ends_at > starts_at', name=op.f('ck_duty_shifts_span_forward')),
    sa.CheckConstraint('num_nonnulls(account_id, team_id) = 1', name=op.f('ck_duty_shifts_one_or_the_other')),
    sa.ForeignKeyConstraint(['account_id'], ['accounts.id'], name=op.f('fk_duty_shifts_account_id_accounts')),
    sa.ForeignKeyConstraint(['team_id'], ['teams.id'], name=op.f('fk_duty_shifts_team_id_teams')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_duty_shifts')),
    comment='Duty roster 值班表'
    )
    op.create_index('ix_duty_shifts_starts_at', 'duty_shifts', ['starts_at'], unique=False)
    op.create_table('feeds',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False, comment='Key given by the database'),
    sa.Column('key', sa.Text(), nullable=False, comment='Short stable key; the source in (source, key, time)'),
    sa.Column('kind', sa.Text(), nullable=False, comment='readings, crowd, tickets'),
    sa.Column('title', sa.Text(), nullable=False, comment='Name as pages print it'),
    sa.Column('title_en', sa.Text(), nullable=True, comment='Name for an English reader'),
    sa.Column('interval_s', sa.Float(), nullable=False, comment='Seconds between batches when healthy'),
    sa.Column('state', sa.Text(), server_default='never', nullable=False, comment='never, live, silent or retired'),
    sa.Column('last_batch_at', sa.DateTime(timezone=True), nullable=True, comment='When its last batch was accepted'),
    sa.Column('last_at', sa.DateTime(timezone=True), nullable=True, comment='Newest moment it told about'),
    sa.Column('drill_id', sa.BigInteger(), nullable=True, comment='Drill it plays in; null for a real feed'),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False, comment='When it was made'),
    sa.CheckConstraint("key ~ '^[a-z][a-z0-9_-]{1,59}$'", name=op.f('ck_feeds_key_plain')),
    sa.CheckConstraint("kind IN ('readings', 'crowd', 'tickets')", name=op.f('ck_feeds_kind_known')),
    sa.CheckConstraint("state IN ('never', 'live', 'silent', 'retired')", name=op.f('ck_feeds_state_known')),
    sa.CheckConstraint('interval_s > 0', name=op.f('ck_feeds_interval_positive')),
    sa.ForeignKeyConstraint(['drill_id'], ['drills.id'], name=op.f('fk_feeds_drill_id_drills'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_feeds')),
    sa.UniqueConstraint('key', name=op.f('uq_feeds_key')),
    comment='What sends measurements, and how it stands; a feed that stops is an alert of its own'
    )
    op.create_index('ix_feeds_drill_id', 'feeds', ['drill_id'], unique=False)
    op.create_table('happenings',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False, comment='Place in the one order that everybody sees: given under a lock that is held until commit'),
    sa.Column('at', sa.DateTime(timezone=True), server_default=sa.text('clock_timestamp()'), nullable=False, comment='When'),
    sa.Column('kind', sa.Text(), nullable=False, comment='alert, incident, dispatch, feed, threshold, drill'),
    sa.Column('move', sa.Text(), nullable=False, comment='What happened to it: raise, grow, acknowledge …'),
    sa.Column('subject_id', sa.BigInteger(), nullable=True, comment='Key of the alert, incident, dispatch, feed …'),
    sa.Column('area_code', sa.Text(), nullable=True, comment='Where; null for what concerns everybody'),
    sa.Column('drill_id', sa.BigInteger(), nullable=True, comment='Drill it belongs to'),
    sa.Column('body', postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False, comment='Few facts that save a question'),
    sa.ForeignKeyConstraint(['drill_id'], ['drills.id'], name=op.f('fk_happenings_drill_id_drills'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_happenings')),
    comment='What screens are told, in commit order and without gaps; nothing here is coalesced or dropped'
    )
    op.create_index('ix_happenings_at', 'happenings', ['at'], unique=False)
    op.create_geospatial_table('incidents',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False, comment='Key given by the database'),
    sa.Column('number', sa.Text(), nullable=False, comment='Number people say: 20261122-003; drills begin with D'),
    sa.Column('day', sa.Date(), nullable=False, comment="Day of the profile's zone it was opened on"),
    sa.Column('title', sa.Text(), nullable=False, comment='What it is, in one line'),
    sa.Column('kind', sa.Text(), nullable=False, comment='crowd, fire, water, structure, traffic, medical, facility, ticket, other'),
    sa.Column('level', sa.Text(), nullable=False, comment='notice, watch, warning, danger'),
    sa.Column('state', sa.Text(), server_default='opened', nullable=False, comment='opened, verified, dispatched, handling, resolved, reviewed'),
    sa.Column('plan_key', sa.Text(), nullable=True, comment='Plan that is followed'),
    sa.Column('address', sa.Text(), nullable=True, comment='Where, in words'),
    sa.Column('area_id', sa.BigInteger(), nullable=True, comment='Finest area that holds it'),
    sa.Column('area_code', sa.Text(), nullable=True, comment='Code of that area'),
    sa.Column('opened_by', sa.BigInteger(), nullable=True, comment='Who opened it'),
    sa.Column('opened_at', sa.DateTime(timezone=True), server_default=sa.text('clock_timestamp()'), nullable=False, comment='When'),
    sa.Column('changed_at', sa.DateTime(timezone=True), server_default=sa.text('clock_timestamp()'), nullable=False, comment='When anything of it last changed'),
    sa.Column('resolved_at', sa.DateTime(timezone=True), nullable=True, comment='When it was resolved'),
    sa.Column('reviewed_at', sa.DateTime(timezone=True), nullable=True, comment='When it was reviewed'),
    sa.Column('review', sa.Text(), nullable=True, comment='What was learnt'),
    sa.Column('drill_id', sa.BigInteger(), nullable=True, comment='Drill it belongs to'),
    sa.Column('revision', sa.Integer(), server_default='1', nullable=False, comment='Raised by every change'),
    sa.Column('geom', Geometry(geometry_type='POINT', srid=4326, dimension=2, spatial_index=False, from_text='ST_GeomFromEWKT', name='geometry', nullable=False), nullable=False, comment='Where, EPSG:4326'),
    sa.Column('geom_3857', Geometry(geometry_type='POINT', srid=3857, dimension=2, spatial_index=False, from_text='ST_GeomFromEWKT', name='geometry'), sa.Computed('ST_Transform(geom, 3857)', persisted=True), nullable=True, comment='geom for drawing tiles only (EPSG:3857); never measured'),
    sa.CheckConstraint("level IN ('notice', 'watch', 'warning', 'danger')", name=op.f('ck_incidents_level_known')),
    sa.CheckConstraint("state IN ('opened', 'verified', 'dispatched', 'handling', 'resolved', 'reviewed')", name=op.f('ck_incidents_state_known')),
    sa.ForeignKeyConstraint(['area_id'], ['areas.id'], name=op.f('fk_incidents_area_id_areas')),
    sa.ForeignKeyConstraint(['drill_id'], ['drills.id'], name=op.f('fk_incidents_drill_id_drills'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['opened_by'], ['accounts.id'], name=op.f('fk_incidents_opened_by_accounts')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_incidents')),
    sa.UniqueConstraint('number', name=op.f('uq_incidents_number'))
    )
    op.create_index(op.f('ix_incidents_area_id'), 'incidents', ['area_id'], unique=False)
    op.create_geospatial_table('alerts',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False, comment='Key given by the database'),
    sa.Column('cause', sa.Text(), nullable=False, comment='Rule and subject; one open alert a cause (and drill)'),
    sa.Column('rule', sa.Text(), nullable=False, comment='crowd_density, crowd_rise, sensor_level, sensor_rate, sensor_datum, sensor_silence, feed_silence, ticket_burst, ticket_deadline'),
    sa.Column('level', sa.Text(), nullable=False, comment='Level it stands at: notice, watch, warning, danger'),
    sa.Column('peak_level', sa.Text(), nullable=False, comment='Highest level it stood at'),
    sa.Column('state', sa.Text(), server_default='raised', nullable=False, comment='raised, acknowledged, cleared, false_alarm, dealt_with, incident'),
    sa.Column('subject_kind', sa.Text(), nullable=False, comment='place, crowd, sensor, feed, area, category, ticket'),
    sa.Column('subject_key', sa.Text(), nullable=False, comment="Key of the subject: a place's, sensor's, feed's, category's code"),
    sa.Column('subject_name', sa.Text(), nullable=False, comment='Its name as pages print it'),
    sa.Column('subject_name_en', sa.Text(), nullable=True, comment='Its name for an English reader'),
    sa.Column('area_id', sa.BigInteger(), nullable=True, comment='Finest area that holds it'),
    sa.Column('area_code', sa.Text(), nullable=True, comment='Code of that area; null when it is of no place'),
    sa.Column('value', sa.Double(), nullable=True, comment='What was measured, in unit'),
    sa.Column('threshold', sa.Double(), nullable=True, comment='What it passed, in unit'),
    sa.Column('unit', sa.Text(), nullable=True, comment='Unit of value and threshold'),
    sa.Column('facts', postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False, comment='What else the card tells: people, trend_per_min, minutes_to_next, usual …'),
    sa.Column('observed_at', sa.DateTime(timezone=True), nullable=False, comment='Moment of the reading that completed it'),
    sa.Column('accepted_at', sa.DateTime(timezone=True), nullable=True, comment='When that reading was accepted'),
    sa.Column('raised_at', sa.DateTime(timezone=True), server_default=sa.text('clock_timestamp()'), nullable=False, comment='When it was raised'),
    sa.Column('changed_at', sa.DateTime(timezone=True), server_default=sa.text('clock_timestamp()'), nullable=False, comment='When anything of it last changed'),
    sa.Column('acknowledged_at', sa.DateTime(timezone=True), nullable=True, comment='When somebody took it'),
    sa.Column('closed_at', sa.DateTime(timezone=True), nullable=True, comment='When it ended'),
    sa.Column('reopens_until', sa.DateTime(timezone=True), nullable=True, comment='Until when the same cause reopens it instead of raising another'),
    sa.Column('reopened', sa.Integer(), server_default='0', nullable=False, comment='How often it came back'),
    sa.Column('escalation', sa.SmallInteger(), server_default='0', nullable=False, comment='How far it was carried up'),
    sa.Column('escalates_at', sa.DateTime(timezone=True), nullable=True, comment='When it goes one further up unless somebody takes it'),
    sa.Column('muted_by', sa.BigInteger(), nullable=True, comment='Maintenance that mutes it'),
    sa.Column('drill_id', sa.BigInteger(), nullable=True, comment='Drill it belongs to'),
    sa.Column('plan_key', sa.Text(), nullable=True, comment='Plan that fits'),
    sa.Column('incident_id', sa.BigInteger(), nullable=True, comment='Incident it led to'),
    sa.Column('revision', sa.Integer(), server_default='1', nullable=False, comment='Raised by every change'),
    sa.Column('geom', Geometry(geometry_type='POINT', srid=4326, dimension=2, spatial_index=False, from_text='ST_GeomFromEWKT', name='geometry'), nullable=True, comment='Where, EPSG:4326; null when of no place'),
    sa.Column('geom_3857', Geometry(geometry_type='POINT', srid=3857, dimension=2, spatial_index=False, from_text='ST_GeomFromEWKT', name='geometry'), sa.Computed('ST_Transform(geom, 3857)', persisted=True), nullable=True, comment='geom for drawing tiles only (EPSG:3857); never measured'),
    sa.Column('outline', Geometry(srid=4326, dimension=2, spatial_index=False, from_text='ST_GeomFromEWKT', name='geometry'), nullable=True, comment='Outline of the crowd or area, EPSG:4326'),
    sa.CheckConstraint("(closed_at IS NULL) = (state IN ('raised', 'acknowledged', 'incident'))", name=op.f('ck_alerts_closed_has_time')),
    sa.CheckConstraint("level IN ('notice', 'watch', 'warning', 'danger')", name=op.f('ck_alerts_level_known')),
    sa.CheckConstraint("peak_level IN ('notice', 'watch', 'warning', 'danger')", name=op.f('ck_alerts_peak_level_known')),
    sa.CheckConstraint("rule IN ('crowd_density', 'crowd_rise', 'sensor_level', 'sensor_rate', 'sensor_datum', 'sensor_silence', 'feed_silence', 'ticket_burst', 'ticket_deadline')", name=op.f('ck_alerts_rule_known')),
    sa.CheckConstraint("state IN ('raised', 'acknowledged', 'cleared', 'false_alarm', 'dealt_with', 'incident')", name=op.f('ck_alerts_state_known')),
    sa.CheckConstraint("subject_kind IN ('place', 'crowd', 'sensor', 'feed', 'area', 'category', 'ticket')", name=op.f('ck_alerts_subject_kind_known')),
    sa.ForeignKeyConstraint(['area_id'], ['areas.id'], name=op.f('fk_alerts_area_id_areas')),
    sa.ForeignKeyConstraint(['drill_id'], ['drills.id'], name=op.f('fk_alerts_drill_id_drills'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['incident_id'], ['incidents.id'], name=op.f('fk_alerts_incident_id_incidents')),
    sa.ForeignKeyConstraint(['muted_by'], ['maintenance_windows.id'], name=op.f('fk_alerts_muted_by_maintenance_windows')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_alerts'))
    )
    op.create_index(op.f('ix_alerts_area_id'), 'alerts', ['area_id'], unique=False)
    op.create_index('ix_alerts_incident_id', 'alerts', ['incident_id'], unique=False, postgresql_where=sa.text('incident_id IS NOT NULL'))
    op.create_index('ix_alerts_last', 'alerts', ['cause', 'closed_at'], unique=False)
    op.create_index('ix_alerts_open', 'alerts', ['cause', sa.literal_column('coalesce(drill_id, 0)')], unique=True, postgresql_where=sa.text('closed_at IS NULL'))
    op.create_index('ix_alerts_raised_at', 'alerts', ['raised_at'], unique=False)
    op.create_table('camera_openings',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False, comment='Key given by the database'),
    sa.Column('camera_id', sa.BigInteger(), nullable=False, comment='Which camera'),
    sa.Column('account_id', sa.BigInteger(), nullable=False, comment='Who opened it'),
    sa.Column('alert_id', sa.BigInteger(), nullable=True, comment='Alert it was opened for, if any'),
    sa.Column('at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False, comment='When'),
    sa.ForeignKeyConstraint(['account_id'], ['accounts.id'], name=op.f('fk_camera_openings_account_id_accounts')),
    sa.ForeignKeyConstraint(['camera_id'], ['cameras.id'], name=op.f('fk_camera_openings_camera_id_cameras'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_camera_openings')),
    comment='Who looked through which camera when; rows are added, never changed'
    )
    op.create_index(op.f('ix_camera_openings_camera_id'), 'camera_openings', ['camera_id'], unique=False)
    op.create_table('camera_streams',
    sa.Column('camera_id', sa.BigInteger(), nullable=False, comment='Which camera'),
    sa.Column('kind', sa.Text(), nullable=False, comment='hls, snapshot; drawn: we draw it ourselves, for the demo'),
    sa.Column('url', sa.Text(), nullable=True, comment='Where the stream is, with what it takes to open it, never leaves the server; null when drawn'),
    sa.CheckConstraint("(url IS NULL) = (kind = 'drawn')", name=op.f('ck_camera_streams_address_where_there_is_one')),
    sa.CheckConstraint("kind IN ('hls', 'snapshot', 'drawn')", name=op.f('ck_camera_streams_kind_known')),
    sa.ForeignKeyConstraint(['camera_id'], ['cameras.id'], name=op.f('fk_camera_streams_camera_id_cameras'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('camera_id', 'kind', name=op.f('pk_camera_streams')),
    comment='Where the pictures of cameras come from; read by the proxy alone'
    )
    op.create_table('crowd_series',
    sa.Column('place_id', sa.BigInteger(), nullable=False, comment='Which place'),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False, comment='Moment of the tick'),
    sa.Column('drill_id', sa.BigInteger(), server_default='0', nullable=False, comment='Drill it was played in; 0 for true'),
    sa.Column('people', sa.Double(), nullable=False, comment='People in the place'),
    sa.Column('density_per_m2', sa.Double(), nullable=False, comment='People per m² that can be walked on, over the place'),
    sa.Column('peak_per_m2', sa.Double(), nullable=False, comment='The same in its densest cell'),
    sa.Column('level', sa.Text(), nullable=True, comment='Level it stood at; null for normal'),
    sa.CheckConstraint("level IN ('notice', 'watch', 'warning', 'danger')", name=op.f('ck_crowd_series_level_known')),
    sa.ForeignKeyConstraint(['place_id'], ['crowd_places.id'], name=op.f('fk_crowd_series_place_id_crowd_places'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('place_id', 'at', 'drill_id', name=op.f('pk_crowd_series')),
    comment='People and density of each place at each tick; what trends and changed thresholds are judged by'
    )
    op.create_table('crowd_ticks',
    sa.Column('feed_id', sa.BigInteger(), nullable=False, comment='Which feed'),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False, comment='Moment of the tick'),
    sa.Column('accepted_at', sa.DateTime(timezone=True), server_default=sa.text('clock_timestamp()'), nullable=False, comment='When it was accepted'),
    sa.Column('grid_id', sa.BigInteger(), nullable=False, comment='Cells of the array'),
    sa.Column('people', sa.LargeBinary(), nullable=False, comment='People per cell, little-endian 32-bit floats in the order of the grid, NaN where not told'),
    sa.Column('people_total', sa.Double(), nullable=False, comment='Sum of what was told'),
    sa.Column('cells_told', sa.Integer(), nullable=False, comment='How many cells were told'),
    sa.ForeignKeyConstraint(['feed_id'], ['feeds.id'], name=op.f('fk_crowd_ticks_feed_id_feeds'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['grid_id'], ['crowd_grids.id'], name=op.f('fk_crowd_ticks_grid_id_crowd_grids')),
    sa.PrimaryKeyConstraint('feed_id', 'at', name=op.f('pk_crowd_ticks')),
    comment='People per cell at one moment, one array a tick'
    )
    op.create_index('ix_crowd_ticks_at', 'crowd_ticks', ['at'], unique=False)
    op.create_table('dispatches',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False, comment='Key given by the database'),
    sa.Column('incident_id', sa.BigInteger(), nullable=False, comment='For which incident'),
    sa.Column('team_id', sa.BigInteger(), nullable=False, comment='Which team'),
    sa.Column('task', sa.Text(), nullable=False, comment='What it is to do'),
    sa.Column('state', sa.Text(), server_default='sent', nullable=False, comment='sent, delivered, accepted, refused, arrived, done'),
    sa.Column('account_id', sa.BigInteger(), nullable=True, comment='Who sent it'),
    sa.Column('sent_at', sa.DateTime(timezone=True), server_default=sa.text('clock_timestamp()'), nullable=False, comment='When it was sent'),
    sa.Column('delivered_at', sa.DateTime(timezone=True), nullable=True, comment="When the team's page showed it"),
    sa.Column('answered_at', sa.DateTime(timezone=True), nullable=True, comment='When it was accepted or refused'),
    sa.Column('arrived_at', sa.DateTime(timezone=True), nullable=True, comment='When the team was there'),
    sa.Column('done_at', sa.DateTime(timezone=True), nullable=True, comment='When it had done its task'),
    sa.Column('why', sa.Text(), nullable=True, comment='Why it was refused'),
    sa.Column('drill_id', sa.BigInteger(), nullable=True, comment='Drill it belongs to'),
    sa.CheckConstraint("state IN ('sent', 'delivered', 'accepted', 'refused', 'arrived', 'done')", name=op.f('ck_dispatches_state_known')),
    sa.ForeignKeyConstraint(['account_id'], ['accounts.id'], name=op.f('fk_dispatches_account_id_accounts')),
    sa.ForeignKeyConstraint(['drill_id'], ['drills.id'], name=op.f('fk_dispatches_drill_id_drills'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['incident_id'], ['incidents.id'], name=op.f('fk_dispatches_incident_id_incidents'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['team_id'], ['teams.id'], name=op.f('fk_dispatches_team_id_teams')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_dispatches')),
    comment='Who was sent where, and each step with its time'
    )
    op.create_index(op.f('ix_dispatches_incident_id'), 'dispatches', ['incident_id'], unique=False)
    op.create_index(op.f('ix_dispatches_team_id'), 'dispatches', ['team_id'], unique=False)
    op.create_table('drill_readings',
    sa.Column('drill_id', sa.BigInteger(), nullable=False, comment='Which drill'),
    sa.Column('sensor_id', sa.BigInteger(), nullable=False, comment='Which sensor plays'),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False, comment='When it is played to have been measured'),
    sa.Column('value', sa.Float(precision=53), nullable=False, comment="Played reading, in the sensor's unit"),
    sa.ForeignKeyConstraint(['drill_id'], ['drills.id'], name=op.f('fk_drill_readings_drill_id_drills'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['sensor_id'], ['sensors.id'], name=op.f('fk_drill_readings_sensor_id_sensors'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('drill_id', 'sensor_id', 'at', name=op.f('pk_drill_readings')),
    comment='Readings of drills 演练; apart from the true ones, so that no statistic can hold them'
    )
    op.create_table('feed_counts',
    sa.Column('feed_id', sa.BigInteger(), nullable=False, comment='Which feed'),
    sa.Column('day', sa.Date(), nullable=False, comment="Day of the profile's zone on which it was received"),
    sa.Column('verdict', sa.Text(), nullable=False, comment='accepted, repeated, late, out_of_order, impossible, unknown, jump, malformed'),
    sa.Column('rows', sa.BigInteger(), nullable=False, comment='How many rows were judged so'),
    sa.ForeignKeyConstraint(['feed_id'], ['feeds.id'], name=op.f('fk_feed_counts_feed_id_feeds'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('feed_id', 'day', 'verdict', name=op.f('pk_feed_counts')),
    comment='What became of the rows of each feed, a row a day and verdict'
    )
    op.create_table('feed_tokens',
    sa.Column('token_hash', sa.LargeBinary(), nullable=False, comment='SHA-256 of the bearer token'),
    sa.Column('feed_id', sa.BigInteger(), nullable=False, comment='The only feed it may write'),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False, comment='When made'),
    sa.ForeignKeyConstraint(['feed_id'], ['feeds.id'], name=op.f('fk_feed_tokens_feed_id_feeds'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('token_hash', name=op.f('pk_feed_tokens')),
    comment='Bearer tokens of feeds; only hashes are kept'
    )
    op.create_index(op.f('ix_feed_tokens_feed_id'), 'feed_tokens', ['feed_id'], unique=False)
    op.create_table('incident_attachments',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False, comment='Key given by the database'),
    sa.Column('incident_id', sa.BigInteger(), nullable=False, comment='Which incident'),
    sa.Column('at', sa.DateTime(timezone=True), server_default=sa.text('clock_timestamp()'), nullable=False, comment='When'),
    sa.Column('account_id', sa.BigInteger(), nullable=True, comment='Who'),
    sa.Column('name', sa.Text(), nullable=False, comment='Name of the file'),
    sa.Column('media_type', sa.Text(), nullable=False, comment='Media type'),
    sa.Column('sha256', sa.LargeBinary(), nullable=False, comment='SHA-256 of the content'),
    sa.Column('content', sa.LargeBinary(), nullable=False, comment='The file itself, 10 MB at most'),
    sa.CheckConstraint('octet_length(content) <= 10485760', name=op.f('ck_incident_attachments_content_small')),
    sa.ForeignKeyConstraint(['account_id'], ['accounts.id'], name=op.f('fk_incident_attachments_account_id_accounts')),
    sa.ForeignKeyConstraint(['incident_id'], ['incidents.id'], name=op.f('fk_incident_attachments_incident_id_incidents'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_incident_attachments')),
    comment='Pictures and papers of incidents'
    )
    op.create_index(op.f('ix_incident_attachments_incident_id'), 'incident_attachments', ['incident_id'], unique=False)
    op.create_table('incident_checks',
    sa.Column('incident_id', sa.BigInteger(), nullable=False, comment='Which incident'),
    sa.Column('item', sa.Text(), nullable=False, comment="Key of the item in the plan's check-list"),
    sa.Column('done', sa.Boolean(), nullable=False, comment='Whether it is ticked'),
    sa.Column('at', sa.DateTime(timezone=True), server_default=sa.text('clock_timestamp()'), nullable=False, comment='When it was last ticked or unticked'),
    sa.Column('account_id', sa.BigInteger(), nullable=True, comment='Who'),
    sa.ForeignKeyConstraint(['account_id'], ['accounts.id'], name=op.f('fk_incident_checks_account_id_accounts')),
    sa.ForeignKeyConstraint(['incident_id'], ['incidents.id'], name=op.f('fk_incident_checks_incident_id_incidents'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('incident_id', 'item', name=op.f('pk_incident_checks')),
    comment='The check-list of each incident'
    )
    op.create_table('incident_moves',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False, comment='Key given by the database'),
    sa.Column('incident_id', sa.BigInteger(), nullable=False, comment='Which incident'),
    sa.Column('at', sa.DateTime(timezone=True), server_default=sa.text('clock_timestamp()'), nullable=False, comment='When'),
    sa.Column('move', sa.Text(), nullable=False, comment='open, verify, dispatch, handle, resolve, review …'),
    sa.Column('from_state', sa.Text(), nullable=True, comment='State before; null for the first'),
    sa.Column('to_state', sa.Text(), nullable=False, comment='State after'),
    sa.Column('account_id', sa.BigInteger(), nullable=True, comment='Who; null for the system'),
    sa.Column('why', sa.Text(), nullable=True, comment='Why, in a word'),
    sa.ForeignKeyConstraint(['account_id'], ['accounts.id'], name=op.f('fk_incident_moves_account_id_accounts')),
    sa.ForeignKeyConstraint(['incident_id'], ['incidents.id'], name=op.f('fk_incident_moves_incident_id_incidents'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_incident_moves')),
    comment='Every move of every incident; rows are added, never changed'
    )
    op.create_index(op.f('ix_incident_moves_incident_id'), 'incident_moves', ['incident_id'], unique=False)
    op.create_table('incident_notes',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False, comment='Key given by the database'),
    sa.Column('incident_id', sa.BigInteger(), nullable=False, comment='Which incident'),
    sa.Column('at', sa.DateTime(timezone=True), server_default=sa.text('clock_timestamp()'), nullable=False, comment='When'),
    sa.Column('account_id', sa.BigInteger(), nullable=True, comment='Who'),
    sa.Column('body', sa.Text(), nullable=False, comment='What was said, scrubbed of persons'),
    sa.ForeignKeyConstraint(['account_id'], ['accounts.id'], name=op.f('fk_incident_notes_account_id_accounts')),
    sa.ForeignKeyConstraint(['incident_id'], ['incidents.id'], name=op.f('fk_incident_notes_incident_id_incidents'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_incident_notes')),
    comment='Notes on incidents; rows are added, never changed'
    )
    op.create_index(op.f('ix_incident_notes_incident_id'), 'incident_notes', ['incident_id'], unique=False)
    op.create_table('incident_people',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False, comment='Key given by the database'),
    sa.Column('incident_id', sa.BigInteger(), nullable=False, comment='Which incident'),
    sa.Column('role', sa.Text(), nullable=False, comment='Role in the plan: lead, on_scene, traffic, medical …'),
    sa.Column('account_id', sa.BigInteger(), nullable=True, comment='Who, as an account'),
    sa.Column('team_id', sa.BigInteger(), nullable=True, comment='Who, as a team'),
    sa.Column('at', sa.DateTime(timezone=True), server_default=sa.text('clock_timestamp()'), nullable=False, comment='Since when'),
    sa.CheckConstraint('num_nonnulls(account_id, team_id) = 1', name=op.f('ck_incident_people_one_or_the_other')),
    sa.ForeignKeyConstraint(['account_id'], ['accounts.id'], name=op.f('fk_incident_people_account_id_accounts')),
    sa.ForeignKeyConstraint(['incident_id'], ['incidents.id'], name=op.f('fk_incident_people_incident_id_incidents'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['team_id'], ['teams.id'], name=op.f('fk_incident_people_team_id_teams')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_incident_people')),
    sa.UniqueConstraint('incident_id', 'role', 'account_id', 'team_id', name=op.f('uq_incident_people_incident_id_role_account_id_team_id')),
    comment='Who has which role in an incident'
    )
    op.create_index(op.f('ix_incident_people_incident_id'), 'incident_people', ['incident_id'], unique=False)
    op.create_table('intake',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False, comment='Key given by the database'),
    sa.Column('feed_id', sa.BigInteger(), nullable=False, comment='Which feed'),
    sa.Column('kind', sa.Text(), nullable=False, comment='readings, crowd, tickets'),
    sa.Column('accepted_at', sa.DateTime(timezone=True), server_default=sa.text('clock_timestamp()'), nullable=False, comment='When the batch was accepted'),
    sa.Column('drill_id', sa.BigInteger(), nullable=True, comment='Drill it belongs to'),
    sa.Column('body', sa.LargeBinary(), nullable=False, comment='What the rules need of it, packed (geodata/commands/intake.py)'),
    sa.Column('fault', sa.Text(), nullable=True, comment='Why it was set aside because it could not be judged; null while it waits'),
    sa.CheckConstraint("kind IN ('readings', 'crowd', 'tickets')", name=op.f('ck_intake_kind_known')),
    sa.ForeignKeyConstraint(['drill_id'], ['drills.id'], name=op.f('fk_intake_drill_id_drills'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['feed_id'], ['feeds.id'], name=op.f('fk_intake_feed_id_feeds'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_intake')),
    comment='Accepted batches that the rules have not judged yet; a row leaves in the transaction that judged it'
    )
    op.create_table('alert_moves',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False, comment='Key given by the database'),
    sa.Column('alert_id', sa.BigInteger(), nullable=False, comment='Which alert'),
    sa.Column('at', sa.DateTime(timezone=True), server_default=sa.text('clock_timestamp()'), nullable=False, comment='When'),
    sa.Column('move', sa.Text(), nullable=False, comment='raise, grow, ease, acknowledge, escalate, clear, false_alarm, deal, open_incident, reopen'),
    sa.Column('from_state', sa.Text(), nullable=True, comment='State before; null for the first'),
    sa.Column('to_state', sa.Text(), nullable=False, comment='State after'),
    sa.Column('level', sa.Text(), nullable=False, comment='Level after'),
    sa.Column('account_id', sa.BigInteger(), nullable=True, comment='Who; null for the system'),
    sa.Column('why', sa.Text(), nullable=True, comment='Why, in a word'),
    sa.ForeignKeyConstraint(['account_id'], ['accounts.id'], name=op.f('fk_alert_moves_account_id_accounts')),
    sa.ForeignKeyConstraint(['alert_id'], ['alerts.id'], name=op.f('fk_alert_moves_alert_id_alerts'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_alert_moves')),
    comment='Every move of every alert; rows are added, never changed'
    )
    op.create_index(op.f('ix_alert_moves_alert_id'), 'alert_moves', ['alert_id'], unique=False)
    op.create_table('dispatch_moves',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False, comment='Key given by the database'),
    sa.Column('dispatch_id', sa.BigInteger(), nullable=False, comment='Which dispatch'),
    sa.Column('at', sa.DateTime(timezone=True), server_default=sa.text('clock_timestamp()'), nullable=False, comment='When'),
    sa.Column('move', sa.Text(), nullable=False, comment='send, deliver, accept, refuse, arrive, done'),
    sa.Column('from_state', sa.Text(), nullable=True, comment='State before; null for the first'),
    sa.Column('to_state', sa.Text(), nullable=False, comment='State after'),
    sa.Column('account_id', sa.BigInteger(), nullable=True, comment='Who'),
    sa.Column('why', sa.Text(), nullable=True, comment='Why, in a word'),
    sa.ForeignKeyConstraint(['account_id'], ['accounts.id'], name=op.f('fk_dispatch_moves_account_id_accounts')),
    sa.ForeignKeyConstraint(['dispatch_id'], ['dispatches.id'], name=op.f('fk_dispatch_moves_dispatch_id_dispatches'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_dispatch_moves')),
    comment='Every step of every dispatch; rows are added, never changed'
    )
    op.create_index(op.f('ix_dispatch_moves_dispatch_id'), 'dispatch_moves', ['dispatch_id'], unique=False)
    op.alter_column('cameras', 'state',
               existing_type=sa.TEXT(),
               comment='online, offline, fault, silent',
               existing_comment='online, offline, fault',
               existing_nullable=False)
    op.create_table('readings_hourly',
    sa.Column('sensor_id', sa.BigInteger(), nullable=False, comment='Which sensor'),
    sa.Column('hour', sa.DateTime(timezone=True), nullable=False, comment='Beginning of the hour'),
    sa.Column('readings', sa.Integer(), nullable=False, comment='How many readings it had'),
    sa.Column('lowest', sa.Float(precision=53), nullable=False, comment="Lowest, in the sensor's unit"),
    sa.Column('mean', sa.Float(precision=53), nullable=False, comment="Mean, in the sensor's unit"),
    sa.Column('highest', sa.Float(precision=53), nullable=False, comment="Highest, in the sensor's unit"),
    sa.ForeignKeyConstraint(['sensor_id'], ['sensors.id'], name=op.f('fk_readings_hourly_sensor_id_sensors'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('sensor_id', 'hour', name=op.f('pk_readings_hourly')),
    comment='Readings thinned out to hours'
    )
    for table, comment in SPATIAL_COMMENTS.items():
        op.create_table_comment(table, comment)
    op.execute(ROWS_STAY)
    for table in STAY:
        op.execute(f"CREATE TRIGGER rows_stay BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION rows_stay()")


def downgrade() -> None:
    """Go back."""
    op.execute(NOT_SILENT)
    op.alter_column('cameras', 'state',
               existing_type=sa.TEXT(),
               comment='online, offline, fault',
               existing_comment='online, offline, fault, silent',
               existing_nullable=False)
    op.drop_index(op.f('ix_dispatch_moves_dispatch_id'), table_name='dispatch_moves')
    op.drop_table('dispatch_moves')
    op.drop_index(op.f('ix_alert_moves_alert_id'), table_name='alert_moves')
    op.drop_table('alert_moves')
    op.drop_table('intake')
    op.drop_index(op.f('ix_incident_people_incident_id'), table_name='incident_people')
    op.drop_table('incident_people')
    op.drop_index(op.f('ix_incident_notes_incident_id'), table_name='incident_notes')
    op.drop_table('incident_notes')
    op.drop_index(op.f('ix_incident_moves_incident_id'), table_name='incident_moves')
    op.drop_table('incident_moves')
    op.drop_table('incident_checks')
    op.drop_index(op.f('ix_incident_attachments_incident_id'), table_name='incident_attachments')
    op.drop_table('incident_attachments')
    op.drop_index(op.f('ix_feed_tokens_feed_id'), table_name='feed_tokens')
    op.drop_table('feed_tokens')
    op.drop_table('feed_counts')
    op.drop_table('drill_readings')
    op.drop_index(op.f('ix_dispatches_team_id'), table_name='dispatches')
    op.drop_index(op.f('ix_dispatches_incident_id'), table_name='dispatches')
    op.drop_table('dispatches')
    op.drop_index('ix_crowd_ticks_at', table_name='crowd_ticks')
    op.drop_table('crowd_ticks')
    op.drop_table('crowd_series')
    op.drop_table('camera_streams')
    op.drop_index(op.f('ix_camera_openings_camera_id'), table_name='camera_openings')
    op.drop_table('camera_openings')
    op.drop_index('ix_alerts_raised_at', table_name='alerts')
    op.drop_index('ix_alerts_open', table_name='alerts', postgresql_where=sa.text('closed_at IS NULL'))
    op.drop_index('ix_alerts_last', table_name='alerts')
    op.drop_index('ix_alerts_incident_id', table_name='alerts', postgresql_where=sa.text('incident_id IS NOT NULL'))
    op.drop_index(op.f('ix_alerts_area_id'), table_name='alerts')
    op.drop_geospatial_table('alerts')
    op.drop_index(op.f('ix_incidents_area_id'), table_name='incidents')
    op.drop_geospatial_table('incidents')
    op.drop_index('ix_happenings_at', table_name='happenings')
    op.drop_table('happenings')
    op.drop_index('ix_feeds_drill_id', table_name='feeds')
    op.drop_table('feeds')
    op.drop_index('ix_duty_shifts_starts_at', table_name='duty_shifts')
    op.drop_table('duty_shifts')
    op.drop_table('drill_tickets')
    op.drop_geospatial_index('ix_crowd_places_geom_3857', table_name='crowd_places', postgresql_using='gist', column_name='geom_3857')
    op.drop_geospatial_table('crowd_places')
    op.drop_index('ix_contacts_area_code', table_name='contacts')
    op.drop_table('contacts')
    op.drop_index('ix_webhook_deliveries_next', table_name='webhook_deliveries', postgresql_where=sa.text('next_try_at IS NOT NULL'))
    op.drop_table('webhook_deliveries')
    op.drop_geospatial_index('ix_teams_geom', table_name='teams', postgresql_using='gist', column_name='geom')
    op.drop_geospatial_table('teams')
    op.drop_table('shift_log')
    op.drop_table('maintenance_windows')
    op.drop_table('drills')
    op.drop_table('webhooks')
    op.drop_table('watches')
    op.drop_index('ix_thresholds_now', table_name='thresholds', postgresql_where=sa.text('valid_to IS NULL'))
    op.drop_table('thresholds')
    op.drop_table('retention_policies')
    op.drop_table('crowd_grids')
    op.drop_geospatial_index('ix_coverage_gaps_geom_3857', table_name='coverage_gaps', postgresql_using='gist', column_name='geom_3857')
    op.drop_geospatial_table('coverage_gaps')
    op.drop_geospatial_index('ix_buildings_geom', table_name='buildings', postgresql_using='gist', column_name='geom')
    op.drop_geospatial_table('buildings')
    op.drop_table('readings_hourly')
    op.execute("DROP FUNCTION rows_stay")
