"""Located tickets per H3 cell, and the limits of the colour classes."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query
from sqlalchemy import Connection

from app.http.arguments import Asked, OptionalBox, number
from app.http.house import House, Reading, TheHouse
from geodata.queries import freshness, heat as heat_query
from geodata.queries.heat import CellCounts
from geodata.types import Question

Resolution = Annotated[int, Query(description="H3 resolution: 9, 10 or 11")]

router = APIRouter(tags=["heat"])


@router.get("/api/heat", summary="Tickets per hexagon")
def heat(
    c: Reading, house: TheHouse, q: Asked, bbox: OptionalBox, resolution: Resolution = 9
) -> dict[str, Any]:
    """Cells whose centre lies in the bbox (without one: everywhere), each with its whole count."""
    number("resolution", resolution, 9, 11)
    found = heat_query.within(cells_of(c, house, q, resolution), bbox)
    return {
        "resolution": resolution,
        "cells": [{"cell": hexagon.cell, "count": hexagon.count} for hexagon in found],
        "total": sum(hexagon.count for hexagon in found),
    }


@router.get("/api/heat/breaks", summary="Limits of the heat map's colour classes")
def breaks(c: Reading, house: TheHouse, q: Asked, resolution: Resolution = 9,
           classes: Annotated[int, Query(description="2 to 9 classes")] = 7) -> dict[str, Any]:  # fmt: skip
    """The lowest count of each class; classes hold equally many cells where counts allow it."""
    number("resolution", resolution, 9, 11)
    number("classes", classes, 2, 9)
    counted = cells_of(c, house, q, resolution)
    return {
        "resolution": resolution,
        "breaks": heat_query.breaks(counted.counts.tolist(), classes),
        "maximum": int(counted.counts.max()) if len(counted.counts) else None,
        "unit": {"zh": "件/六边形", "en": "tickets per hexagon"},
        "as_of": freshness.data_as_of(c)["tickets"],
    }


def cells_of(c: Connection, house: House, q: Question, resolution: int) -> CellCounts:
    """The counts of a question, from memory while the data stays the same."""
    key = (house.version(), resolution, q)
    return house.cells.get(key, lambda: heat_query.cell_counts(c, house.profile, q, resolution))
