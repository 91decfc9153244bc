"""The cube that a process has open for its database: looked for, opened and read on when somebody asks.

Nothing runs beside: whoever asks a question more than half a second after the last looks at the pointer and reads the
tail on, over the connection of the question.
"""

from __future__ import annotations

import logging
import time
from pathlib import Path
from threading import Lock

from sqlalchemy import Connection, Engine, text

from geodata.cube import files
from geodata.cube.dossier import Roll
from geodata.cube.store import Cube, warm
from geodata.cube.tail import Changes, OutOfReach, Tail
from geodata.profile import Profile

log = logging.getLogger(__name__)
LOOK_S = 0.5
WHERE = """
    select concat_ws('/', (select system_identifier from pg_control_system()),
                     (select oid from pg_database where datname = current_database()))"""


class Opened:
    """A cube, the dossier's roll-up beside it, and the changes since both."""

    def __init__(self, cube: Cube, roll: Roll, zone: str) -> None:
        self.cube, self.roll = cube, roll
        self.tail = Tail(cube.facts["snapshot"], zone)
        self.changes: Changes = self.tail.changes


class Shelf:
    """Gives the cube that stands, or None where there is none that can be trusted."""

    def __init__(self, cubes: Path) -> None:
        self.cubes = cubes
        self._lock = Lock()
        self._opened: Opened | None = None
        self._given_up: str | None = None
        self._looked_at = -LOOK_S

    def take(self, c: Connection, profile: Profile, *, at_once: bool = False) -> Opened | None:
        """The cube with its changes, at most half a second old; `at_once` reads on whatever the clock says."""
        with self._lock:
            if at_once or time.monotonic() - self._looked_at >= LOOK_S:
                self._look(c, profile)
                self._looked_at = time.monotonic()
            return self._opened

    def _look(self, c: Connection, profile: Profile) -> None:
        name = files.current(self.cubes)
        if name is None or name == self._given_up:
            self._opened = None
            return
        if self._opened is None or self._opened.cube.name != name:
            self._open(c, profile, name)
        if self._opened is not None:
            try:
                self._opened.changes = self._opened.tail.refresh(c)
            except OutOfReach as reason:
                log.info("the cube %s is laid aside: %s", name, reason)
                self._opened, self._given_up = None, name

    def _open(self, c: Connection, profile: Profile, name: str) -> None:
        self._opened = None
        try:
            cube, roll = open_both(self.cubes / name)
        except files.Damaged as fault:
            log.warning("%s", fault)
            self._given_up = name
            return
        if fits(c, profile, cube):
            warm(cube)
            self._opened, self._given_up = Opened(cube, roll, profile.time_zone), None
        else:
            self._given_up = name


def open_both(folder: Path) -> tuple[Cube, Roll]:
    """A cube and its roll-up, checked; raises Damaged."""
    manifest = files.check(folder)
    return Cube(folder, manifest), Roll(folder, manifest)


def fits(c: Connection, profile: Profile, cube: Cube) -> bool:
    """Whether a cube was built from this very database, by this profile's clock."""
    facts = cube.facts
    return facts.get("database") == database(c) and facts.get("zone") == profile.time_zone


def database(c: Connection) -> str:
    """Which database this is; transactions of another have other numbers."""
    return str(c.execute(text(WHERE)).scalar_one())


_SHELVES: dict[str, Shelf] = {}


def put_up(engine: Engine, cubes: Path) -> Shelf:
    """Say where the cubes of a database stand; the composition root does so once."""
    return _SHELVES.setdefault(_address(engine), Shelf(cubes))


def take_down(engine: Engine) -> None:
    """Forget where they stand."""
    _SHELVES.pop(_address(engine), None)


def opened(c: Connection, profile: Profile, *, at_once: bool = False) -> Opened | None:
    """The cube of a connection's database, if there is one to be trusted."""
    shelf = _SHELVES.get(_address(c.engine))
    return shelf.take(c, profile, at_once=at_once) if shelf else None


def _address(engine: Engine) -> str:
    return engine.url.render_as_string()
