"""The seat of the one judge: a session that holds a lock, hears what is told, and is given up with its connection.

Lock and transactions are of one session. A judge whose connection breaks has lost both at once, so that two never sit.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import cast

import psycopg
from sqlalchemy import Connection, Engine, text

from geodata.store.locks import Lock
from geodata.store.notices import INTAKE


@contextmanager
def session(engine: Engine) -> Iterator[Connection]:
    """A connection of its own, closed for good afterwards: a lock must not go back into a pool."""
    connection = engine.connect()
    try:
        yield connection
    finally:
        connection.invalidate()
        connection.close()


def take_seat(c: Connection) -> bool:
    """Take the seat if it is free, and listen for batches; it is kept until the session ends."""
    with c.begin():
        if not c.execute(text("select pg_try_advisory_lock(:lock)"), {"lock": int(Lock.SEAT)}).scalar():
            return False
        c.execute(text(f"listen {INTAKE}"))
    return True


def wait(c: Connection, longest_s: float) -> bool:
    """Wait until something is told, at most so long; whether it was. Only between transactions."""
    driver = cast("psycopg.Connection[object]", c.connection.driver_connection)
    return any(True for _ in driver.notifies(timeout=longest_s, stop_after=1))
