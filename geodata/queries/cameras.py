"""Cameras: how many by state and kind, and all that is known of one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection, text

from geodata.errors import NotFound
from geodata.profile import Profile
from geodata.queries.devices import DeviceCount, count
from geodata.types import Question

# The best kind of picture of a camera (alias t): moving before still, a drawing only where there is no other.
PICTURE_SQL = """(select s.kind from camera_streams s where s.camera_id = t.id
    order by array_position(array['hls', 'snapshot', 'drawn'], s.kind) limit 1)"""


@dataclass(frozen=True, slots=True)
class Camera:
    """One camera; position in EPSG:4326, `area_code` the cell it stands in, `picture` hls, snapshot, drawn or None."""

    code: str
    name: str
    kind: str
    state: str
    heading_deg: float | None
    field_of_view_deg: float | None
    range_m: float | None
    installed_on: date | None
    last_seen_at: datetime | None
    area_code: str | None
    area_name: str | None
    lon: float
    lat: float
    picture: str | None = None


def summary(c: Connection, profile: Profile, q: Question) -> DeviceCount:
    """Count the cameras of an area."""
    return count(c, profile, "cameras", q)


def card(c: Connection, code: str) -> Camera:
    """One camera by code."""
    row = c.execute(
        text(f"""select t.code, t.name, t.kind, t.state, t.heading_deg, t.field_of_view_deg, t.range_m, t.installed_on,
                       t.last_seen_at, a.code, a.name, ST_X(t.geom), ST_Y(t.geom), {PICTURE_SQL}
                from cameras t left join areas a on a.id = t.area_id where t.code = :code"""),
        {"code": code},
    ).one_or_none()
    if row is None:
        raise NotFound(f"There is no camera with the code “{code[:60]}”.")
    return Camera(*row)
