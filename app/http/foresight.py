"""Makes ready what the first hotspot question would wait for, in the background: a while after the start and after every load."""

from __future__ import annotations

import logging
import os
import time
from dataclasses import dataclass, field
from threading import Event, Thread, get_native_id

from app.http.house import House
from geodata.queries.freshness import data_version
from geodata.queries.hotspot_ground import steps

log = logging.getLogger(__name__)
FIRST_S = 60.0  # a start has its own work to do, and so have those who sign in just then
EVERY_S = 30.0
NICE = 15
REST = 20  # times as long as a step took, before the next: nobody else shall feel it


@dataclass(slots=True)
class Foresight:
    """One thread of a web process that looks whether the data are others than those made ready."""

    house: House
    stop: Event = field(default_factory=Event)
    _ready: int | None = None

    def begin(self) -> None:
        """Start looking."""
        Thread(target=self._keep, name="foresight", daemon=True).start()

    def _keep(self) -> None:
        os.setpriority(os.PRIO_PROCESS, get_native_id(), NICE)  # of this thread alone, as Linux has it
        wait_s = FIRST_S
        while not self.stop.wait(wait_s):
            wait_s = EVERY_S
            try:
                self.look()
            except Exception:  # the questions themselves will say what is wrong
                log.exception("hotspots were not made ready; the first question will wait for what it needs")

    def look(self, rest: int = REST) -> None:
        """Make ready what is not, a step at a time."""
        with self.house.reading() as c:
            version = data_version(c)
            todo = steps(c, self.house.profile) if version != self._ready else []
        for step in todo:
            began = time.monotonic()
            with self.house.reading() as c:
                step(c)
            if self.stop.wait(rest * (time.monotonic() - began)):
                return
        self._ready = version
