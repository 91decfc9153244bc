"""Cells and roads that stand out: significance, emerging hot spots, and density along roads."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Annotated, Any, Literal

import h3.api.basic_int as h3
import numpy as np
import shapely
from fastapi import APIRouter, Query, Request, Response
from sqlalchemy import Connection

from app.http.arguments import Asked, number
from app.http.heat import cells_of
from app.http.house import House, Reading, TheHouse
from app.http.layers import layer_for_reader
from app.http.tiles import private
from geodata.errors import BadArgument
from geodata.queries import emerging as emerging_query, freshness, significance as significance_query
from geodata.queries.heat import CellCounts
from geodata.queries.road_density import LineClasses, road_density
from geodata.queries.significance import CellClasses
from geodata.rules.hotspots.network_density import BANDWIDTH_M
from geodata.rules.hotspots.reading import EXPOSURES, Exposure
from geodata.space.hexes import as_text
from geodata.types import Bilingual, Question

Resolution = Annotated[int, Query(description="H3 resolution: 9, 10 or 11")]
Against = Annotated[
    str,
    Query(
        description="What tickets are held against: none, population, area, tickets (of all other categories), history"
    ),
]
Form = Annotated[
    Literal["json", "geojson"], Query(alias="format", description="json, or geojson with outlines")
]
JSON, GEOJSON = "application/json", "application/geo+json"
DEGREES = 6  # decimals of a coordinate, 0.1 m

router = APIRouter(tags=["hotspots"])


@router.get("/api/hotspots/cells", summary="Hexagons with more tickets than chance", response_class=Response)
def cells(
    *, request: Request, c: Reading, house: TheHouse, q: Asked, resolution: Resolution = 10,
    method: Annotated[Literal["gi", "moran"], Query(description="Getis-Ord Gi* or local Moran")] = "gi",
    exposure: Against = "none", form: Form = "json",
) -> Response:  # fmt: skip
    """Cells whose number is no chance, with class, false-discovery rate and a reading; the others are not listed."""
    layer_for_reader("significance", house.profile)
    number("resolution", resolution, 9, 11)
    against = _exposure(exposure)

    def found() -> CellClasses:
        return significance_query.significance(
            c, house.profile, q, resolution, method=method, exposure=against, rasters=house.settings.rasters,
            counted=_counter(c, house),
        )  # fmt: skip

    key = ("significance", house.version(), q, resolution, method, exposure, form)
    return _kept(request, house, key, form, lambda: _cells(c, found(), resolution, form))


@router.get("/api/hotspots/emerging", summary="Emerging hot spots", response_class=Response)
def emerging(
    *, request: Request, c: Reading, house: TheHouse, q: Asked, resolution: Resolution = 10,
    step: Annotated[int | None, Query(description="Days of a step; default 7, or a tenth of a short window")] = None,
    exposure: Against = "none", form: Form = "json",
) -> Response:  # fmt: skip
    """Cells by how their steps ran: new, consecutive, intensifying, persistent and so on, hot and cold."""
    layer_for_reader("emerging", house.profile)
    number("resolution", resolution, 9, 11)
    step_days = (
        emerging_query.usual_step_days(q.window.days) if step is None else number("step", step, 1, 366)
    )
    against = _exposure(exposure)

    def found() -> CellClasses:
        return emerging_query.emerging(
            c, house.profile, q, resolution, step_days=step_days, exposure=against, rasters=house.settings.rasters,
            counted=_counter(c, house),
        )  # fmt: skip

    key = ("emerging", house.version(), q, resolution, step_days, exposure, form)
    return _kept(
        request, house, key, form, lambda: _cells(c, found(), resolution, form) | {"step_days": step_days}
    )


@router.get("/api/hotspots/lines", summary="Density of tickets along roads", response_class=Response)
def lines(
    *, request: Request, c: Reading, house: TheHouse, q: Asked,
    bandwidth: Annotated[float, Query(description="How far a ticket counts along the road, m, 30 to 1000")] = BANDWIDTH_M,
) -> Response:  # fmt: skip
    """GeoJSON lines in classes of density, tickets per 100 m of road; roads below the first class are not listed."""
    layer_for_reader("road_density", house.profile)
    key = ("road_density", house.version(), q, bandwidth)
    return _kept(
        request, house, key, "geojson", lambda: _lines(c, road_density(c, house.profile, q, bandwidth))
    )


def _kept(
    request: Request, house: House, key: tuple[object, ...], form: str, answer: Callable[[], dict[str, Any]]
) -> Response:
    body = house.tiles.get(
        key, lambda: json.dumps(answer(), ensure_ascii=False, allow_nan=False, default=str).encode()
    )
    return private(request, body, GEOJSON if form == "geojson" else JSON)


def _counter(c: Connection, house: House) -> significance_query.Counter:
    def counted(q: Question, resolution: int) -> CellCounts:
        return cells_of(c, house, q, resolution)

    return counted


def _exposure(value: str) -> Exposure:
    for known in EXPOSURES:
        if value == known:
            return known
    raise BadArgument("exposure", f"The exposure must be one of {', '.join(EXPOSURES)}.")


def _cells(c: Connection, found: CellClasses, resolution: int, form: str) -> dict[str, Any]:
    """What a cell is told with: its class and q; its statistic only where it is high, as a low one tells small counts."""
    told = np.flatnonzero(found.classes != found.neutral)
    numbers = np.bincount(found.classes, minlength=len(found.keys)).tolist()
    head = {
        "resolution": resolution, "neutral": found.neutral, "reading": found.reading._asdict(), "total": found.total,
        "outside": found.outside, "as_of": freshness.data_as_of(c)["tickets"],
        "classes": [{"key": key, "label": label._asdict(), "reading": reading._asdict(), "cells": n}
                    for key, label, reading, n in zip(found.keys, found.labels, found.readings, numbers, strict=True)],
    }  # fmt: skip
    rows = [_row(found, at) for at in told.tolist()]
    if form == "json":
        return head | {"cells": rows}
    features = [
        {
            "type": "Feature",
            "properties": row,
            "geometry": {"type": "Polygon", "coordinates": [_ring(int(cell))]},
        }
        for row, cell in zip(rows, found.cells[told].tolist(), strict=True)
    ]
    return head | {"type": "FeatureCollection", "features": features}


def _row(found: CellClasses, at: int) -> dict[str, Any]:
    row = {
        "cell": as_text(int(found.cells[at])), "class": int(found.classes[at]), "key": found.keys[found.classes[at]],
        "q": _number(found.q[at], 5), "z": _number(found.values[at], 2) if found.values[at] > 0 else None,
    }  # fmt: skip
    return row if found.trend_z is None else row | {"trend_z": _number(found.trend_z[at], 2)}


def _lines(c: Connection, found: LineClasses) -> dict[str, Any]:
    features = [
        {
            "type": "Feature",
            "properties": {"class": int(at), "per_100m": round(float(per), 2)},
            "geometry": shape,
        }
        for at, per, shape in zip(found.classes, found.per_100m, map(_geojson, found.lines), strict=True)
    ]
    unit = Bilingual("件/百米", "tickets per 100 m")
    return {
        "type": "FeatureCollection", "limits": [round(limit, 3) for limit in found.limits], "unit": unit._asdict(),
        "reading": found.reading._asdict(), "total": found.total, "off_road": found.off_road,
        "as_of": freshness.data_as_of(c)["tickets"], "features": features,
    }  # fmt: skip


def _geojson(line: shapely.LineString) -> dict[str, Any]:
    return {"type": "LineString", "coordinates": np.round(shapely.get_coordinates(line), DEGREES).tolist()}


def _ring(cell: int) -> list[list[float]]:
    ring = [[round(lon, DEGREES), round(lat, DEGREES)] for lat, lon in h3.cell_to_boundary(cell)]
    return [*ring, ring[0]]


def _number(value: float, digits: int) -> float | None:
    return round(float(value), digits) if np.isfinite(value) else None
