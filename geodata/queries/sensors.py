"""Sensors: how many by state and kind, and all that is known of one with its recent readings."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, text

from geodata.errors import NotFound
from geodata.profile import Profile
from geodata.queries.devices import DeviceCount, count
from geodata.types import Question


@dataclass(frozen=True, slots=True)
class Sensor:
    """One sensor with its thresholds (in unit) and last reading; position in EPSG:4326."""

    code: str
    name: str
    kind: str
    unit: str
    state: str
    notice_at: float | None
    watch_at: float | None
    warning_at: float | None
    danger_at: float | None
    area_code: str | None
    area_name: str | None
    lon: float
    lat: float
    at: datetime | None
    value: float | None


def summary(c: Connection, profile: Profile, q: Question) -> DeviceCount:
    """Count the sensors of an area."""
    return count(c, profile, "sensors", q)


def card(c: Connection, code: str) -> Sensor:
    """One sensor by code."""
    row = c.execute(
        text("""select t.code, t.name, t.kind, t.unit, t.state, t.notice_at, t.watch_at, t.warning_at, t.danger_at,
                       a.code, a.name, ST_X(t.geom), ST_Y(t.geom), l.at, l.value
                from sensors t left join areas a on a.id = t.area_id left join sensor_latest l on l.sensor_id = t.id
                where t.code = :code"""),
        {"code": code},
    ).one_or_none()
    if row is None:
        raise NotFound(f"There is no sensor with the code “{code[:60]}”.")
    return Sensor(*row)


def readings(
    c: Connection, code: str, until: datetime, span: timedelta = timedelta(days=1)
) -> list[tuple[datetime, float]]:
    """What a sensor measured in a span up to an instant, oldest first."""
    rows = c.execute(
        text("""select r.at, r.value from readings r join sensors t on t.id = r.sensor_id
                where t.code = :code and r.at > :since and r.at <= :until order by r.at"""),
        {"code": code, "since": until - span, "until": until},
    )
    return [(row[0], row[1]) for row in rows]
