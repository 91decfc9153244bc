"""What is usual along the roads: tickets of a year by category and step, and in which areas they lay, counted once a month and kept by the process.

A month that is over changes only by a load, which the store's data version tells; the month that runs is counted anew when
it was counted a minute ago.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from threading import Lock
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sqlalchemy import Connection, text

from geodata.profile import Profile
from geodata.queries.freshness import data_version
from geodata.queries.relations import LOCATED_SQL
from geodata.queries.road_network import RoadNetwork
from geodata.rules.hotspots.usual import usual
from geodata.types import Window

MONTHS_BEFORE = 12
FRESH_S = 60.0
KEPT = 400  # months
PIECE_M = 10  # tickets are counted by pieces of road, which are then given to steps
Floats = NDArray[np.float64]
Table: TypeAlias = Any  # a sparse array of tickets by (category key, step); scipy's has no type

TOLD = f"""
    select string_agg(int4send(t.category_id::int), ''), string_agg(int8send(t.road_id), ''),
           string_agg(int4send((t.road_offset_m / {PIECE_M})::int), ''), string_agg(int8send(coalesce(t.area_id, 0)), '')
    from tickets t
    where t.received_at >= :start and t.received_at < :end and t.road_id is not null
      and not t.is_default_point and {LOCATED_SQL}"""


@dataclass(frozen=True)
class Usual:
    """Tickets of a year by category key and step of road, and by area key and step."""

    roads: RoadNetwork
    table: Table
    areas: Table
    every: Floats

    def of(self, categories: Sequence[int]) -> Floats:
        """By step what these categories together are proportional to."""
        rows = [key for key in categories if key < self.table.shape[0]]
        own = (
            np.asarray(self.table[rows].sum(axis=0), np.float64).ravel()
            if rows
            else np.zeros(len(self.every))
        )
        return usual(self.roads.streets, own, self.every - own)


@dataclass(frozen=True, slots=True)
class Month:
    """Tickets of a month by step: in rows by category key, and by area key."""

    categories: Table
    areas: Table


_known: dict[tuple[Any, ...], tuple[float, Month]] = {}
_one_at_a_time = Lock()


def usual_of(c: Connection, profile: Profile, window: Window, roads: RoadNetwork) -> Usual:
    """The year before a window's month, and all months of the window."""
    months = counted(c, profile, roads, months_of(window))
    whole = _together([month.categories for month in months])
    areas = _together([month.areas for month in months])
    return Usual(roads, whole, areas, np.asarray(whole.sum(axis=0), np.float64).ravel())


def months_of(window: Window) -> range:
    """The months that tell what was usual before and in a window, as numbers."""
    return range(_month(window.first) - MONTHS_BEFORE, _month(window.last) + 1)


def counted(c: Connection, profile: Profile, roads: RoadNetwork, months: range) -> list[Month]:
    """The tickets of each month; those that were counted before are kept."""
    kept_for = (profile.metric_srid, *roads.print, data_version(c))
    with _one_at_a_time:
        for month in months:
            if not _fresh((*kept_for, month)):
                _keep((*kept_for, month), _counted(c, profile, roads, month))
        return [_known[(*kept_for, month)][1] for month in months]


def _month(day: date) -> int:
    return day.year * 12 + day.month - 1


def _first(month: int) -> date:
    return date(month // 12, month % 12 + 1, 1)


def _fresh(key: tuple[Any, ...]) -> bool:
    if key not in _known:
        return False
    over = _first(key[-1] + 1) + timedelta(days=1) < date.today()  # noqa: DTZ011 - a day more is no matter
    return over or time.monotonic() - _known[key][0] < FRESH_S


def _counted(c: Connection, profile: Profile, roads: RoadNetwork, month: int) -> Month:
    """All tickets of a month in one pass, as packed columns."""
    span = Window(_first(month), _first(month + 1) - timedelta(days=1), profile.zone)
    bodies = c.execute(text(TOLD), {"start": span.start, "end": span.end}).one()
    category, road, piece, area = (
        np.frombuffer(body or b"", dtype).astype(np.int64)
        for body, dtype in zip(bodies, (">i4", ">i8", ">i4", ">i8"), strict=True)
    )
    step = roads.segments.of(roads.rows_of(road), piece.astype(np.float64) * PIECE_M)
    mine = step >= 0
    return Month(*(_table(rows[mine], step[mine], len(roads.segments)) for rows in (category, area)))


def _table(rows: NDArray[np.int64], step: NDArray[np.int64], steps: int) -> Table:
    shape = (int(rows.max(initial=0)) + 1, steps)
    return sparse.coo_array((np.ones(len(rows)), (rows, step)), shape=shape).tocsr()


def _keep(key: tuple[Any, ...], month: Month) -> None:
    while len(_known) >= KEPT:
        _known.pop(next(iter(_known)))
    _known[key] = (time.monotonic(), month)


def _together(tables: list[Table]) -> Table:
    rows = max(table.shape[0] for table in tables)
    return sum((_taller(table, rows) for table in tables[1:]), _taller(tables[0], rows))


def _taller(table: Table, rows: int) -> Table:
    tall: Table = table.copy()
    tall.resize((rows, table.shape[1]))
    return tall
