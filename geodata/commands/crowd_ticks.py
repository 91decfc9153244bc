"""Accepting crowd ticks: one array a tick over a list of cells that is kept once; never a row a cell.

A feed that tells of devices is refused whole: crowds are counts per cell, nobody is followed.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock
from typing import Any, Final, NamedTuple

import h3.api.numpy_int as h3
import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, text

from geodata.commands import intake
from geodata.commands.feeds import Feed, count_verdicts, mark_heard
from geodata.commands.intake import pack_wholes, to_us
from geodata.commands.retention import kept_for
from geodata.errors import BadArgument
from geodata.profile import Profile
from geodata.rules.reading_checks import LATE_AT_LEAST_S, LATE_INTERVALS, check_moment, moment_of
from geodata.rules.verdicts import Verdicts
from geodata.store.notices import changed

People = NDArray[np.float32]
Cells = NDArray[np.int64]
DEVICES: Final = frozenset({
    "device", "device_id", "deviceid", "imei", "imsi", "mac", "mac_address", "phone", "mobile", "msisdn", "idfa", "oaid", "user",
    "user_id", "userid", "person", "person_id", "face", "plate", "track", "devices",
})  # fmt: skip
RESOLUTIONS = range(8, 13)
MOST_PEOPLE = 20_000.0  # in one cell: more than can stand there
JUMP_TIMES, JUMP_FROM = 3.0, 500.0
REMEMBERED = 64
STORE = """
    insert into crowd_ticks (feed_id, at, grid_id, people, people_total, cells_told)
    values (:feed, :at, :grid, :people, :total, :told) on conflict do nothing returning at
"""
BEFORE = """
    select people_total, at from crowd_ticks where feed_id = :feed order by at desc limit 1
