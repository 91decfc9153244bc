"""Heat through the door of a served home: what a program waits for, with everything between that a person has too."""

from __future__ import annotations

import http.client
import time
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode, urlsplit

from sqlalchemy import text

from geodata.errors import Refused
from geodata.store.settings import Settings
from tests.benchmarks.heat_home import SEED
from tests.benchmarks.heat_questions import KINDS, WARM_TIMES, Ground, questions
from tests.benchmarks.served import Served, serve, spread

TIMES = 200
SETTLED_S, CALM_MS = 90.0, 40.0


def through_the_door(home: Settings, on: Ground, first: date) -> dict[str, float]:
    """Medians and 95th percentiles of the four kinds of questions over one kept connection, and the worst of the latter."""
    figures: dict[str, float] = {}
    with serve(home) as served:
        with served.engine.connect() as c:
            codes = {int(row[0]): str(row[1]) for row in c.execute(text("select id, code from categories"))}
        settle(served)
        for kind in KINDS:
            for question in questions(kind, on, WARM_TIMES, SEED + 2):
                ask(served, question, first, codes)  # both processes, over connections of their own
            link = Link(served)
            asked = [_address(question, first, codes) for question in questions(kind, on, TIMES, SEED + 3)]
            figures |= spread(f"{kind.key}_http", [link.timed_ms(address) for address in asked])
            link.close()
    figures["http_p95_ms"] = max(figures[f"{kind.key}_http_p95_ms"] for kind in KINDS)
    return figures


def settle(served: Served) -> None:
    """Wait until every process has the cube open, which takes it seconds; until then rows are counted."""
    asked = f"/api/heat?format=binary&resolution=10&from={served.last - timedelta(days=364)}&to={served.last}"
    until, calm = time.monotonic() + SETTLED_S, 0
    while calm < 20 and time.monotonic() < until:
        link = Link(served)  # a connection of its own, so that it is now this process, now that
        calm = calm + 1 if link.timed_ms(asked) < CALM_MS else 0
        link.close()
        time.sleep(0.05)


class Link:
    """A kept connection to a served home."""

    def __init__(self, served: Served) -> None:
        address = urlsplit(served.url)
        self._link = http.client.HTTPConnection(address.hostname or "", address.port, timeout=60)
        self._headers = {"Authorization": f"Bearer {served.token}"}

    def get(self, address: str) -> bytes:
        """The body of an answer; refused unless it is 200 or 204."""
        self._link.request("GET", address, headers=self._headers)
        answer = self._link.getresponse()
        body = answer.read()
        if answer.status not in (200, 204):
            raise Refused(f"{address} answered {answer.status} while measuring.")
        return body

    def timed_ms(self, address: str) -> float:
        """Milliseconds until the whole answer is there."""
        began = time.perf_counter()
        self.get(address)
        return (time.perf_counter() - began) * 1000

    def close(self) -> None:
        """End it."""
        self._link.close()


def ask(served: Served, question: dict[str, Any], first: date, codes: dict[int, str]) -> bytes:
    """One answer over a connection of its own."""
    link = Link(served)
    body = link.get(_address(question, first, codes))
    link.close()
    return body


def _address(q: dict[str, Any], first: date, codes: dict[int, str]) -> str:
    told = {
        "resolution": q["resolution"],
        "from": first + timedelta(days=q["first"]),
        "to": first + timedelta(days=q["last"]),
    }
    if q["category"] is not None:
        told["category"] = codes[q["category"]]
    if q["box"]:
        told["bbox"] = ",".join(f"{edge:.7f}" for edge in q["box"])
    return f"/api/heat?{urlencode(told)}"
