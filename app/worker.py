"""The worker: does what the store needs done now and then, apart from the web processes."""

from __future__ import annotations

import logging
import signal
import threading
from types import FrameType

from sqlalchemy import Engine

from app.setup import open_home
from geodata.commands.upkeep import forget_ended_sessions, prepare_readings
from geodata.errors import Unavailable
from geodata.profile import Profile
from geodata.store.db import transaction
from geodata.store.settings import Settings

log = logging.getLogger(__name__)
ROUND_S = 300.0


def work(settings: Settings) -> int:
    """Do a round every few minutes until told to stop; a database that is away is waited for."""
    stop = threading.Event()

    def end(_signal: int, _frame: FrameType | None) -> None:
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, end)
    with open_home(settings) as (engine, profile):
        print("worker ready", flush=True)  # noqa: T201 - systemd and compose read it
        while not stop.is_set():
            one_round(engine, profile)
            stop.wait(ROUND_S)
    return 0


def one_round(engine: Engine, profile: Profile) -> None:
    """Partitions ahead, ended sessions away."""
    try:
        with transaction(engine) as connection:
            prepare_readings(connection, profile.today())
            forgotten = forget_ended_sessions(connection)
        log.info("upkeep done, %s sessions ended", forgotten)
    except Unavailable as fault:
        log.warning("%s Trying again in %.0f s.", fault, ROUND_S)
