"""Keeps the cube that stands: whether a new one is due, building it beside, putting it in place, dropping what is spent."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, text

from geodata.commands.facts import put_fact
from geodata.cube import files, source
from geodata.cube.build import Progress, build, quiet
from geodata.cube.shelf import fits, open_both
from geodata.cube.tail import PRUNED
from geodata.errors import Refused
from geodata.profile import Profile
from geodata.store.db import transaction
from geodata.store.locks import Lock

LONGEST_TAIL = 10_000  # kinds of tickets, after which the tail is folded into a new cube
SPENT_AFTER_S = 60.0  # by then every process has the new cube open
WAITING = """
    select count(*) as changes, coalesce(bool_or(n = 0), false) as too_many from ticket_changes
    where xid >= pg_snapshot_xmin(cast(:seen as pg_snapshot)) and not pg_visible_in_snapshot(xid, cast(:seen as pg_snapshot))"""


@dataclass(frozen=True, slots=True)
class State:
    """What there is to know about the cube; `due` is None or one sentence that says why a new one is needed."""

    name: str | None
    built_at: datetime | None
    tickets: int | None
    files_bytes: int | None
    tail: int | None
    due: str | None

    def as_json(self) -> dict[str, Any]:
        """As the command line prints it."""
        return asdict(self) | {"built_at": self.built_at.isoformat() if self.built_at else None}


def state(c: Connection, profile: Profile, cubes: Path, *, sums: bool = False) -> State:
    """The cube that stands and whether a new one is due; `sums` reads every byte of it."""
    name = files.current(cubes)
    if name is None:
        return State(None, None, None, None, None, "There is no cube yet.")
    try:
        manifest = files.check(cubes / name, sums=sums)
    except files.Damaged as fault:
        return State(name, None, None, None, None, str(fault))
    facts, changes = manifest["facts"], None
    due: str | None = "It was built from another database."
    if fits(c, profile, facts):
        waiting = c.execute(text(WAITING), {"seen": facts["snapshot"]}).one()
        changes, due = waiting.changes, _due(c, facts, waiting)
    built = datetime.fromtimestamp((cubes / name / files.MANIFEST).stat().st_mtime, UTC)
    size = sum(file["bytes"] for file in manifest["files"].values())
    return State(name, built, facts["tickets"], size, changes, due)


def _due(c: Connection, facts: dict[str, Any], waiting: Any) -> str | None:
    if waiting.too_many:
        return "More tickets changed at once than the tail can tell."
    if waiting.changes > LONGEST_TAIL:
        return "The tail has grown long."
    if facts["ground"] != source.ground(c):
        return "Boundaries or categories changed."
    return None


def rebuild(engine: Engine, profile: Profile, cubes: Path, progress: Progress = quiet) -> str:
    """Build a new cube and let it stand; the one before answers on until then. Gives its name."""
    with _alone(engine):
        files.sweep(cubes, _kept(cubes))
        _forget_foreign(engine)
        name = f"{datetime.now(UTC):%Y%m%dT%H%M%S}-{time.time_ns() % 10**6:06d}"
        half = cubes / f"{name}.part"
        build(engine, profile, half, progress)
        open_both(half)  # read once, and what web processes run is compiled before they open it
        half.rename(cubes / name)
        files.point_to(cubes, name)
    return name


def _forget_foreign(engine: Engine) -> None:
    """Drop what a restored backup brought along: transactions of another cluster, which this one has not come to yet."""
    with transaction(engine) as c:
        c.execute(text("delete from ticket_changes where xid >= pg_snapshot_xmax(pg_current_snapshot())"))
        c.execute(
            text("""delete from facts where key = :key
                    and cast(value #>> '{}' as xid8) > pg_snapshot_xmin(pg_current_snapshot())"""),
            {"key": PRUNED},
        )


def drop_spent(engine: Engine, profile: Profile, cubes: Path) -> int:
    """Drop cubes of before, and the log up to the moment that the cube that stands has seen; gives rows dropped."""
    name = files.current(cubes)
    if name is None or time.time() - (cubes / files.POINTER).stat().st_mtime < SPENT_AFTER_S:
        return 0
    facts = files.read_manifest(cubes / name)["facts"]
    with transaction(engine) as c:
        if not fits(c, profile, facts):
            return 0
        below = str(
            c.execute(text("select pg_snapshot_xmin(cast(:seen as pg_snapshot))::text"), {"seen": facts["snapshot"]}).scalar_one()
        )  # fmt: skip
        gone = c.execute(
            text("delete from ticket_changes where xid < cast(:below as xid8)"), {"below": below}
        ).rowcount
        if gone:
            put_fact(c, PRUNED, below)
    files.sweep(cubes, {name} | _growing(cubes))
    return gone


def check(c: Connection, profile: Profile, cubes: Path) -> State:
    """Read every byte of the cube that stands; raises Refused when there is none or it is damaged."""
    name = files.current(cubes)
    if name is None:
        raise Refused("There is no cube yet; build one with ./yiping cube build.")
    open_both(cubes / name)
    return state(c, profile, cubes)


def _kept(cubes: Path) -> set[str]:
    name = files.current(cubes)
    return {name} if name else set()


def _growing(cubes: Path) -> set[str]:
    return {folder.name for folder in cubes.glob("*.part")}


@contextmanager
def _alone(engine: Engine) -> Iterator[None]:
    """Hold the lock of the builder; raises Refused when somebody else builds."""
    with engine.connect() as c:
        with c.begin():
            mine = c.execute(text("select pg_try_advisory_lock(:lock)"), {"lock": int(Lock.CUBE)}).scalar()
        try:
            if not mine:
                raise Refused("A cube is being built already; wait for it.")
            yield
        finally:
            c.invalidate()  # the lock goes with its session
