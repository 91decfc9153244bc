"""Asks a server for many addresses over kept connections, with as little work of its own as Python allows."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import uvloop

from geodata.errors import Unavailable

CONNECTIONS = 16
LIMIT_S = 120


@dataclass(slots=True)
class Asked:
    """What came of it: seconds for all, milliseconds of each, how many had which status, bytes of the bodies."""

    seconds: float = 0.0
    ms: list[float] = field(default_factory=list)
    statuses: dict[int, int] = field(default_factory=dict)
    bytes: int = 0

    @property
    def per_s(self) -> float:
        """Answers a second."""
        return len(self.ms) / self.seconds if self.seconds else 0.0

    def add(self, other: Asked) -> None:
        """Take another round up."""
        self.seconds += other.seconds
        self.ms += other.ms
        self.bytes += other.bytes
        for status, n in other.statuses.items():
            self.statuses[status] = self.statuses.get(status, 0) + n


def ask_all(url: str, paths: Sequence[str], headers: dict[str, str], connections: int = CONNECTIONS) -> Asked:
    """Ask each address once; the next as soon as a connection is free."""
    return uvloop.run(_ask_all(urlsplit(url), paths, headers, connections))


async def _ask_all(address: object, paths: Sequence[str], headers: dict[str, str], connections: int) -> Asked:
    host, port = address.hostname, address.port  # type: ignore[attr-defined]
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    tail = f" HTTP/1.1\r\nHost: {host}:{port}\r\n{lines}\r\n".encode()
    asked, line = Asked(), iter(paths)
    loop = asyncio.get_running_loop()
    ended = [loop.create_future() for _ in range(connections)]
    began = time.perf_counter()
    for end in ended:
        await loop.create_connection(lambda end=end: _Link(line, tail, asked, end), host, port)  # type: ignore[misc]
    await asyncio.wait_for(asyncio.gather(*ended), LIMIT_S)
    asked.seconds = time.perf_counter() - began
    return asked


class _Link(asyncio.Protocol):
    """One connection: asks, waits for the whole answer, asks the next."""

    def __init__(self, line: object, tail: bytes, asked: Asked, ended: asyncio.Future[None]) -> None:
        self.line, self.tail, self.asked, self.ended = line, tail, asked, ended
        self.held, self.need, self.began = b"", 0, 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask the first."""
        self.transport = transport
        self._next()

    def data_received(self, data: bytes) -> None:
        """Wait until head and body are there."""
        self.held = self.held + data if self.held else data
        if not self.need:
            end = self.held.find(b"\r\n\r\n")
            if end < 0:
                return
            self.need = end + 4 + _length(self.held[:end].lower())
        if len(self.held) >= self.need:
            self._done()

    def connection_lost(self, fault: Exception | None) -> None:
        """A server that hangs up has failed."""
        if not self.ended.done():
            self.ended.set_exception(Unavailable(f"The server hung up while measuring ({fault})."))

    def _done(self) -> None:
        self.asked.ms.append((time.perf_counter() - self.began) * 1000)
        status = int(self.held[9:12])
        self.asked.statuses[status] = self.asked.statuses.get(status, 0) + 1
        self.asked.bytes += self.need
        self.held, self.need = b"", 0
        self._next()

    def _next(self) -> None:
        path = next(self.line, None)  # type: ignore[call-overload]
        if path is None:
            self.ended.set_result(None)
            self.transport.close()
            return
        self.began = time.perf_counter()
        self.transport.write(b"GET " + path.encode() + self.tail)  # type: ignore[attr-defined]


def _length(head: bytes) -> int:
    at = head.find(b"content-length:")
    if at < 0:
        if head[9:12] in (b"204", b"304"):
            return 0
        raise Unavailable("An answer does not say how long it is.")
    end = head.find(b"\r\n", at)
    return int(head[at + 15 : end if end > 0 else None])
