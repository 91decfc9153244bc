"""SensorThings: tables of OGC SensorThings 1.1 and one view over its observations and our readings."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0003_sensorthings'
down_revision = '0002_live'
branch_labels = None
depends_on = None

OBSERVATIONS_VIEW = """
CREATE VIEW sta_observations_all AS
SELECT id::text AS id, datastream_id, feature_id, phenomenon_start, phenomenon_end, result_time, valid_start, valid_end,
       result, result_number, result_quality, parameters
FROM sta_observations
UNION ALL
SELECT r.sensor_id || 'r' || (extract(epoch FROM r.at) * 1000000)::bigint, d.id, NULL, r.at, NULL, r.at, NULL, NULL,
       to_jsonb(r.value), r.value, NULL, NULL
FROM sta_datastreams d JOIN readings r ON r.sensor_id = d.sensor_id
"""


def upgrade() -> None:
    """Go forward."""
    op.create_table('sta_features',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False, comment='Key given by the database'),
    sa.Column('name', sa.Text(), nullable=False, comment='Name'),
    sa.Column('description', sa.Text(), nullable=False, comment='What it is'),
    sa.Column('properties', postgresql.JSONB(astext_type=sa.Text()), nullable=True, comment='What else its sender tells'),
    sa.Column('encoding_type', sa.Text(), nullable=False, comment='Media type of feature'),
    sa.Column('feature', postgresql.JSONB(astext_type=sa.Text()), nullable=False, comment='What was observed, mostly GeoJSON, EPSG:4326'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_sta_features')),
    comment='Features of interest'
    )
    op.create_table('sta_locations',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False, comment='Key given by the database'),
    sa.Column('name', sa.Text(), nullable=False, comment='Name'),
    sa.Column('description', sa.Text(), nullable=False, comment='What it is'),
    sa.Column('properties', postgresql.JSONB(astext_type=sa.Text()), nullable=True, comment='What else its sender tells'),
    sa.Column('encoding_type', sa.Text(), nullable=False, comment='Media type of location'),
    sa.Column('location', postgresql.JSONB(astext_type=sa.Text()), nullable=False, comment='Where, mostly GeoJSON, EPSG:4326'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_sta_locations')),
    comment='Locations of things'
    )
    op.create_table('sta_observed_properties',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False, comment='Key given by the database'),
    sa.Column('name', sa.Text(), nullable=False, comment='Name'),
    sa.Column('description', sa.Text(), nullable=False, comment='What it is'),
    sa.Column('properties', postgresql.JSONB(astext_type=sa.Text()), nullable=True, comment='What else its sender tells'),
    sa.Column('definition', sa.Text(), nullable=False, comment='Address that defines it'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_sta_observed_properties')),
    comment='What is observed'
    )
    op.create_table('sta_sensors',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False, comment='Key given by the database'),
    sa.Column('name', sa.Text(), nullable=False, comment='Name'),
    sa.Column('description', sa.Text(), nullable=False, comment='What it is'),
    sa.Column('properties', postgresql.JSONB(astext_type=sa.Text()), nullable=True, comment='What else its sender tells'),
    sa.Column('encoding_type', sa.Text(), nullable=False, comment='Media type of metadata'),
    sa.Column('metadata', postgresql.JSONB(astext_type=sa.Text()), nullable=False, comment='Its data sheet or where that is'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_sta_sensors')),
    comment='Procedures of SensorThings; our own sensors stand in table sensors'
    )
    op.create_table('sta_things',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False, comment='Key given by the database'),
    sa.Column('name', sa.Text(), nullable=False, comment='Name'),
    sa.Column('description', sa.Text(), nullable=False, comment='What it is'),
    sa.Column('properties', postgresql.JSONB(astext_type=sa.Text()), nullable=True, comment='What else its sender tells'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_sta_things')),
    comment='Things of SensorThings'
    )
    op.create_table('sta_historical_locations',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False, comment='Key given by the database'),
    sa.Column('thing_id', sa.BigInteger(), nullable=False, comment='Which thing'),
    sa.Column('time', sa.DateTime(timezone=True), nullable=False, comment='Since when it was there'),
    sa.ForeignKeyConstraint(['thing_id'], ['sta_things.id'], name=op.f('fk_sta_historical_locations_thing_id_sta_things'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_sta_historical_locations')),
    comment='Where things were'
    )
    op.create_index(op.f('ix_sta_historical_locations_thing_id'), 'sta_historical_locations', ['thing_id'], unique=False)
    op.create_table('sta_thing_locations',
    sa.Column('thing_id', sa.BigInteger(), nullable=False, comment='Which thing'),
    sa.Column('location_id', sa.BigInteger(), nullable=False, comment='Where it is now'),
    sa.ForeignKeyConstraint(['location_id'], ['sta_locations.id'], name=op.f('fk_sta_thing_locations_location_id_sta_locations'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['thing_id'], ['sta_things.id'], name=op.f('fk_sta_thing_locations_thing_id_sta_things'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('thing_id', 'location_id', name=op.f('pk_sta_thing_locations')),
    comment='Where each thing is now'
    )
    op.create_index(op.f('ix_sta_thing_locations_location_id'), 'sta_thing_locations', ['location_id'], unique=False)
    op.create_table('sta_historical_at',
    sa.Column('historical_location_id', sa.BigInteger(), nullable=False, comment='Which moment of which thing'),
    sa.Column('location_id', sa.BigInteger(), nullable=False, comment='Where it was'),
    sa.ForeignKeyConstraint(['historical_location_id'], ['sta_historical_locations.id'], name=op.f('fk_sta_historical_at_historical_location_id_sta_historical_locations'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['location_id'], ['sta_locations.id'], name=op.f('fk_sta_historical_at_location_id_sta_locations'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('historical_location_id', 'location_id', name=op.f('pk_sta_historical_at')),
    comment='The places of each historical location'
    )
    op.create_index(op.f('ix_sta_historical_at_location_id'), 'sta_historical_at', ['location_id'], unique=False)
    op.create_table('sta_datastreams',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False, comment='Key given by the database'),
    sa.Column('name', sa.Text(), nullable=False, comment='Name'),
    sa.Column('description', sa.Text(), nullable=False, comment='What it is'),
    sa.Column('properties', postgresql.JSONB(astext_type=sa.Text()), nullable=True, comment='What else its sender tells'),
    sa.Column('thing_id', sa.BigInteger(), nullable=False, comment='Which thing'),
    sa.Column('sta_sensor_id', sa.BigInteger(), nullable=False, comment='Which procedure'),
    sa.Column('observed_property_id', sa.BigInteger(), nullable=False, comment='What is observed'),
    sa.Column('observation_type', sa.Text(), nullable=False, comment='Kind of result'),
    sa.Column('unit', postgresql.JSONB(astext_type=sa.Text()), nullable=False, comment='Unit: name, symbol, definition'),
    sa.Column('observed_area', postgresql.JSONB(astext_type=sa.Text()), nullable=True, comment='Where it observes, GeoJSON'),
    sa.Column('sensor_id', sa.BigInteger(), nullable=True, comment='Our sensor whose readings it is; null for one that only SensorThings knows'),
    sa.ForeignKeyConstraint(['observed_property_id'], ['sta_observed_properties.id'], name=op.f('fk_sta_datastreams_observed_property_id_sta_observed_properties'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['sensor_id'], ['sensors.id'], name=op.f('fk_sta_datastreams_sensor_id_sensors'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['sta_sensor_id'], ['sta_sensors.id'], name=op.f('fk_sta_datastreams_sta_sensor_id_sta_sensors'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['thing_id'], ['sta_things.id'], name=op.f('fk_sta_datastreams_thing_id_sta_things'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_sta_datastreams')),
    sa.UniqueConstraint('sensor_id', name=op.f('uq_sta_datastreams_sensor_id')),
    comment='Series of observations'
    )
    op.create_index(op.f('ix_sta_datastreams_observed_property_id'), 'sta_datastreams', ['observed_property_id'], unique=False)
    op.create_index(op.f('ix_sta_datastreams_sta_sensor_id'), 'sta_datastreams', ['sta_sensor_id'], unique=False)
    op.create_index(op.f('ix_sta_datastreams_thing_id'), 'sta_datastreams', ['thing_id'], unique=False)
    op.create_table('sta_observations',
    sa.Column('id', sa.BigInteger(), sa.Identity(always=False), nullable=False, comment='Key given by the database'),
    sa.Column('datastream_id', sa.BigInteger(), nullable=False, comment='Which series'),
    sa.Column('feature_id', sa.BigInteger(), nullable=True, comment='Of what'),
    sa.Column('phenomenon_start', sa.DateTime(timezone=True), nullable=False, comment='When, or since when'),
    sa.Column('phenomenon_end', sa.DateTime(timezone=True), nullable=True, comment='Until when; null for an instant'),
    sa.Column('result_time', sa.DateTime(timezone=True), nullable=True, comment='When the result came to be'),
    sa.Column('valid_start', sa.DateTime(timezone=True), nullable=True, comment='From when it may be used'),
    sa.Column('valid_end', sa.DateTime(timezone=True), nullable=True, comment='Until when'),
    sa.Column('result', postgresql.JSONB(astext_type=sa.Text()), nullable=False, comment='The result, of any kind'),
    sa.Column('result_number', sa.Double(), nullable=True, comment='The result where it is a number'),
    sa.Column('result_quality', postgresql.JSONB(astext_type=sa.Text()), nullable=True, comment='How good it is'),
    sa.Column('parameters', postgresql.JSONB(astext_type=sa.Text()), nullable=True, comment='Under which conditions'),
    sa.ForeignKeyConstraint(['datastream_id'], ['sta_datastreams.id'], name=op.f('fk_sta_observations_datastream_id_sta_datastreams'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['feature_id'], ['sta_features.id'], name=op.f('fk_sta_observations_feature_id_sta_features'), ondelete='SET NULL'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_sta_observations')),
    comment='Observations of series that are none of our sensors'
    )
    op.create_index(op.f('ix_sta_observations_feature_id'), 'sta_observations', ['feature_id'], unique=False)
    op.create_index('ix_sta_observations_series', 'sta_observations', ['datastream_id', 'phenomenon_start'], unique=False)
    op.execute(OBSERVATIONS_VIEW)


def downgrade() -> None:
    """Go back."""
    op.execute("DROP VIEW sta_observations_all")
    op.drop_index('ix_sta_observations_series', table_name='sta_observations')
    op.drop_index(op.f('ix_sta_observations_feature_id'), table_name='sta_observations')
    op.drop_table('sta_observations')
    op.drop_index(op.f('ix_sta_datastreams_thing_id'), table_name='sta_datastreams')
    op.drop_index(op.f('ix_sta_datastreams_sta_sensor_id'), table_name='sta_datastreams')
    op.drop_index(op.f('ix_sta_datastreams_observed_property_id'), table_name='sta_datastreams')
    op.drop_table('sta_datastreams')
    op.drop_index(op.f('ix_sta_historical_at_location_id'), table_name='sta_historical_at')
    op.drop_table('sta_historical_at')
    op.drop_index(op.f('ix_sta_thing_locations_location_id'), table_name='sta_thing_locations')
    op.drop_table('sta_thing_locations')
    op.drop_index(op.f('ix_sta_historical_locations_thing_id'), table_name='sta_historical_locations')
    op.drop_table('sta_historical_locations')
    op.drop_table('sta_things')
    op.drop_table('sta_sensors')
    op.drop_table('sta_observed_properties')
    op.drop_table('sta_locations')
    op.drop_table('sta_features')
