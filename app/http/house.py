"""What every request needs at hand: the engine, the profile, the settings and what was answered before."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Annotated, cast

import psycopg
from fastapi import Depends, Request
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError, TimeoutError as PoolTimeout

from app.http.crowd_memory import CrowdMemory
from app.http.memory import Remembered
from geodata.commands.accounts import Account
from geodata.commands.feeds import Feed
from geodata.errors import Unavailable
from geodata.profile import Profile
from geodata.queries import freshness
from geodata.queries.heat import CellCounts
from geodata.queries.hotspot_roads import RoadRow
from geodata.store.db import plan_once
from geodata.store.settings import Settings

TILE_ROOM_BYTES = 64 * 2**20
CELL_ROOM_BYTES = 64 * 2**20
FACT_ROOM = 20_000
STRETCH_ROOM = 20_000
VERSION_LIFE_S = 1.0
AWAY = "The database does not answer or gave up; try again in a moment."
UNREACHABLE = (
    OperationalError,
    InterfaceError,
    PoolTimeout,
    psycopg.OperationalError,
    psycopg.InterfaceError,
)


@dataclass(slots=True)
class House:
    """One installation as its web process sees it."""

    engine: Engine
    profile: Profile
    settings: Settings
    tiles: Remembered[bytes] = field(default_factory=lambda: Remembered(TILE_ROOM_BYTES, len))
    cells: Remembered[CellCounts] = field(
        default_factory=lambda: Remembered(CELL_ROOM_BYTES, lambda x: 16 * len(x.cells) + 200)
    )
    stretches: Remembered[list[RoadRow]] = field(
        default_factory=lambda: Remembered(STRETCH_ROOM, lambda rows: 1 + len(rows))
    )
    crowds: CrowdMemory = field(default_factory=CrowdMemory)
    facts: Remembered[str] = field(default_factory=lambda: Remembered(FACT_ROOM, lambda _: 1))
    known_accounts: dict[bytes, tuple[float, Account]] = field(default_factory=dict)
    known_feeds: dict[bytes, tuple[float, Feed]] = field(default_factory=dict)
    _version: tuple[float, int] = (0.0, 0)
    _kept: threading.local = field(default_factory=threading.local)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection that sees one moment of the data and cannot write."""
        try:
            with self.engine.connect() as plain:
                yield plain.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        except UNREACHABLE as fault:
            raise Unavailable(AWAY) from fault

    @contextmanager
    def glancing(self) -> Iterator[Connection]:
        """A connection that this thread keeps for single questions: no transaction, and plans made once.

        What is asked twice may see two moments, and a window gets a plan that knows nothing of it; never write through it.
        """
        try:
            yield self._glance()
        except (DBAPIError, PoolTimeout, psycopg.Error) as fault:
            self._let_go()
            if isinstance(fault, UNREACHABLE):
                raise Unavailable(AWAY) from fault
            raise

    def _glance(self) -> Connection:
        kept: Connection | None = getattr(self._kept, "connection", None)
        if kept is None:
            kept = self.engine.connect().execution_options(isolation_level="AUTOCOMMIT")
            plan_once(kept)
            self._kept.connection = kept
        return kept

    def _let_go(self) -> None:
        kept: Connection | None = getattr(self._kept, "connection", None)
        self._kept.connection = None
        if kept is not None:
            with suppress(DBAPIError, psycopg.Error):
                kept.invalidate()  # its way of planning must not come back by the pool
                kept.close()

    def known_version(self) -> int | None:
        """The data's version when it was asked less than a second ago."""
        asked_at, version = self._version
        return None if time.monotonic() - asked_at > VERSION_LIFE_S else version

    def version(self) -> int:
        """The data's version, asked at most once a second."""
        asked_at, version = self._version
        if time.monotonic() - asked_at > VERSION_LIFE_S:
            with self.reading() as c:
                version = freshness.data_version(c)
            self._version = (time.monotonic(), version)
        return version


def _house(request: Request) -> House:
    return cast("House", request.app.state.house)


def _connection(request: Request) -> Iterator[Connection]:
    with _house(request).reading() as c:
        yield c


TheHouse = Annotated[House, Depends(_house)]
Reading = Annotated[Connection, Depends(_connection)]
