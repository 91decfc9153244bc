"""Overlays as GeoJSON."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from app.http.arguments import Asked, OptionalBox, number
from app.http.house import Reading, TheHouse
from app.http.layers import layer_for_reader
from app.http.stretches import stretches_of
from app.http.tiles import private
from geodata.errors import NotFound
from geodata.queries import alert_marks, features as features_query
from geodata.queries.sources import Classed, OpenAlerts, People, Raster, Stretches
from geodata.queries.stretch_tiles import stretch_features

MOST = 20_000

router = APIRouter(tags=["layers"])


@router.get("/api/layers/{key}/features", summary="An overlay as GeoJSON", response_class=Response)
def features(
    *, request: Request, c: Reading, house: TheHouse, q: Asked, key: str, bbox: OptionalBox,
    limit: Annotated[int, Query(description=f"At most so many, 1 to {MOST}")] = 2000,
) -> Response:  # fmt: skip
    """A FeatureCollection of what meets the bbox; `truncated` says that there is more."""
    source = layer_for_reader(key, house.profile).source
    if isinstance(source, Raster):
        raise NotFound(f"The layer “{key}” is a picture and has no features: ask /raster/{key}.")
    if isinstance(source, Classed):
        raise NotFound(f"The layer “{key}” is answered by a door of its own: ask {source.door}.")
    if isinstance(source, People):
        raise NotFound(
            f"The layer “{key}” is drawn from tiles only: ask /tiles/{key}, or /api/crowd for its places."
        )
    number("limit", limit, 1, MOST)
    if isinstance(source, OpenAlerts):
        marks = alert_marks.marks(c, house.profile, q.area, bbox, limit)
        return Response(
            features_query.as_text({"type": "FeatureCollection", "truncated": False, "features": marks}),
            media_type="application/geo+json",
            headers={"Cache-Control": "no-store"},
        )
    if isinstance(source, Stretches):
        found = stretch_features(stretches_of(house, q), bbox, limit)
        return private(request, features_query.as_text(found).encode(), "application/geo+json")
    found = features_query.features(c, house.profile, source, q, bbox=bbox, limit=limit)
    return private(request, features_query.as_text(found).encode(), "application/geo+json")
