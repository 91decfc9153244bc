"""Counts per cell for whoever draws them: from the cube, else from ticket rows and then from memory."""

from __future__ import annotations

from sqlalchemy import Connection

from app.http.house import House
from geodata.cube import answers
from geodata.queries import heat as heat_query
from geodata.queries.heat import CellCounts
from geodata.types import BBox, Question


def counted(c: Connection, house: House, q: Question, resolution: int, bbox: BBox | None) -> CellCounts:
    """The counts of a question in a box, from the cube, else from rows and then from memory while the data stays."""
    found = answers.from_cube(c, house.profile, q, resolution, bbox)
    return found if found is not None else answers.within(_from_rows(c, house, q, resolution), bbox)


def cells_of(c: Connection, house: House, q: Question, resolution: int) -> CellCounts:
    """The counts of a question everywhere."""
    return counted(c, house, q, resolution, None)


def _from_rows(c: Connection, house: House, q: Question, resolution: int) -> CellCounts:
    key = (house.version(), resolution, q)
    return house.cells.get(key, lambda: heat_query.cell_counts(c, house.profile, q, resolution))
