"""Listening to the database: a connection of its own that comes back by itself when the database was away."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass

import psycopg
from psycopg import AsyncConnection, Connection, sql
from sqlalchemy import Engine

log = logging.getLogger(__name__)
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.2, 5.0


@dataclass(frozen=True, slots=True)
class Notice:
    """What was told on a channel; channel "" means: just connected, ask for what was missed."""

    channel: str
    payload: str = ""


CONNECTED = Notice("")


def address_of(engine: Engine) -> str:
    """The address of an engine's database in the driver's own words."""
    return engine.url.set(drivername="postgresql").render_as_string(hide_password=False)


async def listen(
    address: str, channels: Iterable[str], *, quiet_s: float = 5.0
) -> AsyncIterator[Notice | None]:
    """Notices as they come, CONNECTED after each (re)connection, None after every `quiet_s` without any.

    Goes on until it is cancelled; a database that is away is tried again with growing pauses.
    """
    names, pause_s = list(channels), FIRST_PAUSE_S
    while True:
        try:
            async with await AsyncConnection.connect(address, autocommit=True) as connection:
                for name in names:
                    await connection.execute(sql.SQL("listen {}").format(sql.Identifier(name)))
                pause_s = FIRST_PAUSE_S
                yield CONNECTED
                while True:
                    quiet = True
                    async for notice in connection.notifies(timeout=quiet_s, stop_after=1):
                        quiet = False
                        yield Notice(notice.channel, notice.payload)
                    if quiet:
                        await connection.execute("select 1")  # a dead connection says nothing by itself
                        yield None
        except psycopg.OperationalError as fault:
            log.warning("the database is away, listening again in %.1f s: %s", pause_s, fault)
        await asyncio.sleep(pause_s)
        pause_s = min(pause_s * 2, LONGEST_PAUSE_S)


class Ear:
    """The same without an event loop, for one thread: `wait` gives what was told since it was last asked."""

    def __init__(self, address: str, channels: Iterable[str]) -> None:
        self._address, self._channels = address, list(channels)
        self._connection: Connection | None = None

    def wait(self, longest_s: float) -> list[Notice]:
        """Wait for notices, at most so long; begins with CONNECTED after a (re)connection.

        Raises psycopg.OperationalError while the database is away; asking again connects anew.
        """
        try:
            fresh = [CONNECTED] if self._open() else []
            return fresh + list(self._told(0.0 if fresh else longest_s))
        except psycopg.OperationalError:
            self.close()
            raise

    def close(self) -> None:
        """Give the connection back."""
        if self._connection is not None:
            with suppress(psycopg.Error):
                self._connection.close()
        self._connection = None

    def _open(self) -> bool:
        if self._connection is not None and not self._connection.closed:
            return False
        self._connection = Connection.connect(self._address, autocommit=True)
        for name in self._channels:
            self._connection.execute(sql.SQL("listen {}").format(sql.Identifier(name)))
        return True

    def _told(self, longest_s: float) -> Iterator[Notice]:
        assert self._connection is not None
        quiet = True
        for notice in self._connection.notifies(timeout=longest_s, stop_after=1):
            quiet = False
            yield Notice(notice.channel, notice.payload)
        if quiet:
            self._connection.execute("select 1")
