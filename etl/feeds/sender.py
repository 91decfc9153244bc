"""An outside sender: batches go to the public HTTP doors in order, and again until they are acknowledged."""

from __future__ import annotations

import json
import threading
import time
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Self

import httpx

from geodata.errors import Refused

PATIENCE_S = 20.0
DRAINED_WITHIN_S, LOOK_EVERY_S = 30.0, 0.1
PAUSES_S = (0.5, 1.0, 2.0, 5.0, 10.0)
MOST_WAITING = 720  # batches of a feed; at a tick every five seconds an hour, beyond which the oldest go
BUSY = {408, 425, 429, 500, 502, 503, 504}  # it may be taken later; all else never will
LOST_TOKEN = {401, 403}
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Batch:
    """What one feed tells at once; `body` is JSON."""

    kind: str  # readings, crowd, tickets
    token: str
    body: Any


@dataclass
class Sender:
    """Keeps what is not acknowledged and sends it in order; one that is away is waited for, which is said once."""

    url: str
    say: Say
    transport: httpx.BaseTransport | None = None
    clock: Callable[[], float] = time.monotonic
    verdicts: Counter[str] = field(default_factory=Counter)
    dropped: int = 0
    first_at: datetime | None = None  # when the first batch was acknowledged
    _line: deque[Batch] = field(default_factory=deque)
    _fails: int = 0
    _not_before: float = 0.0

    def __post_init__(self) -> None:
        self._http = httpx.Client(
            base_url=self.url, timeout=PATIENCE_S, transport=self.transport, trust_env=False
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    @property
    def waiting(self) -> int:
        """How many batches are not acknowledged."""
        return len(self._line)

    def put(self, batch: Batch) -> None:
        """Queue a batch; when too many wait the oldest is given up and counted."""
        if len(self._line) >= MOST_WAITING:
            self._line.popleft()
            self.dropped += 1
        self._line.append(batch)

    def flush(self) -> bool:
        """Send what waits, oldest first; False when the server is away or busy, and all of it is still kept."""
        while self._line and self.clock() >= self._not_before:
            try:
                answer = self._post(self._line[0])
            except httpx.TransportError as fault:
                return self._wait(f"The server at {self.url} does not answer ({type(fault).__name__})")
            if answer.status_code in BUSY:
                return self._wait(f"The server at {self.url} is busy ({answer.status_code})")
            self._line.popleft()
            self._taken(answer)
        return not self._line

    def drain(self, stop: threading.Event, most_s: float = DRAINED_WITHIN_S) -> bool:
        """Send what waits, at the end, waiting so long for a server that is away; False when something is left."""
        until = self.clock() + most_s
        while not self.flush() and self.clock() < until:
            if stop.wait(LOOK_EVERY_S):
                return False
        return not self._line

    def _post(self, batch: Batch) -> httpx.Response:
        return self._http.post(
            f"/api/ingest/{batch.kind}",
            content=json.dumps(batch.body, ensure_ascii=False).encode(),
            headers={"Authorization": f"Bearer {batch.token}", "Content-Type": "application/json"},
        )

    def _taken(self, answer: httpx.Response) -> None:
        if self._fails:
            self.say("The server answers again; what waited is sent.")
        self._fails, self._not_before = 0, 0.0
        if answer.status_code in LOST_TOKEN:
            raise Refused("The server does not know this feed's token; is it serving the same home?")
        if answer.is_success:
            self.first_at = self.first_at or datetime.now(UTC)
            told = answer.json()
            self.verdicts.update(
                {key: n for key, n in told.items() if n and isinstance(n, int) and not isinstance(n, bool)}
            )
            return
        self.say(f"A batch was refused ({answer.status_code}): {_detail(answer)}")
        self.verdicts["refused_batches"] += 1

    def _wait(self, why: str) -> bool:
        pause_s = PAUSES_S[min(self._fails, len(PAUSES_S) - 1)]
        if not self._fails:
            self.say(f"{why}; waiting, nothing is lost.")
        self._fails += 1
        self._not_before = self.clock() + pause_s
        return False


def _detail(answer: httpx.Response) -> str:
    try:
        told = answer.json()
    except ValueError:
        return answer.text[:200]
    return str(told.get("detail") or told.get("title") or told)[:300]
