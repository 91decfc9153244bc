"""Hotspot roads and repeated demand over HTTP."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query

from app.hotspot_json import as_json, repeated_json
from app.http.arguments import Asked, number
from app.http.guard import required_account
from app.http.house import Reading, TheHouse
from app.http.layers import layer_for_reader
from geodata.queries.hotspot_roads import hotspot_roads, hotspot_roads_by_category
from geodata.queries.repeated import repeated
from geodata.rules.suppression import applies

MOST_CATEGORIES = 99  # the paragraph counts them in words

router = APIRouter(prefix="/api/hotspots", tags=["hotspots"])


@router.get("/roads", summary="Stretches of road that stand out")
def roads(
    *, c: Reading, house: TheHouse, q: Asked,
    level: Annotated[str | None, Query(description="Level of the areas; default the one below the district")] = None,
    per_area: Annotated[int, Query(description="Stretches in each area, 0 to 20; 0 is all")] = 1,
    together: Annotated[bool, Query(description="All categories of the question as one")] = False,
    limit: Annotated[int, Query(description=f"Categories, 1 to {MOST_CATEGORIES}, most tickets first")] = 10,
) -> dict[str, Any]:  # fmt: skip
    """Per category the worst stretch of each area with its tickets, the report's paragraph, and what is left out."""
    layer_for_reader("hotspot_roads")
    most = number("per_area", per_area, 0, 20) or None
    number("limit", limit, 1, MOST_CATEGORIES)
    if together:
        found = [hotspot_roads(c, house.profile, q, per_area=most, level=level)]
    else:
        found = hotspot_roads_by_category(c, house.profile, q, per_area=most, level=level, limit=limit)
    return as_json(found, suppressed=applies(required_account().role))


@router.get("/repeated", summary="Repeated demand")
def repeats(c: Reading, house: TheHouse, q: Asked) -> dict[str, Any]:
    """The same matter at the same place again and again in a short time: each event with its tickets."""
    layer_for_reader("tickets")
    found = repeated(c, house.profile, q)
    return repeated_json(found, suppressed=applies(required_account().role))
