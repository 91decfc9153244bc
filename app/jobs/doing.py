"""One job done in a process of its own, and the thread of the worker that starts such processes and watches them.

A process of its own, because an hour of arithmetic must never hold up the judge of alerts; it ends when the worker does.
"""

from __future__ import annotations

import json
import logging
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from sqlalchemy import Engine

from app.jobs import discover
from app.jobs.base import Doing, Fields, Stopped
from app.lifeline import OWNED, end_with_parent
from app.loading import Loading
from geodata.commands import jobs, loads, uploads
from geodata.commands.jobs import Taken
from geodata.errors import Refused, Unavailable
from geodata.profile import Profile
from geodata.store.db import transaction
from geodata.store.settings import CHECKOUT, Settings

log = logging.getLogger(__name__)
LOOK_S, BEAT_S, IDLE_S, FORGET_S = 0.2, 3.0, 1.0, 3600.0
NICER, LONGEST_STATEMENT_S = 10, 3600
DEFECT = "This could not be done because of a defect; quote the task's number to whoever runs this system."
DIED = "The process that did this ended by itself, perhaps for want of memory; ask for less."
FOLDER = "jobs"


def keep_doing(engine: Engine, settings: Settings, stop: threading.Event) -> None:
    """Take jobs one after the other until told to stop; a database that is away is waited for."""
    while not stop.is_set():
        try:
            with transaction(engine) as c:
                taken = jobs.take(c)
            if taken:
                watch(engine, settings, taken, stop)
                continue
        except Unavailable as fault:
            log.warning("%s Trying again.", fault)
        except Exception:  # one bad job must not end all others
            log.exception("a job could not be taken or watched")
        stop.wait(IDLE_S)


def watch(engine: Engine, settings: Settings, taken: Taken, stop: threading.Event) -> None:
    """Have a process do a job; say that it lives; end the process when the job is cancelled or the worker stops."""
    process = subprocess.Popen(
        [sys.executable, "-m", "app.cli", "job", str(taken.id), str(taken.attempt)],
        cwd=CHECKOUT, env=_environment(settings), start_new_session=True,
    )  # fmt: skip
    log.info("job %s (%s) taken up, attempt %s", taken.id, taken.kind, taken.attempt)
    waited = 0.0
    try:
        while process.poll() is None and not stop.wait(LOOK_S):
            waited += LOOK_S
            if waited < BEAT_S:
                continue
            waited = 0.0
            with suppress(Unavailable), transaction(engine) as c:
                if not jobs.beat(c, taken):
                    break
    finally:
        process.kill()
        process.wait()
    with transaction(engine) as c:  # does nothing where the process ended the job itself
        if stop.is_set():
            jobs.put_back(c, taken)
        else:
            jobs.failed(c, taken, DIED)
            loads.mark_dead(c)  # what a killed process was loading
            uploads.adopt_dead(c)


def do(
    engine: Engine,
    profile: Profile,
    settings: Settings,
    number: int,
    attempt: int,
    *,
    loading: Callable[[], Loading] | None = None,
) -> int:
    """Do one job that was taken with this attempt; 0 when it was ended here, 1 when it was no longer ours."""
    taken = _taken(engine, number, attempt)
    if taken is None:
        return 1
    made: list[Path] = []
    try:
        result = discover()[taken.kind].do(
            _doing(engine, profile, settings, taken, made=made, loading=loading)
        )
        with transaction(engine) as c:
            ours = jobs.done(c, taken, result)
    except Stopped:
        ours = False
    except Refused as refusal:
        ours = _failed(engine, taken, str(refusal))
    except Exception:
        log.exception("job %s failed", number)
        ours = _failed(engine, taken, DEFECT)
    if not ours:
        for file in made:
            file.unlink(missing_ok=True)
    return 0 if ours else 1


def forget_old(engine: Engine, settings: Settings) -> None:
    """Drop jobs that ended two weeks ago and files sent as long ago, with what they left on the disk."""
    with transaction(engine) as c:
        results, old = jobs.forget(c), uploads.forget_old(c)
    for result in results:
        if file := json.loads(result).get("file"):
            (settings.home / file).unlink(missing_ok=True)
    for number in old:
        shutil.rmtree(settings.uploads / str(number), ignore_errors=True)


def _doing(
    engine: Engine,
    profile: Profile,
    settings: Settings,
    taken: Taken,
    *,
    made: list[Path],
    loading: Callable[[], Loading] | None,
) -> Doing:
    def say(share: float | None, step: str | None) -> None:
        with transaction(engine) as c:
            if not jobs.progress(c, taken, share, step):
                raise Stopped

    def file(suffix: str) -> Path:
        folder = settings.home / FOLDER
        folder.mkdir(parents=True, exist_ok=True)
        made.append(folder / f"{taken.id}-{taken.attempt}.{suffix}")
        return made[-1]

    with engine.connect() as c:
        account = jobs.asker(c, taken)
    return Doing(engine, profile, settings, account, taken.asked, say, file, loading)


def _failed(engine: Engine, taken: Taken, reason: str) -> bool:
    with transaction(engine) as c:
        return jobs.failed(c, taken, reason)


def _taken(engine: Engine, number: int, attempt: int) -> Taken | None:
    with engine.connect() as c:
        return jobs.still(c, number, attempt)


def run(settings: Settings, number: int, attempt: int, loading: Callable[[], Loading] | None = None) -> int:
    """What `./yiping job` does: the database of this home, without making it ready once more."""
    from app.setup import home_profile  # noqa: PLC0415 - the worker has it already
    from geodata.store.db import database_url, make_engine  # noqa: PLC0415

    if os.environ.get(OWNED):
        end_with_parent(9)
    with suppress(OSError):
        os.nice(NICER)
    engine = make_engine(database_url(settings), pool_size=2, longest_s=LONGEST_STATEMENT_S)
    try:
        return do(engine, home_profile(settings, engine), settings, number, attempt, loading=loading)
    finally:
        engine.dispose()


def _environment(settings: Settings) -> Fields:
    mine = {"YIPING_HOME": str(settings.home.resolve()), "PYTHONPATH": str(CHECKOUT), OWNED: "1"}
    if settings.database_url:
        mine["YIPING_DATABASE_URL"] = settings.database_url
    return os.environ | mine
