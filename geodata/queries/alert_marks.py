"""Open alerts as the map draws them: where, which outline, how bad, whether somebody has taken it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, text

from geodata.profile import Profile
from geodata.queries.question import area_ids
from geodata.types import BBox

DECIMALS = 6  # of a degree: 0.1 m
OPEN = f"""
    select a.id, a.level, a.state, a.rule, a.subject_kind, a.subject_key, a.subject_name, a.subject_name_en,
           a.drill_id is not null as drill, a.muted_by is not null as muted, a.raised_at, a.acknowledged_at,
           ST_X(a.geom) as lon, ST_Y(a.geom) as lat, i.state as incident_state,
           ST_AsGeoJSON(coalesce(a.outline, a.geom), {DECIMALS})::json as shape
    from alerts a left join incidents i on i.id = a.incident_id
    where a.closed_at is null and a.geom is not null and ({{where}})
    order by a.level = 'danger', a.level = 'warning', a.level = 'watch', a.raised_at desc
    limit :limit"""
INSIDE = "a.area_id = any(:area_ids)"
MEETS = "ST_Intersects(coalesce(a.outline, a.geom), ST_MakeEnvelope(:west, :south, :east, :north, 4326))"


def marks(
    c: Connection, profile: Profile, area: str | None, bbox: BBox | None, limit: int
) -> list[dict[str, Any]]:
    """GeoJSON features of the open alerts in an area (None: all) that meet a box, the worst last; EPSG:4326."""
    parts, bound = ["true"], dict[str, Any](limit=limit)
    if area is not None and area != profile.code:
        parts.append(INSIDE)
        bound["area_ids"] = area_ids(c, area)
    if bbox:
        parts.append(MEETS)
        bound |= bbox._asdict()
    rows = c.execute(text(OPEN.format(where=" and ".join(parts))), bound).mappings()
    return [_feature(dict(row)) for row in rows]


def _feature(row: dict[str, Any]) -> dict[str, Any]:
    shape = row.pop("shape")
    number = row.pop("id")
    about = {key: value.isoformat() if hasattr(value, "isoformat") else value for key, value in row.items()}
    about["taken"] = about["acknowledged_at"] is not None or about["state"] == "incident"
    return {"type": "Feature", "id": number, "properties": about, "geometry": shape}
