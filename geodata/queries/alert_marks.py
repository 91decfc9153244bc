"""Open alerts, and incidents opened by hand, as the map draws them: where, how bad, whether somebody has taken it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, text

from geodata.profile import Profile
from geodata.queries.hand_incidents import OPEN as OPEN_BY_HAND, RULE, UNRAISED
from geodata.queries.question import area_ids
from geodata.types import BBox

DECIMALS = 6  # of a degree: 0.1 m
OPEN = f"""
    select * from (
        select a.id, a.level, a.state, a.rule, a.subject_kind, a.subject_key, a.subject_name, a.subject_name_en,
               a.drill_id is not null as drill, a.muted_by is not null as muted, a.raised_at, a.acknowledged_at,
               ST_X(a.geom) as lon, ST_Y(a.geom) as lat, i.state as incident_state,
               ST_AsGeoJSON(coalesce(a.outline, a.geom), {DECIMALS})::json as shape
        from alerts a left join incidents i on i.id = a.incident_id
        where a.closed_at is null and a.geom is not null and ({{alerts}})
        union all
        select -t.id, t.level, 'incident', '{RULE}', 'incident', t.kind, t.title, null, t.drill_id is not null, false,
               t.opened_at, t.opened_at, ST_X(t.geom), ST_Y(t.geom), t.state, ST_AsGeoJSON(t.geom, {DECIMALS})::json
        from incidents t where {OPEN_BY_HAND} and {UNRAISED} and ({{incidents}})
    ) m order by m.level = 'danger', m.level = 'warning', m.level = 'watch', m.raised_at desc
    limit :limit"""
INSIDE = "{t}.area_id = any(:area_ids)"
MEETS = "ST_Intersects({shape}, ST_MakeEnvelope(:west, :south, :east, :north, 4326))"


def marks(
    c: Connection, profile: Profile, area: str | None, bbox: BBox | None, limit: int
) -> list[dict[str, Any]]:
    """GeoJSON features of what is open in an area (None: all) and meets a box, the worst last; EPSG:4326.

    An incident that was opened by hand has a key below zero, so that it is never taken for an alert.
    """
    parts, bound = ["true"], dict[str, Any](limit=limit)
    if area is not None and area != profile.code:
        parts.append(INSIDE)
        bound["area_ids"] = area_ids(c, area)
    if bbox:
        parts.append(MEETS)
        bound |= bbox._asdict()
    asked = " and ".join(parts)
    told = OPEN.format(
        alerts=asked.format(t="a", shape="coalesce(a.outline, a.geom)"),
        incidents=asked.format(t="t", shape="t.geom"),
    )
    rows = c.execute(text(told), bound).mappings()
    return [_feature(dict(row)) for row in rows]


def _feature(row: dict[str, Any]) -> dict[str, Any]:
    shape = row.pop("shape")
    number = row.pop("id")
    about = {key: value.isoformat() if hasattr(value, "isoformat") else value for key, value in row.items()}
    about["taken"] = about["acknowledged_at"] is not None or about["state"] == "incident"
    return {"type": "Feature", "id": number, "properties": about, "geometry": shape}
