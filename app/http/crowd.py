"""Crowds now: how each place stands, and whether the layers that are live still are."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from fastapi import APIRouter

from app.http.arguments import Asked
from app.http.house import Reading, TheHouse
from geodata.queries import crowd as crowd_query, live_layers
from geodata.queries.crowd import Place

router = APIRouter(tags=["crowd"])


@router.get("/api/crowd", summary="How each crowd place stands")
def crowd(c: Reading, house: TheHouse, q: Asked) -> dict[str, Any]:
    """People, density and level of every place; `stale_since` is set when the feed stands still."""
    stamps = crowd_query.newest(c)
    base = stamps.base
    return {
        "at": base.at if base else None,
        "stale_since": base.stale_since(datetime.now(UTC)) if base else None,
        "drill": stamps.drill is not None,
        "unit": {"zh": "人/平方米", "en": "people per m²"},
        "places": [_told(place) for place in crowd_query.places(c, house.profile, q.area, stamps)],
    }


@router.get("/api/layers/live", summary="Whether the layers that are live still are")
def live(c: Reading) -> dict[str, Any]:
    """For crowd, sensors and tickets: the moment they reach to, and since when their feeds stand still, if they do."""
    return {key: asdict(state) for key, state in live_layers.states(c, datetime.now(UTC)).items()}


def _told(place: Place) -> dict[str, Any]:
    answer = asdict(place)
    for name, digits in (("people", 0), ("density_per_m2", 3), ("peak_per_m2", 3), ("trend_per_min", 4)):
        if answer[name] is not None:
            answer[name] = round(answer[name], digits)
    return answer
