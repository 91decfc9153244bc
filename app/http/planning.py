"""The planner's figures over HTTP: ranking, trend, matrix, breakdown, times, and cells compared."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from typing import Annotated, Any, Literal

import numpy as np
from fastapi import APIRouter, Depends, Query
from sqlalchemy import Connection

from app.http.arguments import Asked, OptionalBox, day, number
from app.http.guard import required_account
from app.http.heat import cells_of
from app.http.house import House, Reading, TheHouse
from geodata.commands.accounts import Account
from geodata.errors import BadArgument, Denied
from geodata.queries import comparison, freshness
from geodata.queries.comparison import CellValues, Mode
from geodata.queries.shown import Reader
from geodata.rules.comparison import DIVERGING_CLASSES, Scale, diverging_scale, rate_scale, year_before
from geodata.rules.suppression import applies, hide_cells
from geodata.space.hexes import as_text, centres, from_text, outline
from geodata.types import Question, Window

PLANNERS = ("planner", "commander", "operator", "admin")
DEEPEST = 9
DEGREES = 6  # decimals of a coordinate, 0.1 m

router = APIRouter(prefix="/api/planning", tags=["planning"])


def before(
    q: Asked,
    vs: Annotated[
        str,
        Query(
            description="Compared with: before, year, none, or two days joined by _ (YYYY-MM-DD_YYYY-MM-DD)"
        ),
    ] = "before",
) -> Window | None:
    """The window that an address compares with."""
    if vs == "none":
        return None
    if vs == "before":
        return q.window.previous()
    if vs == "year":
        return Window(year_before(q.window.first), year_before(q.window.last), q.window.zone)
    first, _, last = vs.partition("_")
    found = _day(first), _day(last)
    if found[0] > found[1]:
        raise BadArgument("vs", f"The first day {found[0]} comes after the last day {found[1]}.")
    return Window(found[0], found[1], q.window.zone)


Before = Annotated[Window | None, Depends(before)]
Level = Annotated[str, Query(description="Which areas are ranked: a level of this district")]


def planner() -> Account:
    """Who asks; refused for the screens and the teams."""
    account = required_account()
    if account.role not in PLANNERS:
        raise Denied(f"This is for the roles {', '.join(PLANNERS)}.")
    return account


@router.get("/ranking", summary="Areas of a level ranked by tickets")
def ranking(c: Reading, house: TheHouse, q: Asked, other: Before, level: Level = "") -> dict[str, Any]:
    """Each area with count, count before, change, per km², per 1,000 residents, on-time rate, median response, share."""
    wanted = level or house.profile.levels[min(1, len(house.profile.levels) - 1)].key
    return _said(asdict(_reader(c, house, q, other).ranking(wanted)), other)


@router.get("/trend", summary="Tickets of each day beside another window")
def trend(c: Reading, house: TheHouse, q: Asked, other: Before) -> dict[str, Any]:
    """Null is a day nothing is known of, or one in `hidden`."""
    return _said(asdict(_reader(c, house, q, other).trend()), other)


@router.get("/matrix", summary="Tickets by weekday and hour")
def matrix(c: Reading, house: TheHouse, q: Asked) -> dict[str, Any]:
    """Seven rows from Monday on of 24 hours; null is hidden."""
    return {"matrix": _reader(c, house, q, None).matrix()}


@router.get("/breakdown", summary="Tickets by category")
def breakdown(c: Reading, house: TheHouse, q: Asked, other: Before, depth: int = 1) -> dict[str, Any]:
    """At a depth of the responsibility list."""
    number("depth", depth, 1, DEEPEST)
    rows = _reader(c, house, q, other).breakdown(depth)
    return _said({"rows": [asdict(row) | {"title": row.title._asdict()} for row in rows]}, other)


@router.get("/times", summary="Response, deadlines, what is open")
def times(c: Reading, house: TheHouse, q: Asked) -> dict[str, Any]:
    """Hours from receipt to closing, the on-time rate, and what is open and overdue."""
    return asdict(_reader(c, house, q, None).times())


@router.get("/comparison", summary="Hexagons compared")
def compare(*, c: Reading, house: TheHouse, q: Asked, other: Before, bbox: OptionalBox, mode: Mode = "before",
            resolution: Annotated[int, Query(description="H3 resolution: 9, 10 or 11")] = 9,
            form: Annotated[Literal["json", "geojson"], Query(alias="format")] = "json") -> dict[str, Any]:  # fmt: skip
    """Each cell with its difference or rate and its class; a null value is missing, or hidden where `hidden` says so.

    `limits` part the classes: a value's class is how many of them it reaches. As GeoJSON the cells have outlines, only those
    with a class are there, and differences are always in seven classes of which 3 is “about the same”.
    """
    planner()
    number("resolution", resolution, 9, 11)
    found, hidden, scale = compared_cells(c, house, q, other, mode=mode, resolution=resolution)
    classes = scale.class_of(np.where(hidden, np.nan, found.values))
    lon, lat = centres(found.cells)
    inside = np.ones(len(lon), bool)
    if bbox:
        inside = (lon >= bbox.west) & (lon <= bbox.east) & (lat >= bbox.south) & (lat <= bbox.north)
    rows = [
        {"cell": as_text(int(found.cells[n])), "value": _number(found.values[n], hidden[n]), "class": int(classes[n]),
         "hidden": bool(hidden[n])}
        for n in np.flatnonzero(inside)
    ]  # fmt: skip
    head = {
        "mode": mode, "resolution": resolution, "unit": found.unit._asdict(), "diverging": found.diverging,
        "limits": list(scale.limits), "classes": scale.classes,
        "missing": found.missing._asdict() if found.missing else None,
        "compared_with": _days(found.window_before),
        "as_of": freshness.data_as_of(c)["tickets"],
    }  # fmt: skip
    return head | ({"cells": rows} if form == "json" else _collection(rows, scale))


def _collection(rows: list[dict[str, Any]], scale: Scale) -> dict[str, Any]:
    """Cells with a class as features; fewer classes than seven stand about the middle."""
    shift = DIVERGING_CLASSES // 2 - scale.classes // 2 if scale.diverging else 0
    features = [
        {"type": "Feature", "properties": row | {"class": row["class"] + shift},
         "geometry": {"type": "Polygon", "coordinates": [[
             [round(lon, DEGREES), round(lat, DEGREES)] for lon, lat in outline(from_text(row["cell"])).exterior.coords]]}}
        for row in rows if row["class"] >= 0
    ]  # fmt: skip
    return {"type": "FeatureCollection", "features": features}


def compared_cells(
    c: Connection, house: House, q: Question, other: Window | None, *, mode: Mode, resolution: int, leaves: bool = False
) -> tuple[CellValues, np.ndarray[Any, np.dtype[np.bool_]], Scale]:  # fmt: skip
    """Cells compared as the asker may see them: values, which are hidden, and the scale of those that are not."""
    found = comparison.comparison_cells(
        c, house.profile, q, mode, resolution, before=other, rasters=house.settings.rasters,
        counts=lambda asked: cells_of(c, house, asked, resolution),
    )  # fmt: skip
    hidden = np.zeros(len(found.cells), bool)
    if applies(required_account().role, resolution=resolution, leaves=leaves):
        hidden = hide_cells(found.counts)
        if found.before is not None:
            hidden |= hide_cells(found.before)
    seen = found.values[~hidden]
    return found, hidden, diverging_scale(seen) if found.diverging else rate_scale(seen)


def _reader(c: Connection, house: House, q: Question, other: Window | None) -> Reader:
    hides = applies(planner().role)
    return Reader(c, house.profile, q, other, hides, rasters=house.settings.rasters)


def _said(answer: dict[str, Any], other: Window | None) -> dict[str, Any]:
    return answer | {"compared_with": _days(other)}


def _days(window: Window | None) -> dict[str, str] | None:
    return {"from": window.first.isoformat(), "to": window.last.isoformat()} if window else None


def _number(value: float, hidden: bool) -> float | None:
    return None if hidden or not np.isfinite(value) else float(value)


def _day(text: str) -> date:
    found = day("vs", text)
    if found is None:
        raise BadArgument(
            "vs", "vs must be before, year, none, or two days joined by _, as in 2026-01-01_2026-01-31."
        )
    return found
