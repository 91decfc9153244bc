"""Creating by OGC SensorThings 1.1, with everything that an entity brings inside it (deep insert).

An observation of a datastream that belongs to one of our sensors goes through the same door as any other reading.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, insert, select, text

from geodata.commands.feeds import add_feed
from geodata.commands.readings import accept
from geodata.errors import BadArgument
from geodata.profile import Profile
from geodata.queries.sensorthings.entities import ENTITIES, Entity
from geodata.queries.sensorthings.read import as_key
from geodata.rules.reading_checks import moment_of
from geodata.store.locks import Lock, hold
from geodata.store.schema import sta_historical_at, sta_historical_locations, sta_observations

Body = Mapping[str, Any]
FEED = "sensorthings"
UNMIRRORED = """
    select exists (select from sensors s where not exists (select from sta_datastreams d where d.sensor_id = s.id))
"""
REQUIRED: dict[str, tuple[str, ...]] = {
    "Things": ("name", "description"),
    "Locations": ("name", "description", "encodingType", "location"),
    "HistoricalLocations": ("time",),
    "Datastreams": ("name", "description", "observationType", "unitOfMeasurement"),
    "Sensors": ("name", "description", "encodingType", "metadata"),
    "ObservedProperties": ("name", "definition", "description"),
    "Observations": ("result",),
    "FeaturesOfInterest": ("name", "description", "encodingType", "feature"),
}
MIRROR = (
    """insert into sta_things (name, description, properties)
       select s.name, 'Sensor ' || s.code, jsonb_build_object('yiping_sensor', s.code) from sensors s
       where not exists (select from sta_datastreams d where d.sensor_id = s.id)
         and not exists (select from sta_things t where t.properties ->> 'yiping_sensor' = s.code)""",
    """insert into sta_sensors (name, description, encoding_type, metadata)
       select distinct s.kind, 'Sensors of kind ' || s.kind, 'text/plain', to_jsonb(s.kind) from sensors s
       where not exists (select from sta_sensors p where p.name = s.kind and p.metadata = to_jsonb(s.kind))""",
    """insert into sta_observed_properties (name, definition, description)
       select distinct s.kind, 'urn:yiping:' || s.kind, 'What sensors of kind ' || s.kind || ' measure' from sensors s
       where not exists (select from sta_observed_properties p where p.definition = 'urn:yiping:' || s.kind)""",
    """insert into sta_locations (name, description, encoding_type, location, properties)
       select s.name, 'Where it stands', 'application/geo+json', ST_AsGeoJSON(s.geom)::jsonb,
              jsonb_build_object('yiping_sensor', s.code)
       from sensors s where not exists (select from sta_locations l where l.properties ->> 'yiping_sensor' = s.code)""",
    """insert into sta_thing_locations (thing_id, location_id)
       select t.id, l.id from sta_things t
       join sta_locations l on l.properties ->> 'yiping_sensor' = t.properties ->> 'yiping_sensor'
       on conflict do nothing""",
    """insert into sta_datastreams (name, description, thing_id, sta_sensor_id, observed_property_id, observation_type, unit, sensor_id)
       select s.name, s.kind || ' at ' || s.name, t.id, p.id, o.id,
              'http://www.opengis.net/def/observationType/OGC-OM/2.0/OM_Measurement',
              jsonb_build_object('name', s.unit, 'symbol', s.unit, 'definition', null), s.id
       from sensors s join sta_things t on t.properties ->> 'yiping_sensor' = s.code
       join sta_sensors p on p.name = s.kind and p.metadata = to_jsonb(s.kind)
       join sta_observed_properties o on o.definition = 'urn:yiping:' || s.kind
       on conflict (sensor_id) do nothing""",
)


def mirror_sensors(c: Connection) -> None:
    """Let every sensor of ours be a thing with a datastream; does nothing where it is one already."""
    if not c.execute(text(UNMIRRORED)).scalar():
        return
    hold(c, Lock.MIRROR)  # whoever waited finds nothing left
    for statement in MIRROR if c.execute(text(UNMIRRORED)).scalar() else ():
        c.execute(text(statement))


def create(
    c: Connection,
    profile: Profile,
    name: str,
    body: Any,
    *,
    now: datetime,
    above: tuple[str, str, str] | None = None,
) -> str:
    """Make an entity with all that is inside it and give its key; `above` = (set, key, link) hangs it on one.

    Raises BadArgument with the path of what is wrong; nothing is made then (the caller's transaction ends).
    """
    maker = _Maker(c, profile, now)
    if above is None:
        return maker.make(name, body, name)
    upper, key, link = above
    back = _back(ENTITIES[upper], name, link)
    return maker.make(name, {**body, back: {"@iot.id": as_key(upper, key)}}, name)


def _back(upper: Entity, name: str, link: str) -> str:
    for back, way in ENTITIES[name].links.items():
        if way.target == upper.name and upper.links[link].target == name:
            return back
    raise BadArgument(link, f"Nothing can be made below {upper.name}/{link}.")


@dataclass(frozen=True, slots=True)
class _Maker:
    """One deep insert."""

    c: Connection
    profile: Profile
    now: datetime

    def make(self, name: str, body: Any, path: str) -> str:
        """One entity and what is inside it."""
        if not isinstance(body, Mapping):
            raise BadArgument(path, f"At {path} stands no object.")
        entity = ENTITIES[name]
        for field in REQUIRED[name]:
            if field not in body:
                raise BadArgument(path, f"At {path} “{field}” is missing.")
        if name == "Observations":
            return self._observation(body, path)
        row = self._plain(entity, body, path) | self._upward(entity, body, path)
        key = int(self.c.execute(insert(entity.table).values(row).returning(entity.table.c.id)).scalar_one())  # type: ignore[arg-type]
        self._inside(entity, key, body, path)
        return str(key)

    def _plain(self, entity: Entity, body: Body, path: str) -> dict[str, Any]:
        row: dict[str, Any] = {}
        for field, (column, kind) in entity.fields.items():
            value = body.get(field)
            if value is None:
                continue
            if kind == "text" and not isinstance(value, str):
                raise BadArgument(path, f"{path}/{field} is no text.")
            row[column] = _moment(value, f"{path}/{field}") if kind == "time" else value
        if entity.name == "Datastreams":
            row["sensor_id"] = self._our_sensor(body)
        return row

    def _our_sensor(self, body: Body) -> int | None:
        """The sensor of ours that a datastream names by properties.yiping_sensor."""
        code = (
            (body.get("properties") or {}).get("yiping_sensor")
            if isinstance(body.get("properties"), Mapping)
            else None
        )
        if code is None:
            return None
        found = self.c.execute(
            text("select id from sensors where code = :code"), {"code": str(code)}
        ).scalar()
        if found is None:
            raise BadArgument("yiping_sensor", f"There is no sensor with the code “{str(code)[:60]}”.")
        return int(found)

    def _upward(self, entity: Entity, body: Body, path: str) -> dict[str, Any]:
        """The keys of what an entity must hang on, made first where it is inside."""
        row: dict[str, Any] = {}
        for link, way in entity.links.items():
            if way.many:
                continue
            if link not in body:
                raise BadArgument(path, f"At {path} “{link}” is missing.")
            row[way.here] = int(self._there(way.target, body[link], f"{path}/{link}"))
        return row

    def _there(self, name: str, told: Any, path: str) -> str:
        """The key of an entity that is named by @iot.id or told in full."""
        if isinstance(told, Mapping) and "@iot.id" in told:
            key, entity = as_key(name, str(told["@iot.id"])), ENTITIES[name]
            if self.c.execute(select(entity.table.c.id).where(entity.table.c.id == key)).scalar() is None:
                raise BadArgument(path, f"There is no {name}({str(key)[:40]}).")
            return str(key)
        return self.make(name, told, path)

    def _inside(self, entity: Entity, key: int, body: Body, path: str) -> None:
        for link, way in entity.links.items():
            if not way.many or link not in body:
                continue
            if not isinstance(body[link], Sequence) or isinstance(body[link], str):
                raise BadArgument(path, f"At {path}/{link} stands no list.")
            keys = [
                self._one_inside(entity, key, link, one, f"{path}/{link}/{at}")
                for at, one in enumerate(body[link])
            ]
            if entity.name == "Things" and link == "Locations" and keys:
                self._was_there(key, [int(one) for one in keys])

    def _one_inside(self, entity: Entity, key: int, link: str, told: Any, path: str) -> str:
        way = entity.links[link]
        if way.between is None:
            back = next(
                b for b, w in ENTITIES[way.target].links.items() if not w.many and w.here == way.there
            )
            return self.make(
                way.target, {**told, back: {"@iot.id": key}} if isinstance(told, Mapping) else told, path
            )
        other = self._there(way.target, told, path)
        self.c.execute(insert(way.between).values({way.between_here: key, way.between_there: int(other)}))  # type: ignore[arg-type]
        return other

    def _was_there(self, thing: int, locations: list[int]) -> None:
        """A thing that is put somewhere was there from now on (the standard, 8.2.3)."""
        made = (
            insert(sta_historical_locations)
            .values(thing_id=thing, time=self.now)
            .returning(sta_historical_locations.c.id)
        )
        moment = self.c.execute(made).scalar_one()
        rows = [{"historical_location_id": moment, "location_id": one} for one in locations]
        self.c.execute(insert(sta_historical_at), rows)

    def _observation(self, body: Body, path: str) -> str:
        if "Datastream" not in body:
            raise BadArgument(path, f"At {path} “Datastream” is missing.")
        series = int(self._there("Datastreams", body["Datastream"], f"{path}/Datastream"))
        found = self.c.execute(
            text(
                "select s.id, s.code from sta_datastreams d join sensors s on s.id = d.sensor_id where d.id = :id"
            ),
            {"id": series},
        ).one_or_none()
        start, end = _span(body.get("phenomenonTime"), f"{path}/phenomenonTime") or (self.now, None)
        if found is not None:
            return self._reading(found.id, found.code, start, body["result"], path)
        return self._kept(series, start, end, body, path)

    def _reading(self, sensor: int, code: str, at: datetime, value: Any, path: str) -> str:
        feed = add_feed(self.c, FEED, "readings", title="SensorThings", interval_s=3_600)
        row = {"sensor": code, "at": at.isoformat(), "value": value}
        told = accept(self.c, self.profile, feed, [row], now=self.now)
        refused = [one for one in told.rows if one.verdict in {"impossible", "unknown", "malformed"}]
        if refused:
            raise BadArgument(path, f"At {path}: {refused[0].reason}")
        return f"{sensor}r{round(at.timestamp() * 1_000_000)}"

    def _kept(self, series: int, start: datetime, end: datetime | None, body: Body, path: str) -> str:
        valid = _span(body.get("validTime"), f"{path}/validTime") or (None, None)
        result, told = body["result"], body.get("resultTime")
        is_number = isinstance(result, (int, float)) and not isinstance(result, bool)
        row = {
            "datastream_id": series, "feature_id": self._feature(series, body, path), "phenomenon_start": start,
            "phenomenon_end": end, "result_time": _moment(told, f"{path}/resultTime") if told else None,
            "valid_start": valid[0], "valid_end": valid[1], "result": result, "result_number": result if is_number else None,
            "result_quality": body.get("resultQuality"), "parameters": body.get("parameters"),
        }  # fmt: skip
        return str(
            self.c.execute(insert(sta_observations).values(row).returning(sta_observations.c.id)).scalar_one()
        )

    def _feature(self, series: int, body: Body, path: str) -> int | None:
        """What was observed: as told, else where the thing stands (the standard, 8.2.8)."""
        if "FeatureOfInterest" in body:
            return int(
                self._there("FeaturesOfInterest", body["FeatureOfInterest"], f"{path}/FeatureOfInterest")
            )
        return self.c.execute(
            text("""with place as (
                        select l.* from sta_datastreams d join sta_thing_locations t on t.thing_id = d.thing_id
                        join sta_locations l on l.id = t.location_id where d.id = :series order by l.id limit 1),
                    known as (
                        select f.id from sta_features f join place p on f.name = p.name and f.feature = p.location limit 1),
                    made as (
                        insert into sta_features (name, description, encoding_type, feature)
                        select name, description, encoding_type, location from place where not exists (select from known)
                        returning id)
                    select id from known union all select id from made"""),
            {"series": series},
        ).scalar()


def _moment(value: Any, path: str) -> datetime:
    at = moment_of(value, UTC)
    if at is None:
        raise BadArgument(path, f"At {path} stands no time; write it like 2026-11-22T04:00:00Z.")
    return at


def _span(value: Any, path: str) -> tuple[datetime, datetime | None] | None:
    if value is None:
        return None
    first, slash, last = str(value).partition("/")
    start, end = _moment(first, path), _moment(last, path) if slash else None
    if end is not None and end < start:
        raise BadArgument(path, f"At {path} the end lies before the beginning.")
    return start, end
