"""What changed since a cube was built, read by transaction snapshots so that no ticket is told twice or missed.

A cube holds what its snapshot saw. A change belongs to the tail when its transaction was not seen by that snapshot and is
seen now; each reading keeps the snapshot it was made in and the next begins there. The order in which transactions
commit, and the numbers they took, do not matter.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import h3.api.basic_int as h3
import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, text

from geodata.cube.arrays import day_number
from geodata.errors import Refused
from geodata.space.hexes import RESOLUTIONS
from geodata.store.schema.tickets import TICKET_STATES

MOST = 50_000  # kinds of tickets; with more the cube is no help and must be built anew
PRUNED = "cube_pruned_before"
READ = """
    with moment as (select pg_current_snapshot() as now,
                           (select cast(value #>> '{}' as xid8) from facts where key = 'cube_pruned_before') as pruned)
    select cast(moment.now as text) as seen,
           coalesce(moment.pruned <= pg_snapshot_xmin(cast(:seen as pg_snapshot)), true) as whole,
           g.id, g.n, g.hex_r9, g.hex_r10, g.hex_r11, coalesce(g.area_id, 0) as area, g.category_id, g.source_id,
           g.family::text, g.state::text, g.place, g.received_at at time zone :zone as received,
           g.due_at at time zone :zone as due, coalesce(g.on_time, false) as on_time,
           coalesce((extract(epoch from g.closed_at - g.received_at) * 1000000)::bigint, -1) as took
    from moment left join ticket_changes g on g.xid >= pg_snapshot_xmin(cast(:seen as pg_snapshot))
         and not pg_visible_in_snapshot(g.xid, cast(:seen as pg_snapshot)) and pg_visible_in_snapshot(g.xid, moment.now)"""
STATE = {word: number for number, word in enumerate(TICKET_STATES)}


class OutOfReach(Refused):
    """The tail of this cube cannot be told any more: too much changed, or it was dropped for a newer cube."""


@dataclass(frozen=True, slots=True)
class Changes:
    """Columns of one length; `n` more or less of a kind. `cells` (0: none), `lon`, `lat` by resolution.

    `areas` 0 none, `kinds` as in source.Lives, `due_days` −1 none, `took` µs, −1 while open.
    """

    n: NDArray[np.int64]
    cells: dict[int, NDArray[np.int64]]
    centres: dict[int, NDArray[np.float64]]
    areas: NDArray[np.int64]
    categories: NDArray[np.int64]
    sources: NDArray[np.int64]
    kinds: NDArray[np.int64]
    days: NDArray[np.int64]
    hours: NDArray[np.int64]
    due_days: NDArray[np.int64]
    took: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.n)

    def where(self, mask: NDArray[np.bool_]) -> Changes:
        """Those of a mask."""
        return Changes(**{name: _each(getattr(self, name), mask) for name in Changes.__slots__})


class Tail:
    """The changes after a snapshot, read on each time it is asked."""

    def __init__(self, seen: str, zone: str) -> None:
        self._seen, self._zone = seen, zone
        self._told = set[int]()
        self.changes = changes_of([])

    def refresh(self, c: Connection) -> Changes:
        """Read on; raises OutOfReach when this cube must be given up."""
        rows = c.execute(text(READ), {"seen": self._seen, "zone": self._zone}).all()
        if not rows[0].whole:
            raise OutOfReach("A newer cube stands.")
        # who asks may see an older moment than who asked before: what was told already is known by its number
        fresh = [row for row in rows if row.n is not None and row.id not in self._told]
        if any(row.n == 0 for row in fresh) or len(self.changes) + len(fresh) > MOST:
            raise OutOfReach("Too many tickets changed since the cube was built.")
        if fresh:
            self._told.update(row.id for row in fresh)
            self.changes = _joined(self.changes, changes_of(fresh))
        self._seen = rows[0].seen
        return self.changes


def changes_of(rows: list[Any]) -> Changes:
    """Rows of the log as columns."""

    def column(values: list[Any]) -> NDArray[np.int64]:
        return np.array(values, np.int64)

    cells = {r: column([getattr(row, f"hex_r{r}") or 0 for row in rows]) for r in RESOLUTIONS}
    return Changes(
        n=column([row.n for row in rows]),
        cells=cells,
        centres={r: _centres(cells[r]) for r in RESOLUTIONS},
        areas=column([row.area for row in rows]),
        categories=column([row.category_id for row in rows]),
        sources=column([row.source_id for row in rows]),
        kinds=column([kind(row.state, row.family, row.place, on_time=row.on_time) for row in rows]),
        days=column([day_number(row.received.date()) for row in rows]),
        hours=column([row.received.hour for row in rows]),
        due_days=column([-1 if row.due is None else day_number(row.due.date()) for row in rows]),
        took=column([row.took for row in rows]),
    )


def kind(state: str, family: str, place: int, *, on_time: bool) -> int:
    """State, family, place and whether it was closed in time, in one number."""
    return STATE[state] + 8 * (family == "city") + 16 * place + 64 * on_time


def _centres(cells: NDArray[np.int64]) -> NDArray[np.float64]:
    """Longitude and latitude of each cell; 0, 0 where there is none."""
    pairs = [h3.cell_to_latlng(cell)[::-1] if cell else (0.0, 0.0) for cell in cells.tolist()]
    return np.array(pairs, np.float64).reshape(-1, 2)


def _each(column: Any, mask: NDArray[np.bool_]) -> Any:
    return {key: values[mask] for key, values in column.items()} if isinstance(column, dict) else column[mask]


def _joined(one: Changes, other: Changes) -> Changes:
    def both(name: str) -> Any:
        mine, theirs = getattr(one, name), getattr(other, name)
        if isinstance(mine, dict):
            return {key: np.concatenate([mine[key], theirs[key]]) for key in mine}
        return np.concatenate([mine, theirs])

    return Changes(**{name: both(name) for name in Changes.__slots__})
