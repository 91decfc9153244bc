"""The worker: judges what was measured, keeps the store in order, and tells other systems, apart from the web processes."""

from __future__ import annotations

import logging
import signal
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from types import FrameType

from sqlalchemy import Engine

from app import cube_keeping, telling
from app.jobs import doing
from app.judging import Judging
from app.setup import open_home
from geodata.commands import coverage
from geodata.commands.cameras import mark_lost
from geodata.commands.retention import apply_retention
from geodata.commands.upkeep import forget_ended_sessions, prepare_readings
from geodata.errors import Unavailable
from geodata.profile import Profile
from geodata.store.db import transaction
from geodata.store.settings import Settings

log = logging.getLogger(__name__)
ROUND_S, RETENTION_S = 300.0, 3600.0


def work(settings: Settings) -> int:
    """Judge and do the upkeep until told to stop; a database that is away is waited for."""
    stop = threading.Event()

    def end(_signal: int, _frame: FrameType | None) -> None:
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, end)
    with open_home(settings) as (engine, profile):
        print("worker ready", flush=True)  # noqa: T201 - systemd and compose read it
        judging = Judging(engine, profile, stop)
        beside = [
            threading.Thread(target=_every, args=(stop, judging.seated, every_s, do), daemon=True)
            for every_s, do in (
                (ROUND_S, lambda: one_round(engine, profile)),
                (RETENTION_S, lambda: retain(engine)),
                (telling.EVERY_S, lambda: telling.tell_others(engine, profile, settings)),
                (doing.FORGET_S, lambda: doing.forget_old(engine, settings)),
                (cube_keeping.EVERY_S, cube_keeping.Keeper(engine, profile, settings, stop).look),
            )
        ]
        beside.append(threading.Thread(target=doing.keep_doing, args=(engine, settings, stop), daemon=True))
        for thread in beside:
            thread.start()
        judging.run()
        for thread in beside:
            thread.join(5)
    return 0


def _every(stop: threading.Event, seated: threading.Event, every_s: float, do: Callable[[], object]) -> None:
    """Do something again and again while this process has the seat; a defect in it is logged and stops nothing."""
    while not stop.is_set():
        if not seated.wait(1.0):
            continue
        try:
            do()
        except Unavailable as fault:
            log.warning("%s Trying again.", fault)
        except Exception:  # upkeep that fails once must be tried again
            log.exception("upkeep failed")
        stop.wait(every_s)


def one_round(engine: Engine, profile: Profile) -> None:
    """Partitions ahead, ended sessions away, lost cameras called silent, gaps of coverage reckoned anew."""
    with transaction(engine) as connection:
        prepare_readings(connection, profile.today())
        forgotten = forget_ended_sessions(connection)
        lost = mark_lost(connection, datetime.now(UTC))
    with transaction(engine) as connection:
        coverage.refresh(connection, profile, datetime.now(UTC))
    log.info("upkeep done, %s sessions ended, %s cameras fell silent", forgotten, len(lost))


def retain(engine: Engine) -> None:
    """Thin out and drop what is older than its policy keeps."""
    with transaction(engine) as connection:
        gone = apply_retention(connection, datetime.now(UTC))
    log.info("retention done: %s", gone)
