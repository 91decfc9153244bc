"""Taking a load back: every table is as it was before, but for what came since, which stays and is placed anew."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, text

from geodata.commands import facts, loads
from geodata.commands.undo_follow import first_day, follow
from geodata.commands.undo_raster import bring_back_raster
from geodata.commands.undo_references import (
    LET_GO_TABLE,
    STAY_WHILE_USED,
    check_later_loads,
    settle_references,
    unused,
)
from geodata.commands.undo_rows import (
    Kept,
    Shape,
    bring_back,
    check_untouched,
    kept_of,
    remove,
    restore,
    shape_of,
)
from geodata.errors import NotFound, Refused
from geodata.profile import Profile

LOAD = """select id, kind, file_name, state, cast(cast(xid as text) as numeric) as xid, rolled_back_at,
                 rows_new + rows_changed as written from loads where id = :load for update"""
LATER = """
    select l.id, l.file_name, b.table_name
    from load_undo a join load_undo b on b.table_name = a.table_name and b.seq > a.seq and b.load_id <> a.load_id
    join loads l on l.id = b.load_id and l.state = 'done'
    where a.load_id = :load and (a.ids && b.ids or (a.ids is null and exists (
        select unnest((coalesce(a.was, a.became))[1:a.row_count])
        intersect select unnest((coalesce(b.was, b.became))[1:b.row_count]))))
    order by b.seq desc limit 1"""
CLOSE = """update loads set state = 'rolled_back', rolled_back_at = clock_timestamp(), rolled_back_by = :by
           where id = :load"""
MANY = 10_000


@dataclass(slots=True)
class Undone:
    """A load that was taken back: rows put back by table, and the tickets that came since and were placed anew."""

    load: int
    kind: str
    file_name: str
    rows: dict[str, int] = field(default_factory=dict)
    placed_anew: int = 0


def roll_back(
    c: Connection, profile: Profile, number: int, *, by: str | None = None, rasters: Path | None = None
) -> Undone:
    """Take a load back, in the caller's transaction; Refused says why it cannot be.

    `by` is the name of the account that asks, `rasters` the folder in which rasters are kept.
    """
    loads.take_turn(c)
    load = _standing(c, number)
    kept = kept_of(c, number)
    if load.kind == "raster":
        if load.written:
            bring_back_raster(c, number, rasters)
    elif load.written and not kept:
        raise Refused(f"What load {number} replaced was not kept, so it cannot be taken back.")
    _check_later(c, number)
    undone = Undone(number, load.kind, load.file_name)
    c.execute(text("drop table if exists let_go"))
    c.execute(text(LET_GO_TABLE))
    shapes = {table: shape_of(c, table) for table in {it.table for it in kept}}
    since = first_day(c, number)
    with loads.references_unchecked(c):  # they are checked here, a table at once
        _back(c, number, kept, shapes, undone)
    undone.placed_anew = follow(c, profile, int(load.xid) % 2**32, set(shapes), since)
    c.execute(text("delete from load_undo where load_id = :load"), {"load": number})
    c.execute(text(CLOSE), {"load": number, "by": by})
    facts.bump_data_version(c)
    for table in sorted(shapes):  # after many rows went the planner would else plan for those before
        if sum(it.rows for it in kept if it.table == table and it.kind == "inserted") >= MANY:
            c.execute(text(f"analyze {table}"))
    return undone


def _standing(c: Connection, number: int) -> Any:
    load = c.execute(text(LOAD), {"load": number}).one_or_none()
    if load is None:
        raise NotFound(f"There is no load with the number {number}; ./yiping runs lists them.")
    if load.state == "rolled_back":
        raise Refused(
            f"Load {number} was taken back already, on {load.rolled_back_at:%Y-%m-%d at %H:%M} UTC."
        )
    if load.state != "done":
        raise Refused(
            f"Load {number} is {load.state}: nothing of it is in the store, so nothing can be taken back."
        )
    return load


def _check_later(c: Connection, number: int) -> None:
    found = c.execute(text(LATER), {"load": number}).one_or_none()
    if found:
        raise Refused(
            f"Load {found.id} (“{found.file_name}”) came later and wrote the same rows of {found.table_name};"
            f" take it back first: ./yiping rollback {found.id}."
        )


def _back(c: Connection, number: int, kept: list[Kept], shapes: dict[str, Shape], undone: Undone) -> None:
    for it in kept:
        shape = shapes[it.table]
        if it.kind == "changed":
            restore(c, number, it, shape)
        elif it.kind == "deleted":
            bring_back(c, it, shape)
        elif it.table in STAY_WHILE_USED:
            continue
        else:
            check_untouched(c, number, it, shape)
            check_later_loads(c, number, it, shape)
            settle_references(c, it, shape)
            remove(c, it, shape)
        undone.rows[it.table] = undone.rows.get(it.table, 0) + it.rows
    _words(c, kept, shapes, undone)


def _words(c: Connection, kept: list[Kept], shapes: dict[str, Shape], undone: Undone) -> None:
    """Words and cells go last, and again until none goes any more, because some refer to others."""
    brought = [it for it in kept if it.kind == "inserted" and it.table in STAY_WHILE_USED]
    but = {table: unused(c, table) for table in {it.table for it in brought}}
    gone = True
    while gone:
        gone = False
        for it in brought:
            if rows := remove(c, it, shapes[it.table], but[it.table]):
                undone.rows[it.table] = undone.rows.get(it.table, 0) + rows
                gone = gone or it.table == "categories"
