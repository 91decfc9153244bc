"""The way of every file into the store: read → name → locate → repair → check → load → report.

One transaction holds the load, so readers see all of it or nothing; the book of loads is written in others, so that a
refused or broken load is remembered with what was found.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import pandas as pd
import psycopg
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from etl import steps
from etl.formats import open_file
from etl.formats.base import Opening, Raw, Source
from etl.intake import Intake, take_in
from etl.personal import screened
from etl.quality import Ledger, LoadRefused, Report
from etl.steps.base import Case
from geodata.commands import facts, loads
from geodata.errors import FileRefused, Refused, Unavailable
from geodata.profile import Profile
from geodata.store.db import DISK_FULL, is_disk_full

log = logging.getLogger(__name__)


class Kind(Protocol):
    """What is particular to one kind of file; made anew for each load."""

    key: str
    crs: dict[str, Any]
    case: Case
    wanted: Sequence[str]
    figures: dict[str, Any]

    def name(self, raw: Raw) -> pd.DataFrame:
        """Say which column is what."""

    def locate(self, table: pd.DataFrame) -> pd.DataFrame:
        """Say where each row lies."""

    def load(self, table: pd.DataFrame) -> None:
        """Write a batch, or keep it for the end."""

    def finish(self) -> None:
        """Write what can only be written once all is known."""


@dataclass(frozen=True, slots=True)
class Desk:
    """What a kind of file works with; `run` is the number of the load, None for a dry run.

    `crs` is the coordinate system that the user gives, None when the file or the mapping has to say.
    """

    connection: Connection
    profile: Profile
    source: Source
    ledger: Ledger
    run: int | None
    crs: str | None = None


OpenKind = Callable[[Desk], Kind]


def _nobody(_: int) -> None:
    """Nobody wants to hear how far it is."""


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be loaded and how; `max_rejected_percent` is the share of rows, in percent, that may be faulty.

    `crs` stands above what the file and the mapping say; `opening` says which part of the file is meant. `heard` is
    told the rows read so far after each batch; `drop` are columns that hold persons and are not looked at.
    """

    kind: str
    file: Path
    options: dict[str, Any]
    max_rejected_percent: float
    dry_run: bool
    crs: str | None = None
    opening: Opening = field(default_factory=Opening)
    heard: Callable[[int], None] = _nobody
    drop: tuple[str, ...] = ()


class _Undo(Exception):
    """Rolls a dry run back."""


def run(engine: Engine, profile: Profile, order: Order, open_kind: OpenKind) -> Report:
    """Take a file in whole, or refuse it whole: LoadRefused when it was opened, FileRefused when it could not be."""
    intake = take_in(order.file)
    with _connected(engine) as connection:
        number = None if order.dry_run else _enter(connection, order, intake)
        ledger = Ledger()
        work = _Work(connection, profile, order, intake, ledger, number)
        try:
            return work.done(open_kind)
        except FileRefused as refusal:
            raise LoadRefused(work.ended("refused", str(refusal))) from refusal
        except Exception as fault:
            told = _told(fault)
            work.ended(
                "failed",
                str(told) if isinstance(told, Refused) else "The load broke off; nothing of it was kept.",
            )
            raise told from fault
        finally:
            if number is not None:
                _let_go(connection, number)


