"""The house: areas, ground, categories, tickets, devices, loads, accounts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from geoalchemy2 import Geometry
from sqlalchemy.dialects import postgresql

revision = '0001_house'
down_revision = None
branch_labels = None
depends_on = None


SPATIAL_COMMENTS = {
    "areas": "Areas by scheme and level; a boundary load adds a version and never destroys the one before",
    "cameras": "Video cameras: position, heading, state; places only, no recordings",
    "ground_features": "Water and green of the base map",
    "heritage_objects": "Protected objects of the old town with grade and condition",
    "hexes": "Every H3 cell that holds or may hold something, so that SQL can draw it",
    "places": "Landmarks, estates and other places that people name",
    "roads": "Streets with class and door numbers",
    "sensors": "Sensors with unit and thresholds; falling thresholds mean that low is bad",
    "tickets": "Citizen tickets",
}
MONTH_PARTITION = """
CREATE FUNCTION ensure_readings_month(day date) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    first timestamptz := date_trunc('month', day::timestamp) AT TIME ZONE 'UTC';
    next timestamptz := (date_trunc('month', day::timestamp) + interval '1 month') AT TIME ZONE 'UTC';
BEGIN
    EXECUTE format(
        'CREATE TABLE IF NOT EXISTS %I PARTITION OF readings FOR VALUES FROM (%L) TO (%L)',
        'readings_' || to_char(day, 'YYYY_MM'), first, next
    );
