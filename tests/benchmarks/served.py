"""A home served on a free port for measuring, with a token and the few facts that benches ask for."""

from __future__ import annotations

import json
import math
import socket
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Engine

from app.processes import ended, start_web
from app.setup import open_home
from geodata.commands import accounts
from geodata.errors import Refused, Unavailable
from geodata.profile import Profile
from geodata.queries.facts import last_day
from geodata.store.db import transaction
from geodata.store.settings import Settings

START_LIMIT_S = 180  # a machine with other work takes a minute over what takes it seconds


@dataclass(frozen=True, slots=True)
class Served:
    """One served home."""

    url: str
    token: str
    session: str
    engine: Engine
    profile: Profile
    settings: Settings
    last: date

    def get(self, path: str, **query: object) -> tuple[int, bytes]:
        """Ask a door as admin: status and body."""
        words = urllib.parse.urlencode({k.rstrip("_"): v for k, v in query.items()}, doseq=True)
        address = f"{self.url}{path}" + (f"?{words}" if words else "")
        request = urllib.request.Request(address, headers={"Authorization": f"Bearer {self.token}"})
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as fault:
            return fault.code, fault.read()

    def json(self, path: str, **query: object) -> Any:
        """Ask a door and read its JSON."""
        status, body = self.get(path, **query)
        if status != 200:
            raise Refused(f"{path} answered {status} while measuring.")
        return json.loads(body)


@contextmanager
def serve(settings: Settings, workers: int = 2) -> Iterator[Served]:
    """Serve a home until the block ends; its database is started if need be."""
    with open_home(settings) as (engine, profile):
        with transaction(engine) as connection:
            last = last_day(connection, profile)
            if last is None:
                raise Refused("There are no tickets in this home to measure on; run ./yiping up first.")
            accounts.make_first(connection)
            token = accounts.make_token(connection, "admin")
            who = accounts.of_token(connection, token)
            session = accounts.open_session(connection, who) if who else ""
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        here = settings.model_copy(update={"host": "127.0.0.1", "port": port, "workers": workers})
        with ended(start_web(here)):
            url = f"http://127.0.0.1:{port}"
            _wait(url)
            yield Served(url, token, session, engine, profile, settings, last)


def _wait(url: str) -> None:
    until = time.monotonic() + START_LIMIT_S
    while time.monotonic() < until:
        with (
            suppress(urllib.error.URLError, OSError),
            urllib.request.urlopen(f"{url}/healthz", timeout=2) as answer,
        ):
            if answer.status == 200:
                return
        time.sleep(0.1)
    raise Unavailable("The server did not start for measuring.")


def timed_ms(do: Callable[[], object], times: int) -> list[float]:
    """Milliseconds of each of so many calls."""
    taken = []
    for _ in range(times):
        began = time.perf_counter()
        do()
        taken.append((time.perf_counter() - began) * 1000)
    return taken


def spread(name: str, taken: list[float]) -> dict[str, float]:
    """Median and 95th percentile under a name."""
    ordered = sorted(taken)
    at = lambda share: ordered[min(len(ordered) - 1, math.ceil(share * len(ordered)) - 1)]  # noqa: E731
    return {f"{name}_p50_ms": at(0.5), f"{name}_p95_ms": at(0.95)}
