"""The worker's care for the heat cube: looks whether a new one is due and has it built by a process of its own.

A process of its own, and a nice one, because whoever builds is busy for a while and the judge must not wait for it.
"""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from threading import Event

from sqlalchemy import Engine

from app.lifeline import end_with_parent
from geodata.cube import upkeep
from geodata.profile import Profile
from geodata.store.settings import CHECKOUT, Settings

log = logging.getLogger(__name__)
EVERY_S = 5.0
POLL_S = 0.5
NICE = 10
REST = 3  # times as long as a build took, before the next
REST_AFTER_FAULT_S = 60.0


@dataclass(slots=True)
class Keeper:
    """Keeps the cube of one home."""

    engine: Engine
    profile: Profile
    settings: Settings
    stop: Event
    _rests_until: float = 0.0
    _read_whole: bool = False

    def look(self) -> None:
        """Build where a new cube is due, drop what is spent; the first look reads every byte."""
        with self.engine.connect() as c:
            due = upkeep.state(c, self.profile, self.settings.cubes, sums=not self._read_whole).due
        self._read_whole = True
        if due is None:
            upkeep.drop_spent(self.engine, self.profile, self.settings.cubes)
            return
        if time.monotonic() >= self._rests_until:
            log.info("the heat cube is built: %s", due)
            self._build()

    def _build(self) -> None:
        began = time.monotonic()
        child = subprocess.Popen(
            [sys.executable, "-m", "app.cli", "cube", "build", "--quiet"],
            cwd=CHECKOUT, env=os.environ | {"YIPING_HOME": str(self.settings.home.resolve())},
            stdout=subprocess.DEVNULL, preexec_fn=_humble,  # noqa: PLW1509 - it calls the kernel and nothing of ours
        )  # fmt: skip
        while child.poll() is None:
            if self.stop.wait(POLL_S):
                child.terminate()
                child.wait(10)
                return
        self._rests_until = time.monotonic() + REST * (time.monotonic() - began)
        if child.returncode:
            self._rests_until = time.monotonic() + REST_AFTER_FAULT_S
            log.warning(
                "the heat cube was not built (%s); maps count ticket rows meanwhile", child.returncode
            )


def _humble() -> None:
    os.nice(NICE)
    end_with_parent(signal.SIGTERM)
