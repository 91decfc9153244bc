"""Accepting crowd ticks: one array a tick over a list of cells that is kept once; never a row a cell.

A feed that tells of devices is refused whole: crowds are counts per cell, nobody is followed. A tick may come in parts:
cells that were not told before are added to it, a cell that is told again is a repetition.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, text

from geodata.commands import intake
from geodata.commands.feeds import Feed, count_verdicts, mark_heard
from geodata.commands.intake import pack_wholes, to_us
from geodata.commands.retention import taken_from
from geodata.errors import BadArgument
from geodata.profile import Profile
from geodata.rules.crowd_told import Sent, devices_told, gathered, standing
from geodata.rules.reading_checks import Wrong, check_moment
from geodata.rules.verdicts import Verdicts
from geodata.space.crowd_grids import Grid, Grids, NoGrid, People, added, number_of
from geodata.store.notices import changed

MOST_PEOPLE = 20_000.0  # in one cell: more than can stand there
STORE = """
    insert into crowd_ticks (feed_id, at, grid_id, people, people_total, cells_told)
    values (:feed, :at, :grid, :people, :total, :told) on conflict do nothing returning at
"""
KNOWN = """
    select g.key, g.resolution, g.cells, t.people from crowd_ticks t join crowd_grids g on g.id = t.grid_id
    where t.feed_id = :feed and t.at = :at for update of t
"""
CHANGE = """
    update crowd_ticks set grid_id = :grid, people = :people, people_total = :total, cells_told = :told
    where feed_id = :feed and at = :at
