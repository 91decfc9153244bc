"""Areas and the figures of each."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query

from app.http.arguments import Asked, Category, From, Hours, Scheme, To, day, question
from app.http.house import House, Reading, TheHouse
from geodata.queries import areas as areas_query, tickets
from geodata.queries.areas import Area
from geodata.queries.people import residents

On = Annotated[str | None, Query(description="As they were on this day; default today")]
Level = Annotated[str | None, Query(description="Only one level of the scheme")]

router = APIRouter(tags=["areas"])


@router.get("/api/areas", summary="Areas valid on a day")
def areas(
    c: Reading, house: TheHouse, scheme: Scheme = None, on: On = None, level: Level = None
) -> dict[str, Any]:
    """All areas of a scheme, the largest level first."""
    asked = _day(house, on)
    found = areas_query.list_areas(c, scheme or house.profile.scheme, asked, level)
    return {"on": asked, "areas": [_listed(area) for area in found]}


@router.get("/api/areas/{code}", summary="One area")
def area(c: Reading, house: TheHouse, code: str, scheme: Scheme = None, on: On = None) -> dict[str, Any]:
    """An area with the chain above it, the areas below it, its box and its outline (GeoJSON)."""
    asked, profile = _day(house, on), house.profile
    found = areas_query.get_area(c, profile, code, scheme, asked)
    own = scheme in (None, profile.scheme)
    return {
        **_listed(found),
        "breadcrumb": [_listed(step) for step in areas_query.breadcrumb(c, profile, code, asked)]
        if own
        else [],
        "children": [_listed(child) for child in areas_query.children(c, profile, code, asked)]
        if own
        else [],
        "bbox": areas_query.bounds(c, profile, code, asked, scheme),
        "geometry": areas_query.outline(c, profile, code, asked, scheme),
    }


@router.get("/api/areas/{code}/summary", summary="The figures of an area in a window")
def summary(
    *, c: Reading, house: TheHouse, code: str, first: From = None, last: To = None, category: Category = None,
    scheme: Scheme = None, hours: Hours = None,
) -> dict[str, Any]:  # fmt: skip
    """Tickets, with the window before; cameras, sensors and people as of now."""
    q = question(
        house=house, first=first, last=last, category=category, area=code, scheme=scheme, hours=hours
    )
    people = residents(c, house.profile, house.settings.rasters, q)
    return tickets.summary(c, house.profile, q, datetime.now(UTC), people).as_json()


@router.get("/api/tickets/per-hour", summary="Tickets received in each hour", tags=["tickets"])
def per_hour(c: Reading, house: TheHouse, q: Asked) -> dict[str, Any]:
    """Every hour of the window (UTC) with its count."""
    return {"hours": [{"at": at, "count": n} for at, n in tickets.per_hour(c, house.profile, q)]}


@router.get("/api/tickets/per-day", summary="Tickets received on each day", tags=["tickets"])
def per_day(c: Reading, house: TheHouse, q: Asked) -> dict[str, Any]:
    """Every day of the window with its count."""
    return {"days": [{"day": on, "count": n} for on, n in tickets.per_day(c, house.profile, q)]}


def _day(house: House, on: str | None) -> date:
    return day("on", on) or house.profile.today()


def _listed(area: Area) -> dict[str, Any]:
    return {
        "code": area.code, "name": area.name, "name_en": area.name_en, "level": area.level, "parent": area.parent_code,
        "valid_from": area.valid_from, "valid_to": area.valid_to, "area_km2": area.area_km2,
    }  # fmt: skip
