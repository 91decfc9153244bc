"""Compression of answers: brotli where the browser takes it, else gzip; event streams pass untouched.

Static files are compressed once, hard, and kept by address; the rest is compressed lightly as it is sent.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from typing import Any

import brotli
from anyio.to_thread import run_sync
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.http.memory import Remembered

WORTH_BYTES = 600
STATIC = ("/assets/", "/_dash-component-suites/")
STATIC_ROOM_BYTES = 48 * 2**20
TEXTUAL = (
    "text/", "application/json", "application/problem+json", "application/geo+json", "application/javascript",
    "application/vnd.mapbox-vector-tile", "image/svg+xml", "font/ttf", "application/manifest+json",
)  # fmt: skip
NEVER = ("text/event-stream",)
LIGHT, HARD = {"br": 4, "gzip": 4}, {"br": 9, "gzip": 9}
GZIP_WINDOW = 31  # zlib's way of asking for a gzip header


class Compress:
    """Middleware that compresses what is worth it."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.kept: Remembered[bytes] = Remembered(STATIC_ROOM_BYTES, len)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on and compress its answer."""
        encoding = (
            accepted(Headers(scope=scope).get("accept-encoding", "")) if scope["type"] == "http" else None
        )
        if encoding is None or scope["method"] == "HEAD":
            await self.app(scope, receive, send)
            return
        # A server that sends files by path would pass by the compression: let it stream their bodies.
        plain = {
            key: value
            for key, value in scope.get("extensions", {}).items()
            if key != "http.response.pathsend"
        }
        await self.app({**scope, "extensions": plain}, receive, _Sender(self, scope, send, encoding).send)


class _Sender:
    """One answer on its way out: held back until it is known whether and how to compress it."""

    def __init__(self, owner: Compress, scope: Scope, send: Send, encoding: str) -> None:
        self.owner, self.scope, self.out, self.encoding = owner, scope, send, encoding
        self.start: Message = {}
        self.body = b""
        self.plain = False
        self.stream: Callable[[bytes, bool], bytes] | None = None
        self.static = scope["path"].startswith(STATIC)

    async def send(self, message: Message) -> None:
        """Take the next message of the application."""
        if message["type"] == "http.response.start":
            self.start = message
            self.plain = not _compressible(message)
            if self.plain:
                await self.out(message)
        elif self.plain or message["type"] != "http.response.body":
            await self.out(message)
        else:
            await self._body(message.get("body", b""), bool(message.get("more_body", False)))

    async def _body(self, part: bytes, more: bool) -> None:
        if self.stream is None and more and not self.static:
            self.stream = _streaming(self.encoding)
            self._mark(None)
            await self.out(self.start)
        if self.stream is not None:
            await self.out({"type": "http.response.body", "body": self.stream(part, more), "more_body": more})
            return
        self.body += part
        if not more:
            await self._whole()

    async def _whole(self) -> None:
        if len(self.body) >= WORTH_BYTES:
            self.body = await self._compressed()
            self._mark(len(self.body))
        await self.out(self.start)
        await self.out({"type": "http.response.body", "body": self.body, "more_body": False})

    async def _compressed(self) -> bytes:
        if not self.static:
            return compress(self.body, self.encoding, LIGHT[self.encoding])
        key = (self.scope["path"], self.encoding, len(self.body), zlib.crc32(self.body))
        return await run_sync(
            self.owner.kept.get, key, lambda: compress(self.body, self.encoding, HARD[self.encoding])
        )

    def _mark(self, length: int | None) -> None:
        headers = MutableHeaders(raw=self.start["headers"])
        headers["content-encoding"] = self.encoding
        headers.add_vary_header("Accept-Encoding")
        del headers["content-length"]
        if length is not None:
            headers["content-length"] = str(length)
        tag = headers.get("etag")
        if tag and not tag.startswith("W/"):
            headers["etag"] = f"W/{tag}"


def accepted(header: str) -> str | None:
    """The best encoding a browser takes, or None."""
    offered: dict[str, bool] = {}
    for part in header.lower().split(","):
        name, _, quality = part.strip().partition(";")
        offered[name.strip()] = quality.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
    return next((name for name in ("br", "gzip") if offered.get(name)), None)


def compress(body: bytes, encoding: str, quality: int) -> bytes:
    """A whole body compressed."""
    if encoding == "br":
        return bytes(brotli.compress(body, quality=quality))
    packer = zlib.compressobj(quality, zlib.DEFLATED, GZIP_WINDOW)
    return packer.compress(body) + packer.flush()


def _streaming(encoding: str) -> Callable[[bytes, bool], bytes]:
    """A compressor for parts as they come; each part leaves at once."""
    packer: Any = brotli.Compressor(quality=LIGHT["br"]) if encoding == "br" else zlib.compressobj(
        LIGHT["gzip"], zlib.DEFLATED, GZIP_WINDOW)  # fmt: skip
    feed = packer.process if encoding == "br" else packer.compress
    end = packer.finish if encoding == "br" else packer.flush

    def step(part: bytes, more: bool) -> bytes:
        packed: bytes = feed(part)
        if not more:
            return packed + bytes(end())
        return packed + bytes(packer.flush() if encoding == "br" else packer.flush(zlib.Z_SYNC_FLUSH))

    return step


def _compressible(start: Message) -> bool:
    headers = Headers(raw=start["headers"])
    kind = headers.get("content-type", "")
    if start["status"] in (204, 206, 304) or "content-encoding" in headers or kind.startswith(NEVER):
        return False
    return kind.startswith(TEXTUAL)