END $$
"""


def upgrade() -> None:
    """Go forward."""
    for extension in ("postgis", "btree_gist", "pg_trgm"):
        op.execute(f"CREATE EXTENSION IF NOT EXISTS {extension}")
    op.create_table('accounts',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False, comment='Key given by the database'),
    sa.Column('name', sa.Text(), nullable=False, comment='Name to sign in with'),
    sa.Column('role', sa.Text(), nullable=False, comment='screen, commander, planner, operator or admin'),
    sa.Column('area_code', sa.Text(), nullable=True, comment='Code of the area it may see; null for the whole district'),
    sa.Column('password_hash', sa.Text(), nullable=False, comment='scrypt with its salt and cost'),
    sa.Column('disabled', sa.Boolean(), server_default=sa.text('false'), nullable=False, comment='May not sign in'),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False, comment='When it was made'),
    sa.CheckConstraint("name ~ '^[a-z][a-z0-9_.-]{1,39}$'", name=op.f('ck_accounts_name_plain')),
    sa.CheckConstraint("role IN ('screen', 'commander', 'planner', 'operator', 'admin')", name=op.f('ck_accounts_role_known')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_accounts')),
    sa.UniqueConstraint('name', name=op.f('uq_accounts_name')),
    comment='Accounts and their roles'
    )
    op.create_table('categories',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False, comment='Key given by the database'),
    sa.Column('scheme', sa.Text(), nullable=False, comment='Which tree: hotline, city, or that of an outside export'),
    sa.Column('code', sa.Text(), nullable=False, comment="Code within the tree; a child's begins with its parent's"),
    sa.Column('name', sa.Text(), nullable=False, comment='Name as reports print it'),
    sa.Column('name_en', sa.Text(), nullable=True, comment='Name for an English reader'),
    sa.Column('parent_id', sa.BigInteger(), nullable=True, comment='The category above; null at the top'),
    sa.Column('level', sa.SmallInteger(), nullable=False, comment='1 at the top'),
    sa.Column('kind', sa.Text(), nullable=True, comment='event 事件 or part 部件'),
    sa.Column('deadline_h', sa.Double(), nullable=True, comment='Hours allowed from receipt to closing'),
    sa.Column('priority', sa.SmallInteger(), nullable=True, comment='1 most urgent … 4'),
    sa.Column('filing_standard', sa.Text(), nullable=True, comment='When a case of it is opened'),
    sa.Column('closing_standard', sa.Text(), nullable=True, comment='When a case of it may be closed'),
    sa.CheckConstraint("kind IN ('event', 'part')", name=op.f('ck_categories_kind_known')),
    sa.CheckConstraint('(level = 1) = (parent_id IS NULL)', name=op.f('ck_categories_top_has_no_parent')),
    sa.CheckConstraint('deadline_h > 0', name=op.f('ck_categories_deadline_positive')),
    sa.CheckConstraint('priority BETWEEN 1 AND 4', name=op.f('ck_categories_priority_known')),
    sa.ForeignKeyConstraint(['parent_id'], ['categories.id'], name=op.f('fk_categories_parent_id_categories')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_categories')),
    sa.UniqueConstraint('scheme', 'code', name=op.f('uq_categories_scheme_code')),
    comment='Responsibility list: event and part categories, a tree for each scheme'
    )
    op.create_index(op.f('ix_categories_parent_id'), 'categories', ['parent_id'], unique=False)
    op.create_table('facts',
    sa.Column('key', sa.Text(), nullable=False, comment='What'),
    sa.Column('value', postgresql.JSONB(astext_type=sa.Text()), nullable=False, comment='Its value'),
    sa.PrimaryKeyConstraint('key', name=op.f('pk_facts')),
    comment='What the store knows about itself: profile, demo seed and end, data versions'
    )
    op.create_table('hexes',
    sa.Column('cell', sa.BigInteger(), autoincrement=False, nullable=False, comment='H3 index as a number'),
    sa.Column('resolution', sa.SmallInteger(), nullable=False, comment='H3 resolution, 9 to 11'),
    sa.Column('centre_lon', sa.Double(), nullable=False, comment='Longitude of its centre, degrees'),
    sa.Column('centre_lat', sa.Double(), nullable=False, comment='Latitude of its centre, degrees'),
    sa.Column('area_m2', sa.Double(), nullable=False, comment='True area, m² (h3.cell_area)'),
    sa.Column('geom_3857', Geometry(geometry_type='POLYGON', srid=3857, dimension=2, spatial_index=False, from_text='ST_GeomFromEWKT', name='geometry', nullable=False), nullable=False, comment='Outline for drawing tiles (EPSG:3857)'),
    sa.CheckConstraint('resolution = ((cell >> 52) & 15)', name=op.f('ck_hexes_resolution_of_cell')),
    sa.PrimaryKeyConstraint('cell', name=op.f('pk_hexes'))
    )
    op.create_index('ix_hexes_geom_3857', 'hexes', ['geom_3857'], unique=False, postgresql_using='gist')
    op.create_table('loads',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False, comment='Key given by the database'),
    sa.Column('kind', sa.Text(), nullable=False, comment='boundaries, tickets …'),
    sa.Column('file_name', sa.Text(), nullable=False, comment='Name of the file, without its folder'),
    sa.Column('file_sha256', sa.LargeBinary(), nullable=False, comment='What was in it'),
    sa.Column('options', postgresql.JSONB(astext_type=sa.Text()), nullable=False, comment='How it was asked to be loaded'),
    sa.Column('state', sa.Text(), nullable=False, comment='running, done, refused, failed, rolled_back'),
    sa.Column('message', sa.Text(), nullable=True, comment='One sentence for a person'),
    sa.Column('started_at', sa.DateTime(timezone=True), nullable=False, comment='When it began'),
    sa.Column('finished_at', sa.DateTime(timezone=True), nullable=True, comment='When it ended'),
    sa.Column('rows_read', sa.Integer(), server_default='0', nullable=False, comment='Rows in the file'),
    sa.Column('rows_new', sa.Integer(), server_default='0', nullable=False, comment='Rows not known before'),
    sa.Column('rows_changed', sa.Integer(), server_default='0', nullable=False, comment='Rows known, with something new'),
    sa.Column('rows_unchanged', sa.Integer(), server_default='0', nullable=False, comment='Rows known just so'),
    sa.Column('rows_rejected', sa.Integer(), server_default='0', nullable=False, comment='Rows not taken, each with a finding'),
    sa.Column('rows_repaired', sa.Integer(), server_default='0', nullable=False, comment='Rows taken after mending'),
    sa.CheckConstraint("(finished_at IS NULL) = (state = 'running')", name=op.f('ck_loads_ended_has_time')),
    sa.CheckConstraint("state IN ('running', 'done', 'refused', 'failed', 'rolled_back')", name=op.f('ck_loads_state_known')),
    sa.CheckConstraint("state NOT IN ('done', 'rolled_back') OR rows_read = rows_new + rows_changed + rows_unchanged + rows_rejected", name=op.f('ck_loads_every_row_accounted_for')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_loads')),
    comment='Every file taken in, or refused, and what became of its rows'
    )
    op.create_table('ticket_sources',
    sa.Column('id', sa.SmallInteger(), sa.Identity(always=False), nullable=False, comment='Key given by the database'),
    sa.Column('key', sa.Text(), nullable=False, comment='Short stable key: 12345, patrol …'),
    sa.Column('name', sa.Text(), nullable=False, comment='Name as reports print it'),
    sa.Column('name_en', sa.Text(), nullable=True, comment='Name for an English reader'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_ticket_sources')),
    sa.UniqueConstraint('key', name=op.f('uq_ticket_sources_key')),
    comment='Channels by which tickets arrive 来源; the list stays open'
    )
    op.create_table('units',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False, comment='Key given by the database'),
    sa.Column('code', sa.Text(), nullable=False, comment='Short stable key'),
    sa.Column('name', sa.Text(), nullable=False, comment='Name as reports print it'),
    sa.Column('name_en', sa.Text(), nullable=True, comment='Name for an English reader'),
    sa.Column('kind', sa.Text(), nullable=False, comment='subdistrict, department, company or other'),
    sa.Column('area_code', sa.Text(), nullable=True, comment='Code of the area it is responsible for; null for the whole district'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_units')),
    sa.UniqueConstraint('code', name=op.f('uq_units_code')),
    comment='Sub-districts, departments and companies that handle tickets 承办单位'
    )
    op.create_table('api_tokens',
    sa.Column('token_hash', sa.LargeBinary(), nullable=False, comment='SHA-256 of the bearer token'),
    sa.Column('account_id', sa.BigInteger(), nullable=False, comment='Whose'),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False, comment='When made'),
    sa.ForeignKeyConstraint(['account_id'], ['accounts.id'], name=op.f('fk_api_tokens_account_id_accounts'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('token_hash', name=op.f('pk_api_tokens')),
    comment='Bearer tokens for programs; each acts as its account'
    )
    op.create_index(op.f('ix_api_tokens_account_id'), 'api_tokens', ['account_id'], unique=False)
    op.create_table('areas',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False, comment='Key given by the database'),
    sa.Column('scheme', sa.Text(), nullable=False, comment='Which division of the ground: grid, police, air …'),
    sa.Column('level', sa.Text(), nullable=False, comment='Step of the scheme: district … grid_cell'),
    sa.Column('code', sa.Text(), nullable=False, comment='Official code, stable over versions'),
    sa.Column('name', sa.Text(), nullable=False, comment='Name as people here say it'),
    sa.Column('name_en', sa.Text(), nullable=True, comment='Name for an English reader'),
    sa.Column('parent_code', sa.Text(), nullable=True, comment='Code of the area one level up; null at the top'),
    sa.Column('valid_from', sa.Date(), nullable=False, comment='First day of this version'),
    sa.Column('valid_to', sa.Date(), nullable=True, comment='Day after the last of this version; null while valid'),
    sa.Column('area_km2', sa.Double(), nullable=False, comment='Area on the spheroid, km²'),
    sa.Column('load_id', sa.BigInteger(), nullable=True, comment='Load that brought this version; null for the demo'),
    sa.Column('geom', Geometry(geometry_type='MULTIPOLYGON', srid=4326, dimension=2, spatial_index=False, from_text='ST_GeomFromEWKT', name='geometry', nullable=False), nullable=False, comment='Outline, EPSG:4326'),
    sa.Column('geom_3857', Geometry(geometry_type='MULTIPOLYGON', srid=3857, dimension=2, spatial_index=False, from_text='ST_GeomFromEWKT', name='geometry'), sa.Computed('ST_Transform(geom, 3857)', persisted=True), nullable=True, comment='geom for drawing tiles only (EPSG:3857); never measured'),
    postgresql.ExcludeConstraint((sa.literal_column('scheme'), '='), (sa.literal_column('code'), '='), (sa.text('daterange(valid_from, valid_to)'), '&&'), using='gist', name='ex_areas_one_version_a_day'),
    sa.CheckConstraint("code <> '' AND name <> ''", name=op.f('ck_areas_named')),
    sa.CheckConstraint('ST_IsValid(geom) AND NOT ST_IsEmpty(geom)', name=op.f('ck_areas_geom_valid')),
    sa.CheckConstraint('parent_code IS DISTINCT FROM code', name=op.f('ck_areas_not_own_parent')),
    sa.CheckConstraint('valid_to IS NULL OR valid_to > valid_from', name=op.f('ck_areas_validity_forward')),
    sa.ForeignKeyConstraint(['load_id'], ['loads.id'], name=op.f('fk_areas_load_id_loads')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_areas'))
    )
    op.create_index('ix_areas_geom', 'areas', ['geom'], unique=False, postgresql_using='gist')
    op.create_index('ix_areas_geom_3857', 'areas', ['geom_3857'], unique=False, postgresql_using='gist')
    op.create_index('ix_areas_scheme_level_current', 'areas', ['scheme', 'level'], unique=False, postgresql_where=sa.text('valid_to IS NULL'))
    op.create_table('category_crosswalk',
    sa.Column('from_id', sa.BigInteger(), nullable=False, comment='Category of one scheme'),
    sa.Column('to_id', sa.BigInteger(), nullable=False, comment='Its counterpart in another'),
    sa.Column('note', sa.Text(), nullable=True, comment='How well they meet'),
    sa.CheckConstraint('from_id <> to_id', name=op.f('ck_category_crosswalk_two_categories')),
    sa.ForeignKeyConstraint(['from_id'], ['categories.id'], name=op.f('fk_category_crosswalk_from_id_categories'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['to_id'], ['categories.id'], name=op.f('fk_category_crosswalk_to_id_categories'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('from_id', 'to_id', name=op.f('pk_category_crosswalk')),
    comment='Which category of one scheme stands for which of another'
    )
    op.create_table('ground_features',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False, comment='Key given by the database'),
    sa.Column('theme', sa.Text(), nullable=False, comment='water or green'),
    sa.Column('kind', sa.Text(), nullable=False, comment='water: river, canal, moat, lake; green: park, garden, wetland, hill'),
    sa.Column('name', sa.Text(), nullable=True, comment='Name'),
    sa.Column('name_en', sa.Text(), nullable=True, comment='Name for an English reader'),
    sa.Column('load_id', sa.BigInteger(), nullable=True, comment='Load that brought it; null for the demo'),
    sa.Column('geom', Geometry(geometry_type='MULTIPOLYGON', srid=4326, dimension=2, spatial_index=False, from_text='ST_GeomFromEWKT', name='geometry', nullable=False), nullable=False, comment='Outline, EPSG:4326'),
    sa.Column('geom_3857', Geometry(geometry_type='MULTIPOLYGON', srid=3857, dimension=2, spatial_index=False, from_text='ST_GeomFromEWKT', name='geometry'), sa.Computed('ST_Transform(geom, 3857)', persisted=True), nullable=True, comment='geom for drawing tiles only (EPSG:3857); never measured'),
    sa.CheckConstraint("theme IN ('water', 'green')", name=op.f('ck_ground_features_theme_known')),
    sa.CheckConstraint('ST_IsValid(geom) AND NOT ST_IsEmpty(geom)', name=op.f('ck_ground_features_geom_valid')),
    sa.ForeignKeyConstraint(['load_id'], ['loads.id'], name=op.f('fk_ground_features_load_id_loads')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_ground_features'))
    )
    op.create_index('ix_ground_features_geom_3857', 'ground_features', ['geom_3857'], unique=False, postgresql_using='gist')
    op.create_table('heritage_objects',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False, comment='Key given by the database'),
    sa.Column('code', sa.Text(), nullable=False, comment='Key within its source'),
    sa.Column('name', sa.Text(), nullable=False, comment='Name'),
    sa.Column('name_en', sa.Text(), nullable=True, comment='Name for an English reader'),
    sa.Column('grade', sa.Text(), nullable=False, comment='Protection: world, national, provincial, municipal, controlled'),
    sa.Column('condition', sa.Text(), nullable=False, comment='good, fair, poor'),
    sa.Column('era', sa.Text(), nullable=True, comment='Dynasty or period'),
    sa.Column('address', sa.Text(), nullable=True, comment='Street address'),
    sa.Column('load_id', sa.BigInteger(), nullable=True, comment='Load that brought it; null for the demo'),
    sa.Column('geom', Geometry(geometry_type='POINT', srid=4326, dimension=2, spatial_index=False, from_text='ST_GeomFromEWKT', name='geometry', nullable=False), nullable=False, comment='Where it is, EPSG:4326'),
    sa.Column('geom_3857', Geometry(geometry_type='POINT', srid=3857, dimension=2, spatial_index=False, from_text='ST_GeomFromEWKT', name='geometry'), sa.Computed('ST_Transform(geom, 3857)', persisted=True), nullable=True, comment='geom for drawing tiles only (EPSG:3857); never measured'),
    sa.CheckConstraint("condition IN ('good', 'fair', 'poor')", name=op.f('ck_heritage_objects_condition_known')),
    sa.CheckConstraint("grade IN ('world', 'national', 'provincial', 'municipal', 'controlled')", name=op.f('ck_heritage_objects_grade_known')),
    sa.ForeignKeyConstraint(['load_id'], ['loads.id'], name=op.f('fk_heritage_objects_load_id_loads')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_heritage_objects')),
    sa.UniqueConstraint('code', name=op.f('uq_heritage_objects_code'))
    )
    op.create_index('ix_heritage_objects_geom_3857', 'heritage_objects', ['geom_3857'], unique=False, postgresql_using='gist')
    op.create_table('load_findings',
    sa.Column('load_id', sa.BigInteger(), nullable=False, comment='Which load'),
    sa.Column('seq', sa.Integer(), nullable=False, comment='Order within the load, from 1'),
    sa.Column('code', sa.Text(), nullable=False, comment='What kind of finding'),
    sa.Column('severity', sa.Text(), nullable=False, comment='note, repaired, rejected, refused'),
    sa.Column('row_number', sa.Integer(), nullable=True, comment='Row of the file, the first row of data being 1'),
    sa.Column('column_name', sa.Text(), nullable=True, comment='Column of the file'),
    sa.Column('value', sa.Text(), nullable=True, comment='What stood there, shortened'),
    sa.Column('message', sa.Text(), nullable=False, comment='What is wrong, in one sentence'),
    sa.Column('action', sa.Text(), nullable=False, comment='What was done about it'),
    sa.CheckConstraint("severity IN ('note', 'repaired', 'rejected', 'refused')", name=op.f('ck_load_findings_severity_known')),
    sa.ForeignKeyConstraint(['load_id'], ['loads.id'], name=op.f('fk_load_findings_load_id_loads'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('load_id', 'seq', name=op.f('pk_load_findings')),
    comment='What was found in a load, row by row'
    )
    op.create_index('ix_load_findings_code', 'load_findings', ['load_id', 'code'], unique=False)
    op.create_table('places',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False, comment='Key given by the database'),
    sa.Column('code', sa.Text(), nullable=False, comment='Key within its source'),
    sa.Column('kind', sa.Text(), nullable=False, comment='landmark, estate, garden, temple, station, market, school, hospital, government, bridge, gate'),
    sa.Column('name', sa.Text(), nullable=False, comment='Name as people say it'),
    sa.Column('name_en', sa.Text(), nullable=True, comment='Name for an English reader'),
    sa.Column('address', sa.Text(), nullable=True, comment='Street address'),
    sa.Column('load_id', sa.BigInteger(), nullable=True, comment='Load that brought it; null for the demo'),
    sa.Column('geom', Geometry(geometry_type='POINT', srid=4326, dimension=2, spatial_index=False, from_text='ST_GeomFromEWKT', name='geometry', nullable=False), nullable=False, comment='Where it is, EPSG:4326'),
    sa.Column('geom_3857', Geometry(geometry_type='POINT', srid=3857, dimension=2, spatial_index=False, from_text='ST_GeomFromEWKT', name='geometry'), sa.Computed('ST_Transform(geom, 3857)', persisted=True), nullable=True, comment='geom for drawing tiles only (EPSG:3857); never measured'),
    sa.CheckConstraint("name <> ''", name=op.f('ck_places_named')),
    sa.ForeignKeyConstraint(['load_id'], ['loads.id'], name=op.f('fk_places_load_id_loads')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_places')),
    sa.UniqueConstraint('code', name=op.f('uq_places_code'))
    )
    op.create_index('ix_places_geom_3857', 'places', ['geom_3857'], unique=False, postgresql_using='gist')
    op.create_index('ix_places_name', 'places', ['name'], unique=False)
    op.create_table('roads',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False, comment='Key given by the database'),
    sa.Column('code', sa.Text(), nullable=False, comment='Key within its source'),
    sa.Column('name', sa.Text(), nullable=True, comment='Street name'),
    sa.Column('name_en', sa.Text(), nullable=True, comment='Name for an English reader'),
    sa.Column('class', sa.Text(), nullable=False, comment='Importance: motorway, trunk, primary, secondary, tertiary, lane, pedestrian'),
    sa.Column('door_first', sa.Integer(), nullable=True, comment='Lowest door number, at the start of the line'),
    sa.Column('door_last', sa.Integer(), nullable=True, comment='Highest door number, at its end'),
    sa.Column('load_id', sa.BigInteger(), nullable=True, comment='Load that brought it; null for the demo'),
    sa.Column('geom', Geometry(geometry_type='MULTILINESTRING', srid=4326, dimension=2, spatial_index=False, from_text='ST_GeomFromEWKT', name='geometry', nullable=False), nullable=False, comment='Centre line, EPSG:4326'),
    sa.Column('geom_3857', Geometry(geometry_type='MULTILINESTRING', srid=3857, dimension=2, spatial_index=False, from_text='ST_GeomFromEWKT', name='geometry'), sa.Computed('ST_Transform(geom, 3857)', persisted=True), nullable=True, comment='geom for drawing tiles only (EPSG:3857); never measured'),
    sa.CheckConstraint("class IN ('motorway', 'trunk', 'primary', 'secondary', 'tertiary', 'lane', 'pedestrian')", name=op.f('ck_roads_class_known')),
    sa.CheckConstraint('NOT ST_IsEmpty(geom)', name=op.f('ck_roads_geom_there')),
    sa.CheckConstraint('door_first > 0 AND door_last >= door_first', name=op.f('ck_roads_doors_ascend')),
    sa.ForeignKeyConstraint(['load_id'], ['loads.id'], name=op.f('fk_roads_load_id_loads')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_roads')),
    sa.UniqueConstraint('code', name=op.f('uq_roads_code'))
    )
    op.create_index('ix_roads_geom', 'roads', ['geom'], unique=False, postgresql_using='gist')
    op.create_index('ix_roads_geom_3857', 'roads', ['geom_3857'], unique=False, postgresql_using='gist')
    op.create_index('ix_roads_name', 'roads', ['name'], unique=False)
    op.create_table('sessions',
    sa.Column('token_hash', sa.LargeBinary(), nullable=False, comment="SHA-256 of the cookie's token"),
    sa.Column('account_id', sa.BigInteger(), nullable=False, comment='Whose'),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False, comment='When signed in'),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False, comment='When it ends'),
    sa.ForeignKeyConstraint(['account_id'], ['accounts.id'], name=op.f('fk_sessions_account_id_accounts'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('token_hash', name=op.f('pk_sessions')),
    comment='Signed-in browsers'
    )
    op.create_index(op.f('ix_sessions_account_id'), 'sessions', ['account_id'], unique=False)
    op.create_table('area_ancestors',
    sa.Column('area_id', sa.BigInteger(), nullable=False, comment='An area version'),
    sa.Column('ancestor_code', sa.Text(), nullable=False, comment='Code of this area (steps 0) or of one above it'),
    sa.Column('steps', sa.SmallInteger(), nullable=False, comment='How many levels up the ancestor stands; 0 is itself'),
    sa.CheckConstraint('steps >= 0', name=op.f('ck_area_ancestors_steps_up')),
    sa.ForeignKeyConstraint(['area_id'], ['areas.id'], name=op.f('fk_area_ancestors_area_id_areas'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('area_id', 'ancestor_code', name=op.f('pk_area_ancestors')),
    comment='For each area version, the codes it belongs to; rebuilt after each boundary load'
    )
    op.create_index('ix_area_ancestors_ancestor_code', 'area_ancestors', ['ancestor_code', 'area_id'], unique=False)
    op.create_table('cameras',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False, comment='Key given by the database'),
    sa.Column('code', sa.Text(), nullable=False, comment='Key within its source'),
    sa.Column('name', sa.Text(), nullable=False, comment='Where it stands, in words'),
    sa.Column('kind', sa.Text(), nullable=False, comment='dome, bullet, ptz, panorama, ai'),
    sa.Column('state', sa.Text(), nullable=False, comment='online, offline, fault'),
    sa.Column('heading_deg', sa.Float(), nullable=True, comment='Direction of view, degrees clockwise from north; null when all round'),
    sa.Column('field_of_view_deg', sa.Float(), nullable=True, comment='Width of view, degrees'),
    sa.Column('range_m', sa.Float(), nullable=True, comment='How far it sees, m'),
    sa.Column('installed_on', sa.Date(), nullable=True, comment='First day in service'),
    sa.Column('last_seen_at', sa.DateTime(timezone=True), nullable=True, comment='When it last answered'),
    sa.Column('area_id', sa.BigInteger(), nullable=True, comment='Grid cell it stands in'),
    sa.Column('load_id', sa.BigInteger(), nullable=True, comment='Load that brought it; null for the demo'),
    sa.Column('geom', Geometry(geometry_type='POINT', srid=4326, dimension=2, spatial_index=False, from_text='ST_GeomFromEWKT', name='geometry', nullable=False), nullable=False, comment='Where it stands, EPSG:4326'),
    sa.Column('geom_3857', Geometry(geometry_type='POINT', srid=3857, dimension=2, spatial_index=False, from_text='ST_GeomFromEWKT', name='geometry'), sa.Computed('ST_Transform(geom, 3857)', persisted=True), nullable=True, comment='geom for drawing tiles only (EPSG:3857); never measured'),
    sa.CheckConstraint("kind IN ('dome', 'bullet', 'ptz', 'panorama', 'ai')", name=op.f('ck_cameras_kind_known')),
    sa.CheckConstraint("state IN ('online', 'offline', 'fault')", name=op.f('ck_cameras_state_known')),
    sa.CheckConstraint('field_of_view_deg > 0 AND field_of_view_deg <= 360', name=op.f('ck_cameras_field_of_view_possible')),
    sa.CheckConstraint('heading_deg >= 0 AND heading_deg < 360', name=op.f('ck_cameras_heading_on_compass')),
    sa.CheckConstraint('range_m > 0', name=op.f('ck_cameras_range_positive')),
    sa.ForeignKeyConstraint(['area_id'], ['areas.id'], name=op.f('fk_cameras_area_id_areas')),
    sa.ForeignKeyConstraint(['load_id'], ['loads.id'], name=op.f('fk_cameras_load_id_loads')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_cameras')),
    sa.UniqueConstraint('code', name=op.f('uq_cameras_code'))
    )
    op.create_index('ix_cameras_area_id', 'cameras', ['area_id'], unique=False)
    op.create_index('ix_cameras_geom', 'cameras', ['geom'], unique=False, postgresql_using='gist')
    op.create_index('ix_cameras_geom_3857', 'cameras', ['geom_3857'], unique=False, postgresql_using='gist')
    op.create_table('sensors',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False, comment='Key given by the database'),
    sa.Column('code', sa.Text(), nullable=False, comment='Key within its source'),
    sa.Column('name', sa.Text(), nullable=False, comment='Where it stands, in words'),
    sa.Column('kind', sa.Text(), nullable=False, comment='fire, tilt, water_quality, settlement, water_level, ai_event'),
    sa.Column('unit', sa.Text(), nullable=False, comment='Unit of its readings, as printed'),
    sa.Column('state', sa.Text(), nullable=False, comment='normal, notice, watch, warning, danger, silent, fault'),
    sa.Column('notice_at', sa.Double(), nullable=True, comment='Reading from which it is a notice, in unit'),
    sa.Column('watch_at', sa.Double(), nullable=True, comment='Reading from which it is to be watched, in unit'),
    sa.Column('warning_at', sa.Double(), nullable=True, comment='Reading from which it is a warning, in unit'),
    sa.Column('danger_at', sa.Double(), nullable=True, comment='Reading from which it is danger, in unit'),
    sa.Column('interval_s', sa.Float(), nullable=False, comment='Seconds between readings when healthy'),
    sa.Column('area_id', sa.BigInteger(), nullable=True, comment='Grid cell it stands in'),
    sa.Column('load_id', sa.BigInteger(), nullable=True, comment='Load that brought it; null for the demo'),
    sa.Column('geom', Geometry(geometry_type='POINT', srid=4326, dimension=2, spatial_index=False, from_text='ST_GeomFromEWKT', name='geometry', nullable=False), nullable=False, comment='Where it stands, EPSG:4326'),
    sa.Column('geom_3857', Geometry(geometry_type='POINT', srid=3857, dimension=2, spatial_index=False, from_text='ST_GeomFromEWKT', name='geometry'), sa.Computed('ST_Transform(geom, 3857)', persisted=True), nullable=True, comment='geom for drawing tiles only (EPSG:3857); never measured'),
    sa.CheckConstraint("kind IN ('fire', 'tilt', 'water_quality', 'settlement', 'water_level', 'ai_event')", name=op.f('ck_sensors_kind_known')),
    sa.CheckConstraint("state IN ('normal', 'notice', 'watch', 'warning', 'danger', 'silent', 'fault')", name=op.f('ck_sensors_state_known')),
    sa.CheckConstraint('(notice_at <= watch_at AND watch_at <= warning_at AND warning_at <= danger_at) OR (notice_at >= watch_at AND watch_at >= warning_at AND warning_at >= danger_at)', name=op.f('ck_sensors_thresholds_one_way')),
    sa.CheckConstraint('interval_s > 0', name=op.f('ck_sensors_interval_positive')),
    sa.ForeignKeyConstraint(['area_id'], ['areas.id'], name=op.f('fk_sensors_area_id_areas')),
    sa.ForeignKeyConstraint(['load_id'], ['loads.id'], name=op.f('fk_sensors_load_id_loads')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_sensors')),
    sa.UniqueConstraint('code', name=op.f('uq_sensors_code'))
    )
    op.create_index('ix_sensors_area_id', 'sensors', ['area_id'], unique=False)
    op.create_index('ix_sensors_geom_3857', 'sensors', ['geom_3857'], unique=False, postgresql_using='gist')
    op.create_table('tickets',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False, comment='Key given by the database'),
    sa.Column('origin', sa.Text(), nullable=False, comment='System or export the row came from; with number its identity'),
    sa.Column('number', sa.Text(collation='C'), nullable=False, comment='Ticket number in its origin'),
    sa.Column('source_id', sa.SmallInteger(), nullable=False, comment='Channel 来源'),
    sa.Column('family', postgresql.ENUM('service', 'city', name='ticket_family'), nullable=False, comment='service 便民服务 or city 数字城管; scored apart'),
    sa.Column('category_id', sa.BigInteger(), nullable=False, comment='What it is about'),
    sa.Column('unit_id', sa.BigInteger(), nullable=True, comment='Who handles it'),
    sa.Column('title', sa.Text(), nullable=True, comment='One line that says what is wrong'),
    sa.Column('description', sa.Text(), nullable=True, comment='Free text, scrubbed of persons'),
    sa.Column('address', sa.Text(), nullable=True, comment='Where, in words, as received'),
    sa.Column('caller_hash', sa.LargeBinary(), nullable=True, comment='Keyed hash of the caller, to count repeats; never a number'),
    sa.Column('received_at', sa.DateTime(timezone=True), nullable=False, comment='When it was received; the day it belongs to'),
    sa.Column('due_at', sa.DateTime(timezone=True), nullable=True, comment='Deadline for closing'),
    sa.Column('closed_at', sa.DateTime(timezone=True), nullable=True, comment='When it was closed or resolved'),
    sa.Column('state', postgresql.ENUM('received', 'transferred', 'signed', 'handling', 'resolved_online', 'closed', 'followed_up', 'merged', name='ticket_state'), nullable=False, comment='Where it stands in its life'),
    sa.Column('outcome', sa.Text(), nullable=True, comment="How it ended, in the origin's words or ours"),
    sa.Column('satisfaction', postgresql.ENUM('satisfied', 'neutral', 'dissatisfied', name='satisfaction'), nullable=True, comment='Answer of the call-back'),
    sa.Column('geom', Geometry(geometry_type='POINT', srid=4326, dimension=2, spatial_index=False, from_text='ST_GeomFromEWKT', name='geometry'), nullable=True, comment='Where, EPSG:4326; null when not located'),
    sa.Column('geom_3857', Geometry(geometry_type='POINT', srid=3857, dimension=2, spatial_index=False, from_text='ST_GeomFromEWKT', name='geometry'), sa.Computed('ST_Transform(geom, 3857)', persisted=True), nullable=True, comment='geom for drawing tiles only (EPSG:3857); never measured'),
    sa.Column('location_quality', postgresql.ENUM('given', 'address', 'road', 'landmark', 'area', 'none', name='location_quality'), nullable=False, comment='How the place was found'),
    sa.Column('is_default_point', sa.Boolean(), server_default=sa.text('false'), nullable=False, comment='The point stands for “unknown” in its origin; heat leaves it out'),
    sa.Column('area_id', sa.BigInteger(), nullable=True, comment='Finest area known, in the version valid on its day'),
    sa.Column('road_id', sa.BigInteger(), nullable=True, comment='Nearest road'),
    sa.Column('road_offset_m', sa.Float(), nullable=True, comment='Distance along the road from its start, m'),
    sa.Column('hex_r9', sa.BigInteger(), nullable=True, comment='H3 cell at resolution 9, taken directly'),
    sa.Column('hex_r10', sa.BigInteger(), nullable=True, comment='H3 cell at resolution 10, taken directly'),
    sa.Column('hex_r11', sa.BigInteger(), nullable=True, comment='H3 cell at resolution 11, taken directly'),
    sa.Column('load_id', sa.BigInteger(), nullable=True, comment='Load that last wrote it; null for the demo'),
    sa.Column('row_number', sa.Integer(), nullable=True, comment='Row of that file'),
    sa.Column('repaired', sa.Boolean(), server_default=sa.text('false'), nullable=False, comment='Something was mended at load'),
    sa.CheckConstraint("(closed_at IS NOT NULL) = (state IN ('resolved_online', 'closed', 'followed_up', 'merged'))", name=op.f('ck_tickets_closed_state_has_time')),
    sa.CheckConstraint("(geom IS NOT NULL) = (location_quality NOT IN ('area', 'none'))", name=op.f('ck_tickets_located_has_point')),
    sa.CheckConstraint("location_quality <> 'area' OR area_id IS NOT NULL", name=op.f('ck_tickets_area_quality_has_area')),
    sa.CheckConstraint('(road_id IS NULL) = (road_offset_m IS NULL)', name=op.f('ck_tickets_road_has_offset')),
    sa.CheckConstraint('NOT is_default_point OR geom IS NOT NULL', name=op.f('ck_tickets_default_point_has_point')),
    sa.CheckConstraint('closed_at >= received_at', name=op.f('ck_tickets_closed_after_received')),
    sa.CheckConstraint('num_nulls(geom, hex_r9, hex_r10, hex_r11) IN (0, 4)', name=op.f('ck_tickets_point_has_hexes')),
    sa.ForeignKeyConstraint(['area_id'], ['areas.id'], name=op.f('fk_tickets_area_id_areas')),
    sa.ForeignKeyConstraint(['category_id'], ['categories.id'], name=op.f('fk_tickets_category_id_categories')),
    sa.ForeignKeyConstraint(['load_id'], ['loads.id'], name=op.f('fk_tickets_load_id_loads')),
    sa.ForeignKeyConstraint(['road_id'], ['roads.id'], name=op.f('fk_tickets_road_id_roads')),
    sa.ForeignKeyConstraint(['source_id'], ['ticket_sources.id'], name=op.f('fk_tickets_source_id_ticket_sources')),
    sa.ForeignKeyConstraint(['unit_id'], ['units.id'], name=op.f('fk_tickets_unit_id_units')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_tickets')),
    sa.UniqueConstraint('number', 'origin', name=op.f('uq_tickets_number_origin'))
    )
    op.create_index('ix_tickets_area_id', 'tickets', ['area_id', 'received_at'], unique=False, postgresql_include=['category_id', 'source_id', 'family', 'state', 'location_quality', 'is_default_point', 'hex_r9', 'hex_r10', 'hex_r11'])
    op.create_index('ix_tickets_area_due', 'tickets', ['area_id', 'due_at'], unique=False, postgresql_include=['closed_at', 'category_id'])
    op.create_index('ix_tickets_due_at', 'tickets', ['due_at'], unique=False, postgresql_include=['closed_at', 'area_id', 'category_id'])
    op.create_index('ix_tickets_geom_3857', 'tickets', ['geom_3857'], unique=False, postgresql_using='gist')
    op.create_index('ix_tickets_open', 'tickets', ['due_at', 'area_id'], unique=False, postgresql_where=sa.text('closed_at IS NULL'))
    op.create_index('ix_tickets_received_at', 'tickets', ['received_at'], unique=False, postgresql_include=['area_id', 'category_id', 'source_id', 'family', 'state', 'location_quality', 'is_default_point', 'hex_r9', 'hex_r10', 'hex_r11'])
    op.create_table('readings',
    sa.Column('sensor_id', sa.BigInteger(), nullable=False, comment='Which sensor'),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False, comment='When it was measured'),
    sa.Column('value', sa.Double(), nullable=False, comment="Reading in the sensor's unit"),
    sa.CheckConstraint("value <> 'NaN' AND value <> 'Infinity' AND value <> '-Infinity'", name=op.f('ck_readings_value_finite')),
    sa.ForeignKeyConstraint(['sensor_id'], ['sensors.id'], name=op.f('fk_readings_sensor_id_sensors'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('sensor_id', 'at', name=op.f('pk_readings')),
    comment='What sensors measured; a partition a month',
    postgresql_partition_by='RANGE (at)'
    )
    op.create_table('sensor_latest',
    sa.Column('sensor_id', sa.BigInteger(), nullable=False, comment='Which sensor'),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False, comment='When its last reading was measured'),
    sa.Column('value', sa.Double(), nullable=False, comment="That reading, in the sensor's unit"),
    sa.ForeignKeyConstraint(['sensor_id'], ['sensors.id'], name=op.f('fk_sensor_latest_sensor_id_sensors'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('sensor_id', name=op.f('pk_sensor_latest')),
    comment='The last reading of each sensor, beside the history'
    )
    op.create_table('ticket_events',
    sa.Column('ticket_id', sa.BigInteger(), nullable=False, comment='Which ticket'),
    sa.Column('seq', sa.SmallInteger(), nullable=False, comment='Order within the ticket, from 1'),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False, comment='When it happened'),
    sa.Column('kind', postgresql.ENUM('received', 'resolved_online', 'transferred', 'signed', 'handled', 'closed', 'followed_up', 'merged', 'extended', 'refused', 'supervised', 'co_handled', 'disputed', 'escalated', 'reported_to_city', name='ticket_event_kind'), nullable=False, comment='What happened'),
    sa.Column('unit_id', sa.BigInteger(), nullable=True, comment='Who did it'),
    sa.Column('note', sa.Text(), nullable=True, comment='A word about it'),
    sa.CheckConstraint('seq > 0', name=op.f('ck_ticket_events_seq_from_one')),
    sa.ForeignKeyConstraint(['ticket_id'], ['tickets.id'], name=op.f('fk_ticket_events_ticket_id_tickets'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['unit_id'], ['units.id'], name=op.f('fk_ticket_events_unit_id_units')),
    sa.PrimaryKeyConstraint('ticket_id', 'seq', name=op.f('pk_ticket_events')),
    comment='What was done about each ticket, in order; rows are added, never changed'
    )
    for table, comment in SPATIAL_COMMENTS.items():  # GeoAlchemy2 loses them while it adds geometry columns
        op.create_table_comment(table, comment)
    op.execute(MONTH_PARTITION)
    op.execute("CREATE TABLE readings_other PARTITION OF readings DEFAULT")


def downgrade() -> None:
    """Go back."""
    op.drop_table('ticket_events')
    op.drop_table('sensor_latest')
    op.drop_table('readings')
    op.drop_index('ix_tickets_received_at', table_name='tickets', postgresql_include=['area_id', 'category_id', 'source_id', 'family', 'state', 'location_quality', 'is_default_point', 'hex_r9', 'hex_r10', 'hex_r11'])
    op.drop_index('ix_tickets_open', table_name='tickets', postgresql_where=sa.text('closed_at IS NULL'))
    op.drop_index('ix_tickets_geom_3857', table_name='tickets')
    op.drop_index('ix_tickets_due_at', table_name='tickets', postgresql_include=['closed_at', 'area_id', 'category_id'])
    op.drop_index('ix_tickets_area_due', table_name='tickets', postgresql_include=['closed_at', 'category_id'])
    op.drop_index('ix_tickets_area_id', table_name='tickets', postgresql_include=['category_id', 'source_id', 'family', 'state', 'location_quality', 'is_default_point', 'hex_r9', 'hex_r10', 'hex_r11'])
    op.drop_table('tickets')
    op.drop_index('ix_sensors_geom_3857', table_name='sensors')
    op.drop_index('ix_sensors_area_id', table_name='sensors')
    op.drop_table('sensors')
    op.drop_index('ix_cameras_geom_3857', table_name='cameras')
    op.drop_index('ix_cameras_geom', table_name='cameras')
    op.drop_index('ix_cameras_area_id', table_name='cameras')
    op.drop_table('cameras')
    op.drop_index('ix_area_ancestors_ancestor_code', table_name='area_ancestors')
    op.drop_table('area_ancestors')
    op.drop_index(op.f('ix_sessions_account_id'), table_name='sessions')
    op.drop_table('sessions')
    op.drop_index('ix_roads_name', table_name='roads')
    op.drop_index('ix_roads_geom_3857', table_name='roads')
    op.drop_index('ix_roads_geom', table_name='roads')
    op.drop_table('roads')
    op.drop_index('ix_places_name', table_name='places')
    op.drop_index('ix_places_geom_3857', table_name='places')
    op.drop_table('places')
    op.drop_index('ix_load_findings_code', table_name='load_findings')
    op.drop_table('load_findings')
    op.drop_index('ix_heritage_objects_geom_3857', table_name='heritage_objects')
    op.drop_table('heritage_objects')
    op.drop_index('ix_ground_features_geom_3857', table_name='ground_features')
    op.drop_table('ground_features')
    op.drop_table('category_crosswalk')
    op.drop_index('ix_areas_scheme_level_current', table_name='areas', postgresql_where=sa.text('valid_to IS NULL'))
    op.drop_index('ix_areas_geom_3857', table_name='areas')
    op.drop_index('ix_areas_geom', table_name='areas')
    op.drop_table('areas')
    op.drop_index(op.f('ix_api_tokens_account_id'), table_name='api_tokens')
    op.drop_table('api_tokens')
    op.drop_table('units')
    op.drop_table('ticket_sources')
    op.drop_table('loads')
    op.drop_index('ix_hexes_geom_3857', table_name='hexes')
    op.drop_table('hexes')
    op.drop_table('facts')
    op.drop_index(op.f('ix_categories_parent_id'), table_name='categories')
    op.drop_table('categories')
    op.drop_table('accounts')
    op.execute("DROP FUNCTION ensure_readings_month(date)")
    for kind in ("ticket_event_kind", "ticket_state", "location_quality", "ticket_family", "satisfaction"):
        op.execute(f"DROP TYPE {kind}")
