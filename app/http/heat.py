"""Located tickets per H3 cell, and the limits of the colour classes."""

from __future__ import annotations

import struct
from typing import Annotated, Any, Literal

import numpy as np
from fastapi import APIRouter, Query, Request, Response

from app.http.arguments import Asked, OptionalBox, number
from app.http.cell_counts import cells_of, counted
from app.http.guard import required_account
from app.http.house import Reading, TheHouse
from app.http.tiles import private
from geodata.queries import freshness, heat as heat_query
from geodata.queries.heat import CellCounts
from geodata.queries.small_counts import HIDDEN_COUNT, shown_counts, without_small
from geodata.rules.suppression import applies

Resolution = Annotated[int, Query(description="H3 resolution: 9, 10 or 11")]
Format = Annotated[
    Literal["json", "binary"], Query(alias="format", description="json, or binary for programs")
]
BINARY, JSON = "application/octet-stream", "application/json"
MAGIC = b"YPH1"
FEW_CELLS = 30  # a screen with fewer cells says more when it shows the tickets themselves
POINTS = 1

__all__ = ["cells_of", "router"]
router = APIRouter(tags=["heat"])


@router.get("/api/heat", summary="Tickets per hexagon", response_class=Response)
def heat(
    *, request: Request, c: Reading, house: TheHouse, q: Asked, bbox: OptionalBox, resolution: Resolution = 9,
    form: Format = "json",
) -> Response:  # fmt: skip
    """Cells whose centre lies in the bbox (without one: everywhere), each with its whole count.

    `points` is true when fewer than 30 cells of the bbox hold something: draw the tickets themselves then. The binary
    form is little endian: `YPH1`, uint32 resolution, uint32 number of cells, uint32 flags (1: points), then the cells
    as int64 in ascending order, then their counts as int32. A count too small to be shown is null, −1 in binary, and
    not in `total`; `suppressed` says how many there are.
    """
    number("resolution", resolution, 9, 11)
    found = counted(c, house, q, resolution, bbox)
    if applies(required_account().role, resolution=resolution):
        found = without_small(found, lambda: cells_of(c, house, q, resolution))
    points = bbox is not None and 0 < len(found.cells) < FEW_CELLS
    if form == "binary":
        return private(request, as_bytes(found, resolution, points=points), BINARY)
    return private(request, as_json(found, resolution, points=points), JSON)


@router.get("/api/heat/breaks", summary="Limits of the heat map's colour classes")
def breaks(c: Reading, house: TheHouse, q: Asked, resolution: Resolution = 9,
           classes: Annotated[int, Query(description="2 to 9 classes")] = 7) -> dict[str, Any]:  # fmt: skip
    """The lowest count of each class; classes hold equally many cells where counts allow it."""
    number("resolution", resolution, 9, 11)
    number("classes", classes, 2, 9)
    everywhere = cells_of(c, house, q, resolution)
    if applies(required_account().role, resolution=resolution):
        everywhere = without_small(everywhere)
    counts = shown_counts(everywhere)
    return {
        "resolution": resolution,
        "breaks": heat_query.breaks(counts, classes),
        "maximum": int(counts.max()) if len(counts) else None,
        "unit": {"zh": "件/六边形", "en": "tickets per hexagon"},
        "as_of": freshness.data_as_of(c)["tickets"],
    }


def as_bytes(found: CellCounts, resolution: int, *, points: bool) -> bytes:
    """Cells once, then counts."""
    head = struct.pack("<4sIII", MAGIC, resolution, len(found.cells), POINTS if points else 0)
    return head + found.cells.astype("<i8").tobytes() + found.counts.astype("<i4").tobytes()


def as_json(found: CellCounts, resolution: int, *, points: bool) -> bytes:
    """A list of cells in hexadecimal with their counts; written by hand, because there are thousands."""
    shown = shown_counts(found)
    hidden = len(found.counts) - len(shown)
    told: list[object] = found.counts.tolist()
    if hidden:
        told = ["null" if count == HIDDEN_COUNT else count for count in told]
    pairs = zip(found.cells.tolist(), told, strict=True)
    cells = ",".join([f'{{"cell":"{cell:x}","count":{count}}}' for cell, count in pairs])
    few = "true" if points else "false"
    return (
        f'{{"resolution":{resolution},"cells":[{cells}],"total":{int(np.sum(shown))},"points":{few},"suppressed":{hidden}}}'
    ).encode()
