"""What every request needs at hand: the engine, the profile, the settings and what was answered before."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Annotated, Any, cast

import psycopg
from fastapi import Depends, Query, Request
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import InterfaceError, OperationalError, TimeoutError as PoolTimeout

from app.http.crowd_memory import CrowdMemory
from app.http.memory import Remembered
from geodata.commands.accounts import Account
from geodata.commands.feeds import Feed
from geodata.errors import Unavailable
from geodata.profile import Profile
from geodata.queries import freshness
from geodata.queries.heat import CellCounts
from geodata.queries.hotspot_roads import RoadRow
from geodata.store.glances import Glances
from geodata.store.settings import Settings

TILE_ROOM_BYTES = 64 * 2**20
CELL_ROOM_BYTES = 64 * 2**20
FACT_ROOM = 20_000
STRETCH_ROOM = 20_000
DOSSIER_ROOM_HOURS = 500_000  # of counts
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
    dossiers: Remembered[Any] = field(
        default_factory=lambda: Remembered(DOSSIER_ROOM_HOURS, lambda it: len(it.hours))
    )
    crowds: CrowdMemory = field(default_factory=CrowdMemory)
    facts: Remembered[str] = field(default_factory=lambda: Remembered(FACT_ROOM, lambda _: 1))
    known_accounts: dict[bytes, tuple[float, Account]] = field(default_factory=dict)
    known_feeds: dict[bytes, tuple[float, Feed]] = field(default_factory=dict)
    _version: tuple[float, int] = (0.0, 0)
    _glances: Glances = field(init=False)

    def __post_init__(self) -> None:
        """Keep the connections of glances apart: they never wait for those of long questions."""
        self._glances = Glances(self.engine.url)

    def close(self) -> None:
        """Let all connections go."""
        self._glances.close()
        self.engine.dispose()

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
        """A connection for one question: no transaction, and planned once however often it is asked."""
        try:
            with self._glances.one() as c:
                yield c
        except UNREACHABLE as fault:
            raise Unavailable(AWAY) from fault

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


Lang = Annotated[str | None, Query(description="zh or en; the district's own unless said otherwise")]
TheHouse = Annotated[House, Depends(_house)]
Reading = Annotated[Connection, Depends(_connection)]
