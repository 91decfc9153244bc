"""Single questions that are asked often: connections kept at hand, and statements sent by libpq itself.

What an engine and a driver lay over a statement takes longer than many a tile takes to draw.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from threading import BoundedSemaphore
from typing import Any, cast

import psycopg
from psycopg import errors, pq
from psycopg.adapt import PyFormat, Transformer
from sqlalchemy import URL, Connection, create_engine
from sqlalchemy.exc import TimeoutError as PoolTimeout

from geodata.errors import Refused
from geodata.store.db import LONGEST_WAIT_S

AT_A_TIME = 4
PARAMETER = re.compile(r"(?<!:):([a-z_]\w*)")  # as SQLAlchemy writes them; two colons are a cast
BINARY = 1


class Glances:
    """A few connections without transactions, on which each statement is planned once.

    What is asked twice may see two moments, and a window gets a plan that knows nothing of it; never write through it. A
    connection is not tried before it is used: the first questions after the database was away fail, and the next do not.
    """

    def __init__(self, url: str | URL) -> None:
        options = "-c timezone=UTC -c statement_timeout=60000 -c plan_cache_mode=force_generic_plan"
        self._engine = create_engine(
            url, pool_size=AT_A_TIME, max_overflow=0, isolation_level="AUTOCOMMIT", connect_args={"options": options},
        )  # fmt: skip
        self._free = BoundedSemaphore(AT_A_TIME)
        self._idle: list[Connection] = []

    @contextmanager
    def one(self) -> Iterator[Connection]:
        """A connection; one that a question failed on is not used again. Raises TimeoutError when none becomes free."""
        if not self._free.acquire(timeout=LONGEST_WAIT_S):
            raise PoolTimeout("no connection for a glance became free")
        try:
            c = self._taken()
            try:
                yield c
            except Refused:  # no fault of the connection
                self._idle.append(c)
                raise
            except BaseException:
                c.invalidate()
                c.close()
                raise
            self._idle.append(c)
        finally:
            self._free.release()

    def _taken(self) -> Connection:
        try:
            return self._idle.pop()  # another thread may have taken the last between a look and this
        except IndexError:
            return self._engine.connect()

    def close(self) -> None:
        """Let those that are idle go."""
        while self._idle:
            self._idle.pop().close()
        self._engine.dispose()


def bytes_of(c: Connection, statement: str, parameters: Mapping[str, Any]) -> bytes | None:
    """The one value of a statement with named parameters, as PostgreSQL sends it in binary; None for null or no row."""
    driver = cast("psycopg.Connection[Any]", c.connection.driver_connection)
    body, names = _numbered(statement)
    prepared: dict[bytes, bytes] = c.info.setdefault("prepared", {})
    if body not in prepared:
        name = b"glance_%d" % len(prepared)
        _right(driver, driver.pgconn.prepare(name, body), pq.ExecStatus.COMMAND_OK)
        prepared[body] = name
    told = driver.pgconn.exec_prepared(
        prepared[body], [_written(driver, parameters[name]) for name in names], result_format=BINARY
    )
    _right(driver, told, pq.ExecStatus.TUPLES_OK)
    return told.get_value(0, 0) if told.ntuples else None


@lru_cache(maxsize=512)
def _numbered(statement: str) -> tuple[bytes, tuple[str, ...]]:
    """The statement as PostgreSQL numbers its parameters, and their names in that order."""
    names = tuple(dict.fromkeys(PARAMETER.findall(statement)))
    return PARAMETER.sub(lambda found: f"${names.index(found[1]) + 1}", statement).encode(), names


def _written(driver: psycopg.Connection[Any], value: object) -> Any:
    """A value as text, as PostgreSQL reads it; what it is follows from its place in the statement."""
    if isinstance(value, int):
        return b"%d" % value
    return Transformer.from_context(driver).dump_sequence([value], [PyFormat.TEXT])[0]


def _right(driver: psycopg.Connection[Any], told: pq.abc.PGresult, wanted: pq.ExecStatus) -> None:
    """Raise what the database says when it did not do what it was asked."""
    if told.status == wanted:
        return
    state = told.error_field(pq.DiagnosticField.SQLSTATE)
    words = (told.error_message or driver.pgconn.error_message).decode("utf-8", "replace").strip()
    raise (errors.lookup(state.decode()) if state else psycopg.OperationalError)(words)
