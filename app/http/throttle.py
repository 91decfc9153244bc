"""Slows down whoever guesses passwords: by name and address, by name, and by address."""

from __future__ import annotations

import time
from collections import deque
from threading import Lock

from geodata.errors import Refused

SPAN_S = 900.0
MOST = {"pair": 5, "name": 20, "address": 50}
KEPT_MOST = 10_000


class TooMany(Refused):
    """Too many wrong passwords of late."""

    code = "too_many"


class Throttle:
    """Counts wrong passwords of the last 15 minutes; each web process keeps its own count."""

    def __init__(self) -> None:
        self._wrong: dict[tuple[str, str], deque[float]] = {}
        self._lock = Lock()

    def check(self, name: str, address: str) -> None:
        """Refuse a try when there were too many wrong ones."""
        now = time.monotonic()
        with self._lock:
            for key in _keys(name, address):
                tries = self._wrong.get(key, deque())
                while tries and now - tries[0] > SPAN_S:
                    tries.popleft()
                if len(tries) >= MOST[key[0]]:
                    minutes = max(1, round((SPAN_S - (now - tries[0])) / 60))
                    raise TooMany(f"Too many wrong passwords; try again in {minutes} min.")

    def wrong(self, name: str, address: str) -> None:
        """Note a wrong password."""
        with self._lock:
            if len(self._wrong) > KEPT_MOST:
                self._wrong.clear()
            for key in _keys(name, address):
                self._wrong.setdefault(key, deque()).append(time.monotonic())

    def right(self, name: str, address: str) -> None:
        """Forget the wrong ones after a right one."""
        with self._lock:
            self._wrong.pop(("pair", f"{name}@{address}"), None)


def _keys(name: str, address: str) -> tuple[tuple[str, str], ...]:
    return ("pair", f"{name}@{address}"), ("name", name), ("address", address)
