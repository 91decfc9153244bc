"""A small installation of real processes to be killed: database, web, two workers; sensors whose breaches are counted."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import IO

from sqlalchemy import Engine, text

from app.lifeline import OWNED
from geodata.commands import feeds
from geodata.commands.facts import put_fact
from geodata.store.cluster import Cluster, private_cluster
from geodata.store.db import make_engine, migrate
from geodata.store.settings import CHECKOUT
from tests.db.judged_town import lay_town

START_LIMIT_S = 180
FEED = "gateway"


@dataclass
class World:
    """What runs; every process is one that was started here."""

    home: Path
    cluster: Cluster
    engine: Engine
    port: int
    token: str
    log: IO[bytes]
    web: subprocess.Popen[bytes] | None = None
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list)
    kills: dict[str, int] = field(default_factory=lambda: {"worker": 0, "web": 0, "database": 0})

    @property
    def url(self) -> str:
        """Where the web answers."""
        return f"http://127.0.0.1:{self.port}"

    def start_web(self) -> None:
        """The product's web, one process behind one port."""
        self.web = self._start(
            "granian", "--interface", "asgi", "--factory", "--host", "127.0.0.1", "--port", str(self.port), "--workers", "1",
            "--loop", "uvloop", "app.main:create",
        )  # fmt: skip

    def start_worker(self) -> None:
        """One more worker; of several one judges and the others wait."""
        self.workers.append(self._start("app.cli", "worker"))

    def _start(self, *words: str) -> subprocess.Popen[bytes]:
        mine = {
            "YIPING_HOME": str(self.home), "PYTHONPATH": str(CHECKOUT), OWNED: "1", "YIPING_PROFILE": "gusu",
            "YIPING_DATABASE_URL": self.cluster.url().replace("+psycopg", ""), "YIPING_PORT": str(self.port),
        }  # fmt: skip
        return subprocess.Popen(
            [sys.executable, "-m", *words], cwd=CHECKOUT, env=os.environ | mine, stdout=self.log, stderr=self.log,
            start_new_session=True,
        )  # fmt: skip

    def kill_worker(self, which: int) -> None:
        """Kill one of the workers and start another."""
        _kill(self.workers.pop(which % len(self.workers)))
        self.kills["worker"] += 1
        self.start_worker()

    def kill_web(self) -> None:
        """Kill the web with its process and start it again."""
        if self.web:
            _kill(self.web)
        self.kills["web"] += 1
        self.start_web()

    def kill_database(self) -> None:
        """Stop the database at once, as a crash does, and start it again; it recovers from its log."""
        self.cluster._call("pg_ctl", "-D", str(self.cluster.data), "-m", "immediate", "-w", "stop")
        self.kills["database"] += 1
        self.cluster.start()

    def mend(self) -> None:
        """Start again what fell by itself because something else was killed: what `up` does in an installation."""
        if self.web is None or self.web.poll() is not None:
            self.start_web()
        self.workers = [worker for worker in self.workers if worker.poll() is None]
        while len(self.workers) < 2:
            self.start_worker()

    def wait_ready(self) -> None:
        """Wait until the web answers."""
        until = time.monotonic() + START_LIMIT_S
        while time.monotonic() < until:
            self.mend()
            with (
                suppress(urllib.error.URLError, OSError),
                urllib.request.urlopen(f"{self.url}/healthz", timeout=2),
            ):
                return
            time.sleep(0.2)
        raise TimeoutError(f"the web did not start; see {self.log.name}")

    def waiting(self) -> int:
        """Batches that are not judged yet."""
        with self.engine.connect() as c:
            return int(c.execute(text("select count(*) from intake")).scalar_one())

    def stop(self) -> None:
        """End everything that was started."""
        for process in (*self.workers, *([self.web] if self.web else [])):
            _kill(process)


def _kill(process: subprocess.Popen[bytes]) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


@contextmanager
def world(home: Path, sensors: int) -> Iterator[World]:
    """An installation below a folder, with so many sensors and a feed; ended and stopped afterwards."""
    private = private_cluster(home)
    private.start()
    try:
        private.create_database("yiping")
        migrate(private.url())
        engine = make_engine(private.url(), pool_size=2)
        lay_town(engine, sensors)
        with engine.begin() as c:
            put_fact(c, "profile", "gusu")
            put_fact(c, "data_version", 1)
            feeds.add_feed(c, FEED, "readings", title="网关", interval_s=60)
            token = feeds.make_feed_token(c, FEED)
            c.execute(
                text("select ensure_readings_month(cast(:day as date))"),
                {"day": datetime.now().astimezone().date()},
            )
        with (home / "processes.log").open("ab") as log:
            made = World(home, private, engine, _free_port(), token, log)
            try:
                made.mend()
                made.wait_ready()
                yield made
            finally:
                made.stop()
                engine.dispose()
    finally:
        private.stop()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
