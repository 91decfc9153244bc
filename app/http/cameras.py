"""Cameras: those that see a point."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Query

from app.http.arguments import number
from app.http.guard import required_account
from app.http.house import Reading, TheHouse
from app.http.layers import layer_for_reader
from geodata.queries.cameras_near import seeing

router = APIRouter(tags=["cameras"])
MOST_NEAR = 20


@router.get("/api/cameras/near", summary="Cameras that see a point")
def near(
    c: Reading, house: TheHouse,
    lon: Annotated[float, Query(ge=-180, le=180)], lat: Annotated[float, Query(ge=-85, le=85)], limit: int = 4,
) -> dict[str, Any]:  # fmt: skip
    """The best cameras for a point, those online first; `sees` is false where they are only the nearest."""
    layer_for_reader("cameras")
    most = number("limit", limit, 1, MOST_NEAR)
    found = seeing(c, house.profile, lon, lat, limit=most, area=required_account().area_code)
    return {"lon": lon, "lat": lat, "cameras": [asdict(one) for one in found]}
