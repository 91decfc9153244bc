"""The loop of the one judge: batches as they come, the clock every second, and a new start whenever anything breaks."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

import psycopg
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from geodata.commands import intake
from geodata.commands.evaluate import BATCHES, Judge, Rounds
from geodata.profile import Profile
from geodata.store import seat

log = logging.getLogger(__name__)
CLOCK_S, LONGEST_WAIT_S = 1.0, 1.0
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.2, 2.0
SEAT_TRY_S = 0.25


@dataclass(slots=True)
class Judging:
    """One process that judges, or waits for the seat; `seated` is set while it sits."""

    engine: Engine
    profile: Profile
    stop: threading.Event
    rounds: Rounds = field(default_factory=Rounds)
    seated: threading.Event = field(default_factory=threading.Event)
    careful: int = (
        0  # so many batches are still judged one by one, because one of the last could not be judged
    )

    def run(self) -> None:
        """Judge until told to stop; a database that is away is tried again."""
        pause_s = FIRST_PAUSE_S
        while not self.stop.is_set():
            try:
                with seat.session(self.engine) as c:
                    while not seat.take_seat(c):
                        pause_s = FIRST_PAUSE_S
                        if self.stop.wait(SEAT_TRY_S):
                            return
                    pause_s = FIRST_PAUSE_S
                    self._sit(c)
            except (DBAPIError, psycopg.Error) as fault:
                log.warning("the database is away, judging again in %.1f s: %s", pause_s, fault)
                self.stop.wait(pause_s)
                pause_s = min(pause_s * 2, LONGEST_PAUSE_S)
            finally:
                self.seated.clear()

    def _sit(self, c: Connection) -> None:
        """Judge with one memory until it breaks, or until told to stop."""
        with c.begin():
            judge = Judge.load(c, self.profile, rounds=self.rounds)
        self.seated.set()
        log.info("judging")
        next_tick = time.monotonic()
        while not self.stop.is_set():
            judged = self._batches(c, judge)
            if judged is None:
                return
            if time.monotonic() >= next_tick:
                next_tick = time.monotonic() + CLOCK_S
                if not self._whole(c, lambda: judge.tick(c), "the clock"):
                    self.stop.wait(CLOCK_S)
                    return
            if not judged:
                seat.wait(c, max(0.0, min(LONGEST_WAIT_S, next_tick - time.monotonic())))

    def _batches(self, c: Connection, judge: Judge) -> int | None:
        """Judge what waits; None when it could not be judged, so that this judge must be forgotten."""
        limit = 1 if self.careful else BATCHES
        judged = 0

        def do() -> None:
            nonlocal judged
            judged = judge.judge(c, limit)

        if self._whole(c, do, "a batch"):
            self.careful = max(0, self.careful - judged)
            return judged
        if limit == 1:
            with c.begin():
                set_aside = intake.set_aside(c, "see the worker's log")
            log.error("batch %s was set aside", set_aside)
        self.careful = 2 * BATCHES
        return None

    def _whole(self, c: Connection, do: Callable[[], None], what: str) -> bool:
        """Do something in one transaction; whether it held. A database that breaks is for the caller."""
        try:
            with c.begin():
                do()
        except DBAPIError as fault:
            if fault.connection_invalidated or isinstance(fault.orig, psycopg.OperationalError):
                raise
            log.exception("%s could not be judged", what)
        except Exception:  # a defect of ours must not stop what is judged besides
            log.exception("%s could not be judged", what)
        else:
            return True
        return False
