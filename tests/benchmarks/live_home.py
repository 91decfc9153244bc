"""A home of its own for measuring what is live: a small demo district, web and worker as `up` runs them.

Measuring raises alerts; a home that somebody works with must not see them.
"""

from __future__ import annotations

import shutil
import socket
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine

from app.processes import ended, start_web, start_worker
from geodata.commands import accounts
from geodata.commands.facts import put_fact
from geodata.commands.feeds import add_feed, make_feed_token
from geodata.errors import Unavailable
from geodata.profile import Profile, load_profile
from geodata.store.cluster import private_cluster
from geodata.store.db import make_engine, migrate, transaction
from geodata.store.settings import Settings
from tests.benchmarks.served import Served

TICKETS_PER_YEAR = 15_000
FEEDS = (("bench-readings", "readings"), ("bench-crowd", "crowd"), ("bench-tickets", "tickets"))


@dataclass(frozen=True, slots=True)
class LiveHome:
    """A served home with a token for each kind of feed and passwords for each role."""

    served: Served
    feeds: dict[str, str]
    passwords: dict[str, str]
    settings: Settings


@contextmanager
def live_home(workers: int = 2) -> Iterator[LiveHome]:
    """Build it, serve it, and leave nothing behind."""
    folder = Path(tempfile.mkdtemp(prefix="yiping-live-"))
    folder.chmod(0o755)  # the account that runs PostgreSQL must reach it
    settings = Settings(home=folder, port=_free_port(), workers=workers, host="127.0.0.1")
    profile = load_profile("gusu")
    cluster = private_cluster(folder)
    try:
        cluster.start()
        cluster.create_database("yiping")
        migrate(cluster.url())
        engine = make_engine(cluster.url())
        with ExitStack() as stack:
            stack.callback(engine.dispose)
            yield _serve(stack, settings, engine, profile)
    finally:
        cluster.stop()
        shutil.rmtree(folder, ignore_errors=True)


def _serve(stack: ExitStack, settings: Settings, engine: Engine, profile: Profile) -> LiveHome:
    from etl.demo.build import build  # noqa: PLC0415 - slow to import

    build(engine, profile, seed=1229, last=profile.today(), tickets_per_year=TICKETS_PER_YEAR)
    with transaction(engine) as c:
        put_fact(c, "profile", profile.key)
        passwords = dict(accounts.make_first(c))
        token = accounts.make_token(c, "admin")
        who = accounts.of_token(c, token)
        session = accounts.open_session(c, who) if who else ""
        for key, kind in FEEDS:
            add_feed(c, key, kind, title=key, interval_s=60.0)
        tokens = {kind: make_feed_token(c, key) for key, kind in FEEDS}
    stack.enter_context(ended(start_web(settings)))
    stack.enter_context(ended(start_worker(settings)))
    url = f"http://127.0.0.1:{settings.port}"
    _wait(url)
    served = Served(url, token, session, engine, profile, settings, profile.today())
    return LiveHome(served, tokens, passwords, settings)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(url: str) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        with (
            suppress(urllib.error.URLError, OSError),
            urllib.request.urlopen(f"{url}/healthz", timeout=2) as answer,
        ):
            if answer.status == 200:
                return
        time.sleep(0.1)
    raise Unavailable("The server did not start for measuring.")
