"""The rows of an overlay as GeoJSON (RFC 7946, EPSG:4326), for programs and for the few that a page shows whole."""

from __future__ import annotations

import json
from typing import Any

import h3.api.basic_int as h3
from sqlalchemy import Connection, text

from geodata.profile import Profile
from geodata.queries.heat import cell_counts, within
from geodata.queries.question import Condition, condition, device_condition
from geodata.queries.relations import relation
from geodata.queries.sources import Cells, Shapes, Tiles
from geodata.types import BBox, Question

ORDER = {"tickets": "t.received_at desc, t.id desc"}  # by an index: a window is a run of it
DECIMALS = 6  # of a degree: 0.1 m


def features(
    c: Connection,
    profile: Profile,
    source: Shapes | Tiles | Cells,
    q: Question,
    *,
    bbox: BBox | None,
    limit: int,
) -> dict[str, Any]:
    """A FeatureCollection of at most `limit` features that meet the box; `truncated` says that there are more."""
    if isinstance(source, Cells):
        return _hexagons(c, profile, q, bbox, limit)
    drawn = relation(source)
    where = _chosen(c, profile, source, q)
    conditions = [*drawn.conditions, where.sql]
    parameters = drawn.parameters | where.parameters | {"limit": limit + 1}
    if bbox:
        conditions.append("ST_Intersects(t.geom, ST_MakeEnvelope(:west, :south, :east, :north, 4326))")
        parameters |= bbox._asdict()
    listed = " and ".join(f"({part})" for part in conditions)
    pairs = ", ".join(f"'{name}', {sql}" for name, sql in drawn.attributes.items())
    rows = c.execute(
        text(f"""select t.id, json_build_object({pairs}), ST_AsGeoJSON(t.geom, {DECIMALS})::json
                 from {drawn.from_sql} where {listed} order by {ORDER.get(source.table, "t.id")} limit :limit"""),
        parameters,
    ).all()
    found = [{"type": "Feature", "id": row[0], "properties": row[1], "geometry": row[2]} for row in rows]
    return _collection(found, limit)


def _chosen(c: Connection, profile: Profile, source: Shapes | Tiles, q: Question) -> Condition:
    if source.table == "tickets":
        return condition(c, profile, q)
    if source.table in ("cameras", "sensors"):
        return device_condition(c, profile, q)
    if source.table == "areas":
        return Condition(
            "t.valid_from <= :on and (t.valid_to is null or t.valid_to > :on)", {"on": q.window.last}
        )
    return Condition("true", {})


def _hexagons(c: Connection, profile: Profile, q: Question, bbox: BBox | None, limit: int) -> dict[str, Any]:
    counted = within(cell_counts(c, profile, q, 9), bbox)[: limit + 1]
    found = []
    for hexagon in counted:
        ring = [
            [round(lon, DECIMALS), round(lat, DECIMALS)]
            for lat, lon in h3.cell_to_boundary(h3.str_to_int(hexagon.cell))
        ]
        found.append({
            "type": "Feature",
            "properties": {"cell": hexagon.cell, "count": hexagon.count},
            "geometry": {"type": "Polygon", "coordinates": [[*ring, ring[0]]]},
        })  # fmt: skip
    return _collection(found, limit)


def _collection(found: list[dict[str, Any]], limit: int) -> dict[str, Any]:
    return {"type": "FeatureCollection", "truncated": len(found) > limit, "features": found[:limit]}


def as_text(collection: dict[str, Any]) -> str:
    """A collection as compact JSON."""
    return json.dumps(collection, ensure_ascii=False, separators=(",", ":"))
