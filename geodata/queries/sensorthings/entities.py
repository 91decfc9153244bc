"""The entity sets of SensorThings: which table each stands in, what its fields are called, how they hang together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from sqlalchemy import BigInteger, Column, Double, FromClause, MetaData, Table, Text
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP

from geodata.store.schema import (
    sta_datastreams,
    sta_features,
    sta_historical_at,
    sta_historical_locations,
    sta_locations,
    sta_observed_properties,
    sta_sensors,
    sta_thing_locations,
    sta_things,
)

Kind = Literal["text", "json", "time", "span", "result"]
WHEN = TIMESTAMP(timezone=True)

observations_all = Table(
    "sta_observations_all", MetaData(),
    Column("id", Text), Column("datastream_id", BigInteger), Column("feature_id", BigInteger), Column("phenomenon_start", WHEN),
    Column("phenomenon_end", WHEN), Column("result_time", WHEN), Column("valid_start", WHEN), Column("valid_end", WHEN),
    Column("result", JSONB), Column("result_number", Double), Column("result_quality", JSONB), Column("parameters", JSONB),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Link:
    """A way from one entity set to another: this column is that one's key, or the other way round, or by a table between."""

    target: str
    many: bool
    here: str
    there: str
    between: FromClause | None = None
    between_here: str = ""
    between_there: str = ""


@dataclass(frozen=True, slots=True)
class Entity:
    """One entity set; `fields` by the name in JSON: column and kind (a span has two columns, start and end)."""

    name: str
    table: FromClause
    fields: Mapping[str, tuple[str, Kind]]
    links: Mapping[str, Link] = field(default_factory=dict)

    def column(self, name: str) -> Any:
        """A column of its table."""
        return self.table.c[name]


def _up(target: str, column: str) -> Link:
    return Link(target, many=False, here=column, there="id")


def _down(target: str, column: str) -> Link:
    return Link(target, many=True, here="id", there=column)


def _by(target: str, between: FromClause, here: str, there: str) -> Link:
    return Link(
        target, many=True, here="id", there="id", between=between, between_here=here, between_there=there
    )


NAMED: dict[str, tuple[str, Kind]] = {
    "name": ("name", "text"), "description": ("description", "text"), "properties": ("properties", "json"),
}  # fmt: skip
CODED: dict[str, tuple[str, Kind]] = {"encodingType": ("encoding_type", "text")}

ENTITIES: dict[str, Entity] = {
    entity.name: entity
    for entity in (
        Entity("Things", sta_things, NAMED, {
            "Datastreams": _down("Datastreams", "thing_id"),
            "Locations": _by("Locations", sta_thing_locations, "thing_id", "location_id"),
            "HistoricalLocations": _down("HistoricalLocations", "thing_id"),
        }),
        Entity("Locations", sta_locations, NAMED | CODED | {"location": ("location", "json")}, {
            "Things": _by("Things", sta_thing_locations, "location_id", "thing_id"),
            "HistoricalLocations": _by("HistoricalLocations", sta_historical_at, "location_id", "historical_location_id"),
        }),
        Entity("HistoricalLocations", sta_historical_locations, {"time": ("time", "time")}, {
            "Thing": _up("Things", "thing_id"),
            "Locations": _by("Locations", sta_historical_at, "historical_location_id", "location_id"),
        }),
        Entity("Datastreams", sta_datastreams, NAMED | {
            "observationType": ("observation_type", "text"), "unitOfMeasurement": ("unit", "json"),
            "observedArea": ("observed_area", "json"),
        }, {
            "Thing": _up("Things", "thing_id"), "Sensor": _up("Sensors", "sta_sensor_id"),
            "ObservedProperty": _up("ObservedProperties", "observed_property_id"),
            "Observations": _down("Observations", "datastream_id"),
        }),
        Entity("Sensors", sta_sensors, NAMED | CODED | {"metadata": ("metadata", "json")}, {
            "Datastreams": _down("Datastreams", "sta_sensor_id"),
        }),
        Entity("ObservedProperties", sta_observed_properties, NAMED | {"definition": ("definition", "text")}, {
            "Datastreams": _down("Datastreams", "observed_property_id"),
        }),
        Entity("Observations", observations_all, {
            "phenomenonTime": ("phenomenon", "span"), "resultTime": ("result_time", "time"), "result": ("result", "result"),
            "resultQuality": ("result_quality", "json"), "validTime": ("valid", "span"), "parameters": ("parameters", "json"),
        }, {
            "Datastream": _up("Datastreams", "datastream_id"), "FeatureOfInterest": _up("FeaturesOfInterest", "feature_id"),
        }),
        Entity("FeaturesOfInterest", sta_features, NAMED | CODED | {"feature": ("feature", "json")}, {
            "Observations": _down("Observations", "feature_id"),
        }),
    )
}  # fmt: skip
