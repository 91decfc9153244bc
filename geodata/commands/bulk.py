"""Filling tables with very many rows at once: binary COPY, and indexes built after the rows instead of with them.

On a cluster with `wal_level=minimal` a COPY into a table truncated in the same transaction writes no log, and with
FREEZE its pages are at once visible to index-only scans. All of it happens in the caller's transaction: when that is
lost, rows, indexes and constraints are as they were.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar, cast

import psycopg
from sqlalchemy import Connection, insert, text

from geodata.commands.copy_binary import HEADER, TRAILER, Field, encode
from geodata.store.schema import metadata

T = TypeVar("T")
DONE = object()

CONSTRAINTS = """
select c.conrelid::regclass::text as "table", c.conname as name, c.contype::text as kind,
       pg_get_constraintdef(c.oid) as definition
from pg_constraint c
where c.conparentid = 0 and c.contype in ('p', 'u', 'f')
  and (c.conrelid = any(cast(:tables as regclass[]))
       or (c.contype = 'f' and c.confrelid = any(cast(:tables as regclass[]))))
"""
INDEXES = """
select i.indexrelid::regclass::text as name, pg_get_indexdef(i.indexrelid) as definition
from pg_index i
left join pg_constraint c on c.conindid = i.indexrelid and c.contype in ('p', 'u', 'x')
where i.indrelid = any(cast(:tables as regclass[])) and c.oid is null
"""


def copy_rows(connection: Connection, table: str, columns: Sequence[str], fields: Sequence[Field]) -> None:
    """Copy one batch of rows into a table."""
    copy_encoded(connection, table, columns, [encode(fields)])


def insert_rows(connection: Connection, table: str, rows: Sequence[dict[str, Any]]) -> None:
    """Insert a few rows into a table of the schema, by column name."""
    connection.execute(insert(metadata.tables[table]), list(rows))


def copy_encoded(
    connection: Connection,
    table: str,
    columns: Sequence[str],
    batches: Iterable[bytes],
    *,
    freeze: bool = False,
) -> None:
    """Copy rows already encoded; `freeze` only for a plain table truncated in this transaction."""
    names = ", ".join(f'"{column}"' for column in columns)
    options = "FORMAT BINARY, FREEZE" if freeze else "FORMAT BINARY"
    statement = f'COPY "{table}" ({names}) FROM STDIN ({options})'
    with raw(connection).cursor() as cursor, cursor.copy(statement.encode()) as copy:
        copy.write(HEADER)
        for batch in batches:
            copy.write(batch)
        copy.write(TRAILER)


def raw(connection: Connection) -> psycopg.Connection[Any]:
    """The driver's connection below SQLAlchemy's, in the same transaction."""
    connection.execute(text("select 1"))  # so that the transaction has begun
    return cast("psycopg.Connection[Any]", connection.connection.driver_connection)


def ahead(batches: Iterable[T], depth: int = 2) -> Iterator[T]:
    """The same batches, made in a thread of their own so that making and sending overlap."""
    line: queue.Queue[Any] = queue.Queue(depth)
    given_up = threading.Event()

    def make() -> None:
        try:
            for batch in batches:
                line.put(batch)
                if given_up.is_set():
                    return
            line.put(DONE)
        except BaseException as fault:  # noqa: BLE001 - handed to the thread that waits
            line.put(fault)

    worker = threading.Thread(target=make, daemon=True)
    worker.start()
    try:
        while (batch := line.get()) is not DONE:
            if isinstance(batch, BaseException):
                raise batch
            yield batch
    finally:
        given_up.set()
        while not line.empty():
            line.get_nowait()


@contextmanager
def emptied(connection: Connection, tables: Sequence[str], indexed_after: Sequence[str]) -> Iterator[None]:
    """Empty the tables (and all that refer to them) for filling.

    Until the block ends, the tables of `indexed_after` stand without keys, indexes and references.
    """
    connection.execute(text("set local statement_timeout = 0"))
    connection.execute(text("set local maintenance_work_mem = '512MB'"))
    quoted = ", ".join(f'"{table}"' for table in tables)
    connection.execute(text(f"truncate {quoted} restart identity cascade"))
    constraints, indexes = _take_off(connection, indexed_after)
    yield
    put_back(connection, constraints, indexes)


def _take_off(connection: Connection, tables: Sequence[str]) -> tuple[list[tuple[str, ...]], list[str]]:
    found = connection.execute(text(CONSTRAINTS), {"tables": list(tables)}).all()
    indexes = connection.execute(text(INDEXES), {"tables": list(tables)}).all()
    for table, name, _, _ in sorted(
        found, key=lambda row: row.kind != "f"
    ):  # references before the keys they use
        connection.execute(text(f'alter table {table} drop constraint "{name}"'))
    for name, _ in indexes:
        connection.execute(text(f"drop index {name}"))
    return [tuple(row) for row in found], [row.definition for row in indexes]


def put_back(connection: Connection, constraints: Sequence[tuple[str, ...]], indexes: Sequence[str]) -> None:
    """Build keys, then indexes, then references, from their definitions."""
    for table, name, _, definition in (c for c in constraints if c[2] != "f"):
        connection.execute(text(f'alter table {table} add constraint "{name}" {definition}'))
    for definition in indexes:
        connection.execute(text(definition))
    for table, name, _, definition in (c for c in constraints if c[2] == "f"):
        connection.execute(text(f'alter table {table} add constraint "{name}" {definition}'))


def after_highest(connection: Connection, table: str, key: str = "id") -> None:
    """Let the table's counter go on after the highest key copied in."""
    connection.execute(
        text(
            f"select setval(pg_get_serial_sequence(:table, :key), coalesce(max({key}), 0) + 1, false) from {table}"
        ),
        {"table": table, "key": key},
    )
