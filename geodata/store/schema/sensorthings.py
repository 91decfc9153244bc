"""OGC SensorThings 1.1 (18-088): things, datastreams and observations as other systems send and read them.

A datastream that names one of our sensors (`sensor_id`) keeps no observations of its own: they are our readings, so the
rules judge them like any other, and the view `sta_observations_all` reads both.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Double, ForeignKey, Index, Table
from sqlalchemy.dialects.postgresql import JSONB

from geodata.store.schema.base import identity, metadata, moment, text


def _named(*, described: bool = True) -> list[Column[object]]:
    told = [text("name", "Name", nullable=False)]
    if described:
        told.append(text("description", "What it is"))
    return [*told, Column("properties", JSONB, comment="What else its sender tells")]


def _to(table: str, comment: str, *, nullable: bool = False) -> Column[int]:
    key = ForeignKey(f"{table}.id", ondelete="CASCADE")
    return Column(
        f"{table.removeprefix('sta_').rstrip('s')}_id",
        BigInteger,
        key,
        nullable=nullable,
        index=True,
        comment=comment,
    )


sta_things = Table("sta_things", metadata, identity(), *_named(), comment="Things of SensorThings")

sta_locations = Table(
    "sta_locations",
    metadata,
    identity(),
    *_named(),
    text("encoding_type", "Media type of location"),
    Column("location", JSONB, nullable=False, comment="Where, mostly GeoJSON, EPSG:4326"),
    comment="Locations of things",
)

sta_thing_locations = Table(
    "sta_thing_locations",
    metadata,
    Column("thing_id", BigInteger, ForeignKey("sta_things.id", ondelete="CASCADE"), primary_key=True,
           comment="Which thing"),
    Column("location_id", BigInteger, ForeignKey("sta_locations.id", ondelete="CASCADE"), primary_key=True,
           index=True, comment="Where it is now"),
    comment="Where each thing is now",
)  # fmt: skip

sta_historical_locations = Table(
    "sta_historical_locations",
    metadata,
    identity(),
    _to("sta_things", "Which thing"),
    moment("time", "Since when it was there", nullable=False),
    comment="Where things were",
)

sta_historical_at = Table(
    "sta_historical_at",
    metadata,
    Column("historical_location_id", BigInteger, ForeignKey("sta_historical_locations.id", ondelete="CASCADE"),
           primary_key=True, comment="Which moment of which thing"),
    Column("location_id", BigInteger, ForeignKey("sta_locations.id", ondelete="CASCADE"), primary_key=True,
           index=True, comment="Where it was"),
    comment="The places of each historical location",
)  # fmt: skip

sta_sensors = Table(
    "sta_sensors",
    metadata,
    identity(),
    *_named(),
    text("encoding_type", "Media type of metadata"),
    Column("metadata", JSONB, nullable=False, comment="Its data sheet or where that is"),
    comment="Procedures of SensorThings; our own sensors stand in table sensors",
)

sta_observed_properties = Table(
    "sta_observed_properties",
    metadata,
    identity(),
    *_named(),
    text("definition", "Address that defines it"),
    comment="What is observed",
)

sta_datastreams = Table(
    "sta_datastreams",
    metadata,
    identity(),
    *_named(),
    _to("sta_things", "Which thing"),
    Column("sta_sensor_id", BigInteger, ForeignKey("sta_sensors.id", ondelete="CASCADE"), nullable=False, index=True,
           comment="Which procedure"),
    Column("observed_property_id", BigInteger, ForeignKey("sta_observed_properties.id", ondelete="CASCADE"),
           nullable=False, index=True, comment="What is observed"),
    text("observation_type", "Kind of result"),
    Column("unit", JSONB, nullable=False, comment="Unit: name, symbol, definition"),
    Column("observed_area", JSONB, comment="Where it observes, GeoJSON"),
    Column("sensor_id", BigInteger, ForeignKey("sensors.id", ondelete="CASCADE"), unique=True,
           comment="Our sensor whose readings it is; null for one that only SensorThings knows"),
    comment="Series of observations",
)  # fmt: skip

sta_features = Table(
    "sta_features",
    metadata,
    identity(),
    *_named(),
    text("encoding_type", "Media type of feature"),
    Column("feature", JSONB, nullable=False, comment="What was observed, mostly GeoJSON, EPSG:4326"),
    comment="Features of interest",
)

sta_observations = Table(
    "sta_observations",
    metadata,
    identity(),
    Column("datastream_id", BigInteger, ForeignKey("sta_datastreams.id", ondelete="CASCADE"), nullable=False,
           comment="Which series"),
    Column("feature_id", BigInteger, ForeignKey("sta_features.id", ondelete="SET NULL"), index=True,
           comment="Of what"),
    moment("phenomenon_start", "When, or since when", nullable=False),
    moment("phenomenon_end", "Until when; null for an instant", nullable=True),
    moment("result_time", "When the result came to be", nullable=True),
    moment("valid_start", "From when it may be used", nullable=True),
    moment("valid_end", "Until when", nullable=True),
    Column("result", JSONB, nullable=False, comment="The result, of any kind"),
    Column("result_number", Double, comment="The result where it is a number"),
    Column("result_quality", JSONB, comment="How good it is"),
    Column("parameters", JSONB, comment="Under which conditions"),
    comment="Observations of series that are none of our sensors",
)  # fmt: skip
Index("ix_sta_observations_series", sta_observations.c.datastream_id, sta_observations.c.phenomenon_start)
