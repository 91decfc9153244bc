"""Overlays as GeoJSON."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from app.http.arguments import Asked, OptionalBox, number
from app.http.house import Reading, TheHouse
from app.http.layers import layer_for_reader
from app.http.tiles import private
from geodata.errors import NotFound
from geodata.queries import features as features_query
from geodata.queries.sources import Raster

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
    found = features_query.features(
        c, house.profile, source, q, bbox=bbox, limit=number("limit", limit, 1, MOST)
    )
    return private(request, features_query.as_text(found).encode(), "application/geo+json")