"""
BEFORE = "select at, people_total from crowd_ticks where feed_id = :feed order by at desc limit 1"
_GRIDS = Grids()


class Tick(NamedTuple):
    """A tick that can be written; `rows` are the rows that tell it, `left_out` cells whose number cannot be."""

    at: datetime
    grid: Grid
    people: People
    rows: list[int]
    left_out: int


def accept(c: Connection, profile: Profile, feed: Feed, rows: Sequence[Any], *, now: datetime) -> Verdicts:
    """Write ticks, once each; says what became of every tick, and of every row {cell, at, people}."""
    if name := devices_told(rows):
        raise BadArgument(
            name[:40],
            "This batch tells of devices or persons; a crowd feed tells counts per cell. Nothing of it was kept.",
        )
    verdicts, oldest = Verdicts(feed.key), taken_from(c, "crowd_ticks", now)
    told, wrong = gathered(rows)
    for row, why in wrong:
        verdicts.add(row, *why)
    fresh = [sent.at for sent in told if _take(c, feed, sent, now=now, oldest=oldest, verdicts=verdicts)]
    if fresh:
        changed(c, "crowd", [feed.key])
        intake.put(c, feed, "crowd", pack_wholes(to_us(at) for at in fresh))
    count_verdicts(c, feed, now.astimezone(profile.zone).date(), verdicts.counts)
    if fresh:  # a feed that only repeats itself is not heard: it stalls
        mark_heard(c, feed, now, max(fresh))
    return verdicts


def _take(
    c: Connection, feed: Feed, sent: Sent, *, now: datetime, oldest: datetime, verdicts: Verdicts
) -> bool:
    """Write one tick; whether it told anything new."""
    if wrong := check_moment(sent.at, now, oldest):
        _all(verdicts, sent.rows, *wrong)
        return False
    told = _only_cells(sent, verdicts) if sent.by_row else sent
    if not told.rows:
        return False
    try:
        tick = _read(c, told)
    except NoGrid as why:
        _all(verdicts, told.rows, "malformed", str(why))
        return False
    except LookupError as why:
        _all(verdicts, told.rows, "unknown", str(why.args[0]))
        return False
    return _write(c, feed, tick, now, verdicts)


def _only_cells(sent: Sent, verdicts: Verdicts) -> Sent:
    """A tick gathered from rows without those that name no cell, a cell again, or a number that is none."""
    kept, seen = Sent(sent.at, None, [], [], by_row=True), set[int]()
    for row, cell, people in zip(sent.rows, sent.cells, sent.people, strict=True):
        number = number_of(cell)
        if not number:
            verdicts.add(row, "malformed", "“cell” is no H3 cell.")
        elif isinstance(people, bool) or not isinstance(people, (int, float)):
            verdicts.add(row, "malformed", "“people” is no number.")
        elif not 0 <= people <= MOST_PEOPLE:
            verdicts.add(row, "impossible", "So many people cannot be in one cell.")
        elif number in seen:
            verdicts.add(row, "repeated", "The batch tells this cell twice; the first one stands.")
        else:
            seen.add(number)
            kept.rows.append(row)
            kept.cells.append(cell)
            kept.people.append(people)
    return kept


def _read(c: Connection, sent: Sent) -> Tick:
    grid = _named(c, sent.grid) if sent.grid is not None else _GRIDS.of(sent.cells or [])
    people = _people(sent.people, grid)
    bad: NDArray[np.bool_] = ~np.isnan(people) & ~((people >= 0) & (people <= MOST_PEOPLE))
    people[bad] = np.nan
    if np.isnan(people).all():
        raise NoGrid("The tick tells of no cell how many people are there.")
    return Tick(sent.at, grid, people, sent.rows, int(bad.sum()))


def _people(told: Any, grid: Grid) -> People:
    try:
        with np.errstate(over="ignore"):
            people = np.array(told, np.float32)  # None becomes NaN: not told
    except (TypeError, ValueError, OverflowError):
        raise NoGrid("“people” is a list of numbers.") from None
    if people.shape != (len(grid.cells),):
        raise NoGrid(f"“people” has {people.size} numbers for {len(grid.cells)} cells.")
    return people if grid.order is None else people[grid.order]


def _named(c: Connection, key: Any) -> Grid:
    asked = {"key": key if isinstance(key, str) and key.isalnum() else ""}
    found = c.execute(
        text("select key, resolution, cells from crowd_grids where key = :key"), asked
    ).one_or_none()
    if found is None:
        raise LookupError("This grid is not known; send its cells once.")
    return Grid(found.key, found.resolution, np.frombuffer(bytes(found.cells), "<i8"))


def _write(c: Connection, feed: Feed, tick: Tick, now: datetime, verdicts: Verdicts) -> bool:
    before = c.execute(text(BEFORE), {"feed": feed.id}).one_or_none()
    total = float(np.nansum(tick.people))
    if c.execute(text(STORE), _columns(c, feed, tick.at, tick.grid, tick.people)).one_or_none() is None:
        return _add(c, feed, tick, verdicts)
    how = standing(
        tick.at, total, before=None if before is None else (before[0], before[1]), interval_s=feed.interval_s, now=now
    )  # fmt: skip
    _say(verdicts, tick, how)
    return True


def _add(c: Connection, feed: Feed, tick: Tick, verdicts: Verdicts) -> bool:
    """Add to a tick that is known the cells that it has not told."""
    row = c.execute(text(KNOWN), {"feed": feed.id, "at": tick.at}).one()
    known = Grid(row.key, row.resolution, np.frombuffer(bytes(row.cells), "<i8"))
    people = np.frombuffer(bytes(row.people), "<f4")
    if known.resolution != tick.grid.resolution:
        _all(verdicts, tick.rows, "repeated", "This tick is known already, in another resolution.")
        return False
    grid, both, fresh = added(known, people, tick.grid, tick.people)
    if not fresh:
        _all(verdicts, tick.rows, "repeated", "This tick is known already.")
        return False
    c.execute(text(CHANGE), _columns(c, feed, tick.at, grid, both))
    again = ~np.isnan(people[np.isin(known.cells, tick.grid.cells)])
    if len(tick.rows) == 1 or not again.any():
        _say(verdicts, tick, None)
        return True
    told = set(known.cells[~np.isnan(people)].tolist())
    in_sent_order = (
        tick.grid.cells if tick.grid.order is None else tick.grid.cells[np.argsort(tick.grid.order)]
    )
    for number, cell in zip(tick.rows, in_sent_order.tolist(), strict=True):
        verdicts.add(
            number,
            *(("repeated", "This cell of the tick is known already.") if cell in told else ("accepted", "")),
        )
    return True


def _say(verdicts: Verdicts, tick: Tick, how: Wrong | None) -> None:
    _all(verdicts, tick.rows, *(how or ("accepted", "")))
    if tick.left_out:
        told = f"{tick.left_out} cells tell a number that cannot be; they count as not told."
        verdicts.note(tick.rows[0], "impossible", told, tick.left_out)


def _all(verdicts: Verdicts, rows: Sequence[int], verdict: str, reason: str) -> None:
    for row in rows:
        verdicts.add(row, verdict, reason)


def _columns(c: Connection, feed: Feed, at: datetime, grid: Grid, people: People) -> dict[str, Any]:
    return {
        "feed": feed.id, "at": at, "grid": _grid_id(c, grid), "people": people.astype("<f4").tobytes(),
        "total": float(np.nansum(people)), "told": int((~np.isnan(people)).sum()),
    }  # fmt: skip


def _grid_id(c: Connection, grid: Grid) -> int:
    known = c.execute(text("select id from crowd_grids where key = :key"), {"key": grid.key}).scalar()
    if known is None:
        c.execute(
            text("""insert into crowd_grids (key, resolution, cells) values (:key, :resolution, :cells)
                    on conflict (key) do nothing"""),
            {"key": grid.key, "resolution": grid.resolution, "cells": grid.cells.astype("<i8").tobytes()},
        )
        known = c.execute(text("select id from crowd_grids where key = :key"), {"key": grid.key}).scalar_one()
    return int(known)
