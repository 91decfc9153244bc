"""The book of loads: each is entered when it begins and closed when it ends, whatever its end.

A load holds an advisory lock with its number on its own connection. When its process dies the server gives the lock
free, and so the next load can tell a load that still runs from one that died.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import Connection, text

from geodata.commands.bulk import raw

LOCK = 19_771  # the family of advisory locks that loads hold; any number that no other part uses
DIED = "The program ended before the load did; nothing of it was kept."


class FindingRow(NamedTuple):
    """A finding as it is kept."""

    code: str
    severity: str
    row_number: int | None
    column_name: str | None
    value: str | None
    message_zh: str
    message_en: str
    action_zh: str
    action_en: str
    sheet: str | None = None
    geom: str | None = None  # EWKB in hexadecimal, EPSG:4326


@dataclass(frozen=True, slots=True)
class Counts:
    """What became of the rows of a file."""

    read: int = 0
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    rejected: int = 0
    repaired: int = 0


def begin(
    connection: Connection, *, kind: str, file_name: str, sha256: bytes, options: dict[str, Any]
) -> int:
    """Enter a load and hold its lock on this connection; returns its number."""
    statement = """
        insert into loads (kind, file_name, file_sha256, options, state, started_at)
        values (:kind, :file_name, :sha256, cast(:options as jsonb), 'running', clock_timestamp()) returning id"""
    values = {"kind": kind, "file_name": file_name, "sha256": sha256, "options": json.dumps(options)}
    number = int(connection.execute(text(statement), values).scalar_one())
    connection.execute(
        text("select pg_advisory_lock(cast(:family as int), cast(:number as int))"),
        {"family": LOCK, "number": number},
    )
    return number


def take_turn(connection: Connection) -> None:
    """Wait until no other load writes; the turn ends with the transaction, which may last as long as it must."""
    connection.execute(text("set local statement_timeout = 0"))
    connection.execute(text("select pg_advisory_xact_lock(cast(:family as int), 0)"), {"family": LOCK})


@contextmanager
def kept_for_undo(connection: Connection, number: int | None) -> Iterator[None]:
    """Let the database write down what is done in this block, so that the load can be taken back; None: nothing."""
    as_said = text("select set_config('yiping.load_id', :number, true)")
    before = text("select coalesce(current_setting('yiping.load_id', true), '')")
    last = connection.execute(before).scalar_one()
    connection.execute(as_said, {"number": "" if number is None else str(number)})
    yield
    connection.execute(as_said, {"number": last})


@contextmanager
def references_unchecked(connection: Connection) -> Iterator[None]:
    """Let the caller answer for references in this block; who is no superuser has them checked row by row."""
    ours = connection.execute(text("select current_setting('is_superuser') = 'on'")).scalar()
    if ours:
        connection.execute(text("set local session_replication_role = replica"))
    yield
    if ours:
        connection.execute(text("set local session_replication_role = origin"))


def end(connection: Connection, number: int, state: str, message: str | None, counts: Counts) -> None:
    """Close a load: done, refused or failed, with one sentence and what became of its rows."""
    statement = """
        update loads set state = :state, message = :message, finished_at = clock_timestamp(), rows_read = :read,
               rows_new = :new, rows_changed = :changed, rows_unchanged = :unchanged, rows_rejected = :rejected,
               rows_repaired = :repaired, xid = case when :state = 'done' then pg_current_xact_id() end
        where id = :number"""
    figures = {name: getattr(counts, name) for name in Counts.__slots__}
    connection.execute(text(statement), {"number": number, "state": state, "message": message, **figures})


def keep_findings(connection: Connection, number: int, findings: Sequence[FindingRow]) -> None:
    """Keep what was found in a load, in order."""
    columns = ", ".join(FindingRow._fields)
    statement = f"copy load_findings (load_id, seq, {columns}) from stdin"
    with raw(connection).cursor() as cursor, cursor.copy(statement.encode()) as copy:
        for seq, finding in enumerate(findings, 1):
            copy.write_row((number, seq, *finding))


def let_go(connection: Connection, number: int) -> None:
    """Give the lock of a load back."""
    connection.execute(
        text("select pg_advisory_unlock(cast(:family as int), cast(:number as int))"),
        {"family": LOCK, "number": number},
    )


def mark_dead(connection: Connection) -> int:
    """Mark as failed every load that says it runs while nobody holds its lock; returns how many."""
    statement = """
        update loads set state = 'failed', message = :message, finished_at = clock_timestamp()
        where state = 'running' and pg_try_advisory_xact_lock(cast(:family as int), id::int)"""
    return connection.execute(text(statement), {"family": LOCK, "message": DIED}).rowcount
