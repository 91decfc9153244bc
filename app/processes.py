"""The processes that `up` owns: started in sessions of their own, ended with it, started again when they fall."""

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


def companions(settings: Settings) -> list[tuple[str, tuple[str, ...]]]:
    """What runs beside the web: the judge, and the listener to a broker where one is named."""
    beside: list[tuple[str, tuple[str, ...]]] = [("worker", ("app.cli", "worker"))]
    if settings.mqtt_url:
        beside.append(("mqtt", ("app.cli", "feed", "mqtt")))
    return beside


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
        "YIPING_CAMERA_HOSTS": settings.camera_hosts,
        "YIPING_WEBHOOK_HOSTS": settings.webhook_hosts,
        OWNED: "1",
    }
    if settings.database_url:
        mine["YIPING_DATABASE_URL"] = settings.database_url
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


class Kept:
    """One process that is started again when it falls, with growing pauses while it keeps falling."""

    def __init__(self, settings: Settings, name: str, words: tuple[str, ...]) -> None:
        self._settings, self._name, self._words = settings, name, words
        self._pause_s, self._due = FIRST_PAUSE_S, 0.0
        self.process = self._begin()

    def look(self) -> None:
        """Start it again when it fell and its pause is over."""
        if self.process.poll() is None:
            return
        now = time.monotonic()
        if not self._due:
            calm = now - self._began > CALM_S
            self._pause_s = FIRST_PAUSE_S if calm else min(self._pause_s * 2, LONGEST_PAUSE_S)
            self._due = now + self._pause_s
        elif now >= self._due:
            self.process, self._due = self._begin(), 0.0

    def _begin(self) -> Process:
        self._began = time.monotonic()
        return _start(self._settings, self._name, *self._words)


def watch(settings: Settings, web: Process, database_stands: Callable[[], None]) -> None:
    """Keep the database and the companions running for as long as the web does; raises when the web ends by itself."""
    kept = [Kept(settings, name, words) for name, words in companions(settings)]
    looked = time.monotonic()
    try:
        while (status := web.poll()) is None:
            if time.monotonic() - looked > DATABASE_LOOK_S:
                database_stands()
                looked = time.monotonic()
            for one in kept:
                one.look()
            time.sleep(LOOK_S)
    finally:
        for one in kept:
            one.process.terminate()
        for one in kept:
            stop(one.process)
    raise Unavailable(f"The web process ended by itself ({status}); see {settings.logs / 'web.log'}.")