"""


class Grid(NamedTuple):
    """A list of cells as it is kept, and in which order a sender tells them (None: as kept)."""

    key: str
    resolution: int
    cells: Cells
    order: NDArray[np.int64] | None


@dataclass(frozen=True, slots=True)
class _Tick:
    row: int
    at: datetime
    grid: Grid
    people: People
    impossible: int


class _Grids:
    """Lists of cells that senders repeat with every tick, checked and sorted once a process."""

    def __init__(self) -> None:
        self._kept: OrderedDict[bytes, Grid] = OrderedDict()
        self._lock = Lock()

    def of(self, cells: Sequence[Any]) -> Grid:
        """The grid of a list of cells as a sender writes them; BadArgument where they are none."""
        try:
            written = hashlib.sha256("".join(cells).encode()).digest()
        except TypeError:
            raise BadArgument("cells", "“cells” is a list of H3 cells as text.") from None
        with self._lock:
            if written in self._kept:
                self._kept.move_to_end(written)
                return self._kept[written]
        grid = _grid(cells)
        with self._lock:
            self._kept[written] = grid
            while len(self._kept) > REMEMBERED:
                self._kept.popitem(last=False)
        return grid


_GRIDS = _Grids()


def accept(c: Connection, profile: Profile, feed: Feed, rows: Sequence[Any], *, now: datetime) -> Verdicts:
    """Write ticks, once each; says what became of every tick, and of rows {cell, at, people} as the ticks they make."""
    _refuse_devices(rows)
    verdicts, keep = Verdicts(feed.key), kept_for(c, "crowd_ticks")
    fresh: list[datetime] = []
    for row, told in enumerate(_ticks(rows)):
        tick = _read(c, row, told, verdicts)
        if tick is not None and _stored(c, feed, tick, now=now, keep=keep, verdicts=verdicts):
            fresh.append(tick.at)
    if fresh:
        changed(c, "crowd", [feed.key])
    intake.put(c, feed, "crowd", pack_wholes(to_us(at) for at in sorted(fresh)))
    count_verdicts(c, feed, now.astimezone(profile.zone).date(), verdicts.counts)
    mark_heard(c, feed, now, max(fresh, default=None))
    return verdicts


def _refuse_devices(rows: Iterable[Any]) -> None:
    for row in rows:
        if isinstance(row, Mapping) and (told := DEVICES & {str(name).lower() for name in row}):
            raise BadArgument(
                min(told),
                "This batch tells of devices or persons; a crowd feed tells counts per cell. Nothing of it was kept.",
            )


def _ticks(rows: Sequence[Any]) -> list[Any]:
    """Rows {cell, at, people} gathered into ticks; whole ticks as they are."""
    if not any(isinstance(row, Mapping) and "cell" in row for row in rows):
        return list(rows)
    gathered: dict[Any, dict[str, Any]] = {}
    whole: list[Any] = []
    for row in rows:
        if not isinstance(row, Mapping) or "cell" not in row:
            whole.append(row)
            continue
        tick = gathered.setdefault(row.get("at"), {"at": row.get("at"), "cells": [], "people": []})
        tick["cells"].append(row["cell"])
        tick["people"].append(row.get("people"))
    return [*gathered.values(), *whole]


def _read(c: Connection, row: int, told: Any, verdicts: Verdicts) -> _Tick | None:
    at = moment_of(told.get("at")) if isinstance(told, Mapping) else None
    if at is None:
        verdicts.add(row, "malformed", "“at” is no moment with an offset, like 2026-11-22T12:00:00+08:00.")
        return None
    try:
        grid = _named(c, told["grid"]) if "grid" in told else _GRIDS.of(told.get("cells") or [])
        people = _people(told.get("people"), grid)
    except BadArgument as why:
        verdicts.add(row, "unknown" if why.name == "grid" else "malformed", str(why))
        return None
    bad = ~np.isnan(people) & ~((people >= 0) & (people <= MOST_PEOPLE))
    people[bad] = np.nan
    return _Tick(row, at, grid, people, int(bad.sum()))


def _people(told: Any, grid: Grid) -> People:
    try:
        people = np.array(told, np.float32)  # None becomes NaN: not told
    except (TypeError, ValueError):
        raise BadArgument("people", "“people” is a list of numbers.") from None
    if people.shape != (len(grid.cells),):
        raise BadArgument("people", f"“people” has {people.size} numbers for {len(grid.cells)} cells.")
    return people if grid.order is None else people[grid.order]


def _grid(cells: Sequence[str]) -> Grid:
    if not cells:
        raise BadArgument("cells", "A tick tells “cells” or names its “grid”.")
    try:
        numbers = np.array([int(cell, 16) for cell in cells], np.int64)
    except (TypeError, ValueError, OverflowError):
        raise BadArgument("cells", "“cells” is a list of H3 cells as text.") from None
    resolutions = np.unique((numbers >> 52) & 15)
    if len(resolutions) != 1 or resolutions[0] not in RESOLUTIONS:
        raise BadArgument(
            "cells", f"All cells of a tick have one resolution from {RESOLUTIONS[0]} to {RESOLUTIONS[-1]}."
        )
    if not all(h3.is_valid_cell(int(cell)) for cell in numbers):
        raise BadArgument("cells", "Some of “cells” are no H3 cells.")
    order = np.argsort(numbers, kind="stable")
    kept = numbers[order]
    if (kept[1:] == kept[:-1]).any():
        raise BadArgument("cells", "A cell is told twice in one tick.")
    in_order = bool((order == np.arange(len(order))).all())
    return Grid(
        hashlib.sha256(kept.astype("<i8").tobytes()).hexdigest(),
        int(resolutions[0]),
        kept,
        None if in_order else order,
    )


def _named(c: Connection, key: Any) -> Grid:
    found = c.execute(
        text("select key, resolution, cells from crowd_grids where key = :key"), {"key": str(key)}
    ).one_or_none()
    if found is None:
        raise BadArgument("grid", "This grid is not known; send its cells once.")
    return Grid(found.key, found.resolution, np.frombuffer(bytes(found.cells), "<i8"), None)


def _stored(
    c: Connection, feed: Feed, tick: _Tick, *, now: datetime, keep: timedelta, verdicts: Verdicts
) -> bool:
    if wrong := check_moment(tick.at, now, keep):
        verdicts.add(tick.row, *wrong)
        return False
    total, before = float(np.nansum(tick.people)), c.execute(text(BEFORE), {"feed": feed.id}).one_or_none()
    written = c.execute(
        text(STORE),
        {"feed": feed.id, "at": tick.at, "grid": _grid_id(c, tick.grid), "people": tick.people.astype("<f4").tobytes(),
         "total": total, "told": int((~np.isnan(tick.people)).sum())},
    ).one_or_none()  # fmt: skip
    if written is None:
        verdicts.add(tick.row, "repeated", "This tick is known already.")
        return False
    verdicts.add(tick.row, *_standing(feed, tick, total, before, now))
    if tick.impossible:
        verdicts.counts["impossible"] += tick.impossible
    return True


def _standing(feed: Feed, tick: _Tick, total: float, before: Any, now: datetime) -> tuple[str, str]:
    if before is not None and tick.at < before.at:
        return "out_of_order", f"Older than the newest known, {before.at.isoformat()}."
    age_s = (now - tick.at).total_seconds()
    if age_s > max(LATE_INTERVALS * feed.interval_s, LATE_AT_LEAST_S):
        return "late", f"It came {age_s:.0f} s after its moment."
    if (
        before is not None
        and total > JUMP_FROM
        and not total / JUMP_TIMES < before.people_total < total * JUMP_TIMES
    ):
        return "jump", f"All people jumped from {before.people_total:.0f} to {total:.0f}."
    if tick.impossible:
        return "accepted", f"{tick.impossible} cells told an impossible number and count as not told."
    return "accepted", ""


def _grid_id(c: Connection, grid: Grid) -> int:
    told = {"key": grid.key, "resolution": grid.resolution, "cells": grid.cells.astype("<i8").tobytes()}
    known = c.execute(text("select id from crowd_grids where key = :key"), {"key": grid.key}).scalar()
    if known is None:
        c.execute(
            text("""insert into crowd_grids (key, resolution, cells) values (:key, :resolution, :cells)
                    on conflict (key) do nothing"""),
            told,
        )
        known = c.execute(text("select id from crowd_grids where key = :key"), {"key": grid.key}).scalar_one()
    return int(known)
