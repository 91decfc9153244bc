"""The processes that `up` owns: started in sessions of their own, ended with it, the worker started again when it falls."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from app.lifeline import OWNED, end_with_parent
from geodata.errors import Unavailable
from geodata.store.settings import CHECKOUT, Settings

STOP_LIMIT_S = 20
LOOK_S = 0.25
DATABASE_LOOK_S = 2.0
FIRST_PAUSE_S, LONGEST_PAUSE_S, CALM_S = 0.5, 30.0, 60.0
Process = subprocess.Popen[bytes]


def start_web(settings: Settings) -> Process:
    """The web server with its processes."""
    return _start(
        settings, "web", "granian", "--interface", "asgi", "--factory", "--host", settings.host, "--port", str(settings.port),
        "--workers", str(settings.workers), "--loop", "uvloop", "--backlog", "1024", "--respawn-failed-workers",
        "--workers-kill-timeout", "3", "app.main:create",
    )  # fmt: skip


def start_worker(settings: Settings) -> Process:
    """The process that judges what was measured and keeps the store in order."""
    return _start(settings, "worker", "app.cli", "worker")


def _start(settings: Settings, name: str, *words: str) -> Process:
    settings.logs.mkdir(parents=True, exist_ok=True)
    with (settings.logs / f"{name}.log").open("ab") as log:
        return subprocess.Popen(
            [sys.executable, "-m", *words], stdout=log, stderr=log, cwd=CHECKOUT, env=_environment(settings),
            start_new_session=True, preexec_fn=end_with_parent if name == "web" else None,  # noqa: PLW1509 - no other thread runs yet; the worker sees to it by itself
        )  # fmt: skip


def _environment(settings: Settings) -> dict[str, str]:
    mine = {
        "YIPING_HOME": str(settings.home.resolve()),
        "PYTHONPATH": str(CHECKOUT),
        "YIPING_PORT": str(settings.port),
        OWNED: "1",
    }
    return os.environ | mine


@contextmanager
def ended(process: Process) -> Iterator[Process]:
    """A process that is gone when the block is left."""
    try:
        yield process
    finally:
        stop(process)


def stop(process: Process) -> None:
    """Ask a process to end, and end it with all it started after a while; none may be left holding the port."""
    if process.poll() is None:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(STOP_LIMIT_S)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def watch(settings: Settings, web: Process, database_stands: Callable[[], None]) -> None:
    """Keep the database and the worker running for as long as the web does; raises when the web ends by itself."""
    worker, began, pause_s = start_worker(settings), time.monotonic(), FIRST_PAUSE_S
    looked = time.monotonic()
    try:
        while (status := web.poll()) is None:
            if time.monotonic() - looked > DATABASE_LOOK_S:
                database_stands()
                looked = time.monotonic()
            if worker.poll() is not None:
                pause_s = (
                    FIRST_PAUSE_S if time.monotonic() - began > CALM_S else min(pause_s * 2, LONGEST_PAUSE_S)
                )
                time.sleep(pause_s)
                worker, began = start_worker(settings), time.monotonic()
            time.sleep(LOOK_S)
    finally:
        stop(worker)
    raise Unavailable(f"The web process ended by itself ({status}); see {settings.logs / 'web.log'}.")
