"""What a cube is made from: tickets as columns, their cells numbered as they come."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from geodata.cube.kernels import compiled
from geodata.errors import Refused
from geodata.space.hexes import RESOLUTIONS

CHUNK = 1 << 18
MOST_DAYS, MOST_PLACES, MOST_CATEGORIES = 1 << 16, 1 << 15, 1 << 15
Ints = NDArray[np.int64]
Column = NDArray[Any]


@dataclass(frozen=True, slots=True)
class Tickets:
    """Located tickets as columns of one length.

    `cells` are H3 cells by resolution, `places` and `categories` keys, `days` days since 1970-01-01, `hours` 0 to 23 of the
    local day. `parents` is the tree above the categories: key → key above, None at the top.
    """

    cells: Mapping[int, Ints]
    places: Column
    categories: Column
    days: Column
    hours: Column
    parents: Mapping[int, int | None] = field(default_factory=dict)


class Numbering:
    """Distinct cells and a number for each, in the order in which they came."""

    def __init__(self) -> None:
        self.known = 0
        self._slots, self._numbers = _table(1 << 12)

    def take(self, cells: Ints) -> NDArray[np.int32]:
        """The number of each cell."""
        found = np.empty(len(cells), np.int32)
        for begin in range(0, len(cells), CHUNK):
            part = np.ascontiguousarray(cells[begin : begin + CHUNK])
            self._make_room(len(part))
            self.known = compiled().number_cells(
                part, self._slots, self._numbers, found[begin : begin + CHUNK], self.known
            )
        return found

    def cells(self) -> Ints:
        """The cells by number."""
        taken = np.flatnonzero(self._slots)
        ordered = np.empty(self.known, np.int64)
        ordered[self._numbers[taken]] = self._slots[taken]
        return ordered

    def _make_room(self, coming: int) -> None:
        if 2 * (self.known + coming) <= len(self._slots):
            return
        cells, size = self.cells(), len(self._slots)
        while size < 2 * (self.known + coming):
            size *= 2
        self._slots, self._numbers = _table(size)
        compiled().number_cells(cells, self._slots, self._numbers, np.empty(len(cells), np.int32), 0)


@dataclass(slots=True)
class Columns:
    """Tickets in small numbers: what each stands for is in `cells`, `place_keys`, `category_keys`, `first_day`."""

    codes: dict[int, NDArray[np.int32]]
    cells: dict[int, Ints]
    places: NDArray[np.int16]
    place_keys: Ints
    categories: NDArray[np.int16]
    category_keys: Ints
    days: NDArray[np.uint16]
    first_day: int
    hours: NDArray[np.uint8]
    parents: Mapping[int, int | None]

    @property
    def tickets(self) -> int:
        """How many there are."""
        return len(self.days)

    @property
    def day_count(self) -> int:
        """Days from the first to the last."""
        return int(self.days.max()) + 1 if len(self.days) else 1


def columns_of(tickets: Tickets) -> Columns:
    """Number everything that is asked by its number."""
    codes, cells = {}, {}
    for resolution in RESOLUTIONS:
        numbering = Numbering()
        codes[resolution] = numbering.take(tickets.cells[resolution])
        cells[resolution] = numbering.cells()
    place_keys, places = small(tickets.places, np.int16, MOST_PLACES, "places")
    category_keys, categories = small(tickets.categories, np.int16, MOST_CATEGORIES, "categories")
    first_day = int(tickets.days.min()) if len(tickets.days) else 0
    if len(tickets.days) and int(tickets.days.max()) - first_day >= MOST_DAYS:
        raise Refused("The tickets span more than 179 years; one of them has a wrong date.")
    return Columns(
        codes, cells, places, place_keys, categories, category_keys,
        (tickets.days - first_day).astype(np.uint16), first_day, tickets.hours.astype(np.uint8), tickets.parents,
    )  # fmt: skip


def small(values: Column, kind: type, most: int, what: str) -> tuple[Ints, Column]:
    """Distinct values, ascending, and for each row which of them it is."""
    keys, at = numbered(values)
    if len(keys) > most:
        raise Refused(f"The cube holds at most {most} {what}, not {len(keys)}.")
    return keys.astype(np.int64), at.astype(kind, copy=False)


def numbered(values: Column) -> tuple[Column, Column]:
    """Distinct values, ascending, and for each row which of them it is; by a table where they are keys from 0 up."""
    highest = int(values.max(initial=0))
    if highest >= LONGEST_TABLE or values.min(initial=0) < 0:
        keys, at = np.unique(values, return_inverse=True)
        return keys, at.astype(np.int32)
    there = np.zeros(highest + 1, bool)
    there[values] = True
    keys = np.flatnonzero(there)
    place = np.zeros(highest + 1, np.int16 if len(keys) < 1 << 15 else np.int32)
    place[keys] = np.arange(len(keys), dtype=place.dtype)
    return keys, place[values]


def day_number(day: date) -> int:
    """Days since 1970-01-01."""
    return day.toordinal() - EPOCH


def _table(size: int) -> tuple[Ints, NDArray[np.int32]]:
    return np.zeros(size, np.int64), np.empty(size, np.int32)


LONGEST_TABLE = 1 << 24
EPOCH = date(1970, 1, 1).toordinal()
