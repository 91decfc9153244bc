"""The cameras that see a point: found by the spatial index, judged in metres, buildings asked only where there are any."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from sqlalchemy import Connection, Row, text

from geodata.profile import Profile
from geodata.queries.cameras import PICTURE_SQL
from geodata.space import crs
from geodata.space.sight import BEYOND, USUAL_RANGE_M, Floats, Sight, Views, convergence_deg, hidden, look

LOOK_M = 500.0  # no camera tells anything of what is farther away
MARGIN = 1.02  # the search is on a sphere, the judging in the metric CRS

COLUMNS = f"""t.code, t.name, t.kind, t.state, t.heading_deg, t.field_of_view_deg, t.range_m, t.last_seen_at,
    ST_X(t.geom) as lon, ST_Y(t.geom) as lat, {PICTURE_SQL} as picture"""
HERE = "ST_Transform(ST_Point(:lon, :lat, 4326), 3857)"
WITHIN = """(cast(:area as text) is null
    or t.area_id in (select n.area_id from area_ancestors n where n.ancestor_code = :area))"""
IN_REACH = f"""
    select {COLUMNS} from cameras t
    where t.geom_3857 && ST_Expand({HERE}, :wide) and {WITHIN}
      and ST_Distance(t.geom_3857, {HERE}) <= :stretch * least(:most, :beyond * coalesce(t.range_m, :usual))
"""
NEAREST = f"select {COLUMNS} from cameras t where {WITHIN} order by t.geom_3857 <-> {HERE} limit :limit"
BUILDINGS = """
    select ST_AsBinary(b.geom), b.height_m from buildings b
    where b.geom && ST_MakeEnvelope(:west, :south, :east, :north, 4326)
"""


@dataclass(frozen=True, slots=True)
class Seeing:
    """A camera and how it looks at a point; `bearing_deg` is from the camera to the point, from true north.

    `sees` says whether the point is in its picture; `blocked` that a building stands between. `picture` is hls, snapshot,
    drawn (the demo's own drawing) or None.
    """

    code: str
    name: str
    kind: str
    state: str
    distance_m: float
    bearing_deg: float
    sees: bool
    blocked: bool
    score: float
    has_stream: bool
    picture: str | None
    last_seen_at: datetime | None
    lon: float
    lat: float


def seeing(
    c: Connection, profile: Profile, lon: float, lat: float, *, limit: int = 4, area: str | None = None
) -> list[Seeing]:
    """The best cameras for a point (EPSG:4326), those online first; only of an area when one is named.

    Where none that is online sees it, the nearest ones follow with `sees` false.
    """
    asked = _asked(profile, lon, lat, area)
    found = [one for one in _judged(c, profile, _rows(c, IN_REACH, asked), lon, lat) if one.sees]
    found.sort(key=lambda one: (one.state != "online", -one.score, one.code))
    if any(one.state == "online" for one in found):
        return found[:limit]
    known = {one.code for one in found}
    rows = _rows(c, NEAREST, asked | {"limit": limit + len(found)})
    others = [one for one in _judged(c, profile, rows, lon, lat) if one.code not in known]
    others.sort(key=lambda one: (one.state != "online", one.distance_m, one.code))
    return [*found, *others][:limit]


def _asked(profile: Profile, lon: float, lat: float, area: str | None) -> dict[str, Any]:
    stretch = MARGIN / np.cos(np.radians(lat))  # metres of EPSG:3857 in a metre on the ground
    return {
        "lon": lon, "lat": lat, "area": None if area == profile.code else area, "stretch": float(stretch),
        "wide": float(LOOK_M * stretch), "most": LOOK_M, "beyond": BEYOND, "usual": USUAL_RANGE_M,
    }  # fmt: skip


def _rows(c: Connection, statement: str, asked: dict[str, Any]) -> Sequence[Row[Any]]:
    return c.execute(text(statement), asked).all()


def _judged(
    c: Connection, profile: Profile, rows: Sequence[Row[Any]], lon: float, lat: float
) -> list[Seeing]:
    if not rows:
        return []
    places = np.array([*((row.lon, row.lat) for row in rows), (lon, lat)])
    metres = np.column_stack(crs.to_metric(places[:, 0], places[:, 1], profile.metric_srid))
    away = metres[-1] - metres[:-1]
    turn = convergence_deg(lon, lat, profile.metric_srid)
    sight = look(away[:, 0], away[:, 1], views_of(rows), turn)
    blocked = np.zeros(len(rows), bool)
    asks = np.flatnonzero(sight.sees)
    if len(asks):
        outlines, heights = buildings_around(c, profile, places[[*asks, -1]])
        targets = np.broadcast_to(metres[-1], (len(asks), 2))
        blocked[asks] = hidden(metres[asks], targets, outlines, heights)
    return [_seeing(row, sight, at, bool(blocked[at])) for at, row in enumerate(rows)]


def views_of(rows: Sequence[Row[Any]]) -> Views:
    """What cameras look at, from rows with heading_deg, field_of_view_deg and range_m."""
    told = [(row.heading_deg, row.field_of_view_deg, row.range_m) for row in rows]
    return Views(*np.array(told, float).reshape(-1, 3).T)  # None becomes NaN


def buildings_around(c: Connection, profile: Profile, places: Floats) -> tuple[NDArray[np.object_], Floats]:
    """Outlines in the metric CRS and heights in m (NaN unknown) of the buildings in the box around places (degrees)."""
    (west, south), (east, north) = places.min(axis=0).tolist(), places.max(axis=0).tolist()
    box = {"west": west, "south": south, "east": east, "north": north}
    rows = c.execute(text(BUILDINGS), box).all()
    outlines = np.array(shapely.from_wkb([bytes(row[0]) for row in rows]), object)
    heights = np.array([row[1] for row in rows], float)
    return (crs.shapes_to_metric(outlines, profile.metric_srid) if rows else outlines), heights


def _seeing(row: Row[Any], sight: Sight, at: int, blocked: bool) -> Seeing:
    sees = bool(sight.sees[at]) and not blocked
    return Seeing(
        row.code, row.name, row.kind, row.state, round(float(sight.distance_m[at]), 1),
        round(float(sight.bearing_deg[at]), 1) % 360.0, sees, blocked,
        round(float(sight.score[at]), 4) if sees else 0.0, row.picture is not None, row.picture, row.last_seen_at,
        row.lon, row.lat,
    )  # fmt: skip