@dataclass(slots=True)
class _Work:
    connection: Connection
    profile: Profile
    order: Order
    intake: Intake
    ledger: Ledger
    number: int | None
    kind: Kind | None = None

    def done(self, open_kind: OpenKind) -> Report:
        try:
            with self.connection.begin():
                loads.take_turn(self.connection)
                with loads.kept_for_undo(self.connection, self.number), self._closed():
                    self._carry(open_kind)
                self._keep_or_undo()
        except _Undo:
            return self._report("dry_run", None)
        return self._report("done", None)

    @contextmanager
    def _closed(self) -> Iterator[None]:
        """Let a kind that works beside the pipeline end before the transaction does."""
        try:
            yield
        finally:
            if close := getattr(self.kind, "close", None):
                close()

    def _keep_or_undo(self) -> None:
        if self.order.dry_run:
            raise _Undo
        facts.bump_data_version(self.connection)
        self._close("done", None)

    def _carry(self, open_kind: OpenKind) -> None:
        source = screened(open_file(self.intake, self.order.opening), self.ledger, self.order.drop)
        desk = Desk(self.connection, self.profile, source, self.ledger, self.number, self.order.crs)
        self.kind = kind = open_kind(desk)
        repairs, checks = steps.discover(kind.key, "repair"), steps.discover(kind.key, "check")
        for raw in source.rows(kind.wanted, self.ledger):
            table = kind.locate(kind.name(raw))
            for step in (*repairs, *checks):
                table = step.apply(table, kind.case)
            kind.load(table)
            self.order.heard(self.ledger.read)
        self._check_share()
        kind.finish()
        self._check_share()  # what only shows in the whole

    def _check_share(self) -> None:
        read, rejected, limit = self.ledger.read, self.ledger.rejected, self.order.max_rejected_percent
        if not read:
            raise FileRefused(f"“{self.intake.path.name}” has a header but no rows; ask for it again.")
        if rejected * 100 > limit * read:
            share = f"{rejected:,} of {read:,} rows ({rejected / read:.1%}) cannot be taken, more than the {limit:g} % allowed"
            raise FileRefused(f"{share}: the first is {self.ledger.first_rejection()}.")

    def ended(self, state: str, message: str) -> Report:
        """Enter how it ended when it did not end well; a store that is out of reach is told of the next time."""
        if self.number is not None:
            try:
                with self.connection.begin():
                    self._close(state, message)
            except DBAPIError:
                log.exception("load %s could not be closed in the book", self.number)
        return self._report(state, message)

    def _close(self, state: str, message: str | None) -> None:
        if self.number is not None:
            loads.end(self.connection, self.number, state, message, self.ledger.counts())
            loads.keep_findings(
                self.connection, self.number, [finding.kept() for finding in self.ledger.told()]
            )

    def _report(self, state: str, message: str | None) -> Report:
        crs, figures = (
            (self.kind.crs, self.kind.figures) if self.kind else ({"declared": None, "used": None}, {})
        )
        findings = self.ledger.told()
        name, rows = self.intake.path.name, self.ledger.counts()
        return Report(
            self.order.kind, name, state, rows, crs, findings,
            self.number, message, figures, self.profile.language,
        )  # fmt: skip


@contextmanager
def _connected(engine: Engine) -> Iterator[Connection]:
    try:
        with engine.connect() as connection:
            yield connection
    except DBAPIError as fault:
        raise _told(fault) from fault


def _enter(connection: Connection, order: Order, intake: Intake) -> int:
    with connection.begin():
        loads.mark_dead(connection)
        name, sha256 = intake.path.name, intake.sha256
        return loads.begin(connection, kind=order.kind, file_name=name, sha256=sha256, options=order.options)


def _let_go(connection: Connection, number: int) -> None:
    try:
        with connection.begin():
            loads.let_go(connection, number)
    except DBAPIError:
        connection.invalidate()  # the lock goes with the connection


def _told(fault: Exception) -> Exception:
    if isinstance(fault, psycopg.Error):  # of COPY, which goes past SQLAlchemy
        gone = isinstance(fault, psycopg.OperationalError)
        return _told(DBAPIError("COPY", None, fault, connection_invalidated=gone))
    if isinstance(fault, DBAPIError):
        log.error(
            "the store refused a load: %s", type(fault.orig).__name__
        )  # its words hold the row, and so persons
        if is_disk_full(fault):
            return Unavailable(DISK_FULL)
        if fault.connection_invalidated:
            return Unavailable("The database went away; nothing was loaded. Start it and load again.")
        said = str(fault.orig).partition("\n")[0]
        return Refused(f"The store did not take what the file holds ({said}); nothing was loaded.")
    if isinstance(fault, OSError):
        return Unavailable(f"The system refused: {fault.strerror or fault}; nothing was loaded.")
    return fault
