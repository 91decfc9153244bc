"""The cube that a process has open for its database: looked for, opened and read on when somebody asks.

Nothing runs beside: whoever asks a question more than a fifth of a second after the last looks at the pointer and reads the
tail on, over the connection of the question.
"""

from __future__ import annotations

import logging
import time
from pathlib import Path
from threading import Lock, Thread
from typing import Any

from sqlalchemy import Connection, Engine

from geodata.cube import files, source
from geodata.cube.dossier import Roll
from geodata.cube.store import Cube, warm
from geodata.cube.tail import Changes, OutOfReach, Tail
from geodata.profile import Profile

log = logging.getLogger(__name__)
LOOK_S = 0.2


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
        self._opening: Thread | None = None
        self._ready: tuple[Cube, Roll] | None = None
        self._given_up: str | None = None
        self._looked_at = -LOOK_S

    def take(self, c: Connection, profile: Profile, *, at_once: bool = False) -> Opened | None:
        """The cube with its changes, at most a fifth of a second old.

        `at_once` opens and reads on now; else a new cube is opened beside, while the one before answers on.
        """
        with self._lock:
            if at_once or time.monotonic() - self._looked_at >= LOOK_S:
                self._look(c, profile, at_once=at_once)
                self._looked_at = time.monotonic()
            return self._opened

    def _look(self, c: Connection, profile: Profile, *, at_once: bool) -> None:
        name = files.current(self.cubes)
        if name is None:
            self._opened = None
        elif name != self._given_up and (self._opened is None or self._opened.cube.name != name):
            self._open(name, at_once=at_once)
            self._put_forward(c, profile, name)
        if self._opened is not None:
            try:
                self._opened.changes = self._opened.tail.refresh(c)
            except OutOfReach as reason:
                log.info("the cube %s is laid aside: %s", self._opened.cube.name, reason)
                self._given_up, self._opened = self._opened.cube.name, None

    def _open(self, name: str, *, at_once: bool) -> None:
        if self._opening is None:
            self._opening = Thread(target=self._read, args=(name,), daemon=True)
            self._opening.start()
        if at_once:
            self._opening.join()

    def _read(self, name: str) -> None:
        """Check and map the files and make the loops ready: seconds, so never while somebody waits."""
        try:
            self._ready = open_both(self.cubes / name)
        except (files.Damaged, OSError) as fault:
            log.warning("%s", fault)
            self._given_up = name

    def _put_forward(self, c: Connection, profile: Profile, name: str) -> None:
        if self._opening is None or self._opening.is_alive():
            return
        ready, self._opening, self._ready = self._ready, None, None
        if ready is None or ready[0].name != name:
            return
        if fits(c, profile, ready[0].facts):
            self._opened = Opened(*ready, profile.time_zone)
        else:
            self._given_up, self._opened = name, None


def open_both(folder: Path) -> tuple[Cube, Roll]:
    """A cube and its roll-up, checked and with their loops compiled; raises Damaged."""
    manifest = files.check(folder)
    cube, roll = Cube(folder, manifest), Roll(folder, manifest)
    warm(cube)
    roll.warm()
    return cube, roll


def fits(c: Connection, profile: Profile, facts: dict[str, Any]) -> bool:
    """Whether a cube with these facts was built from this very database, by this profile's clock."""
    return facts.get("database") == source.database(c) and facts.get("zone") == profile.time_zone


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
