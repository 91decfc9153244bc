"""Fetches pictures from cameras for the proxy: only from allowed hosts, of the right kind, within limits of size and time.

Nothing that leaves here, answer, error or log line, names an address or a credential.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import httpx

from app.http.camera_hosts import NO_PICTURE, USUAL_PORTS, Hosts, NoPicture, leads_to

log = logging.getLogger(__name__)

REDIRECTS = 3
TIMEOUT = httpx.Timeout(6.0, connect=4.0, pool=4.0)
LIMITS = httpx.Limits(max_connections=64, max_keepalive_connections=32, keepalive_expiry=20)
NO_ANSWER = "The camera does not answer."
OTHER_KIND = "What the camera sent is no picture."
RANGE = re.compile(r"bytes=\d{1,12}-(\d{1,12})?")
BLOBS = frozenset({"application/octet-stream", "binary/octet-stream", ""})


@dataclass(frozen=True, slots=True)
class Kind:
    """What may come: content types, most bytes and most seconds; anything else is refused."""

    types: frozenset[str]
    most_bytes: int
    most_s: float


PLAYLIST = Kind(
    frozenset({"application/vnd.apple.mpegurl", "application/x-mpegurl", "audio/mpegurl", "audio/x-mpegurl",
               "text/plain"}) | BLOBS, 512 * 1024, 8.0)  # fmt: skip
STILL = Kind(frozenset({"image/jpeg", "image/jpg", "image/png", "image/webp"}), 6 * 2**20, 8.0)
MEDIA = Kind(
    frozenset({"video/mp2t", "video/mp4", "video/iso.segment", "audio/aac", "audio/mp4", "audio/mpeg"}) | BLOBS,
    48 * 2**20, 30.0)  # fmt: skip
KEY = Kind(frozenset({"application/pgp-keys", "text/plain"}) | BLOBS, 1024, 8.0)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a camera answers: status 200 or 206, type in small letters, the range told, where it came from, its body.

    Whoever opened it closes it.
    """

    status: int
    media_type: str
    content_range: str | None
    url: httpx.URL
    body: AsyncIterator[bytes]
    close: Callable[[], Awaitable[None]]


class CameraSource:
    """One client for all cameras of this process."""

    def __init__(self, hosts: Hosts) -> None:
        self.hosts = hosts
        self._client: httpx.AsyncClient | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        for name in ("httpx", "httpcore"):  # they write addresses into the log
            logging.getLogger(name).setLevel(logging.WARNING)

    async def whole(self, url: httpx.URL, kind: Kind) -> tuple[bytes, httpx.URL]:
        """A whole body and where it came from."""
        answer = await self.open(url, kind)
        try:
            return b"".join([part async for part in answer.body]), answer.url
        finally:
            await answer.close()

    async def open(self, url: httpx.URL, kind: Kind, span: str | None = None) -> Answer:
        """Open an address; `span` is a Range header, heeded where it is a plain one."""
        until = asyncio.get_running_loop().time() + kind.most_s
        with calm():
            async with asyncio.timeout_at(until):
                response, found = await self._follow(url, span)
            try:
                return _checked(response, found, kind, until)
            except NoPicture:
                await response.aclose()
                raise

    async def _follow(self, url: httpx.URL, span: str | None) -> tuple[httpx.Response, httpx.URL]:
        """Ask, and go where the answer points as long as that is allowed; credentials stay with their host."""
        for _ in range(REDIRECTS + 1):
            response = await self._ask(url, span)
            if not response.is_redirect:
                return response, url
            await response.aclose()
            target = url.join(response.headers.get("location", ""))
            same = (target.scheme, target.host, target.port) == (url.scheme, url.host, url.port)
            url = target.copy_with(userinfo=url.userinfo if same else b"")
        raise NoPicture(NO_PICTURE)

    async def _ask(self, url: httpx.URL, span: str | None) -> httpx.Response:
        self.hosts.check(url)
        address = await leads_to(url.host, url.port or USUAL_PORTS[url.scheme])
        headers = {"host": url.netloc.decode(), "accept": "*/*", "accept-encoding": "identity"}
        if span and RANGE.fullmatch(span):
            headers["range"] = span
        request = self._ready().build_request(
            "GET", url.copy_with(host=address, userinfo=b"", fragment=None), headers=headers,
            extensions={"sni_hostname": url.host},
        )  # fmt: skip
        if not url.userinfo:
            return await self._ready().send(request, auth=None, stream=True)
        basic = httpx.BasicAuth(url.username, url.password)
        response = await self._ready().send(request, auth=basic, stream=True)
        if response.status_code == 401 and "digest" in response.headers.get("www-authenticate", "").lower():
            await response.aclose()
            request.headers.pop("authorization", None)
            digest = httpx.DigestAuth(url.username, url.password)
            response = await self._ready().send(request, auth=digest, stream=True)
        return response

    def _ready(self) -> httpx.AsyncClient:
        loop = asyncio.get_running_loop()
        if self._client is None or self._loop is not loop:  # its connections belong to one event loop
            self._loop = loop
            self._client = httpx.AsyncClient(
                timeout=TIMEOUT, limits=LIMITS, follow_redirects=False, trust_env=False,
                headers={"user-agent": "yiping"},
            )  # fmt: skip
        return self._client


@contextmanager
def calm() -> Iterator[None]:
    """Turn whatever a network can do wrong into one sentence without an address."""
    try:
        yield
    except (httpx.HTTPError, httpx.InvalidURL, TimeoutError) as fault:
        log.info("a camera's picture could not be fetched: %s", type(fault).__name__)
        raise NoPicture(NO_ANSWER) from None


def _checked(response: httpx.Response, url: httpx.URL, kind: Kind, until: float) -> Answer:
    if response.status_code not in (200, 206):
        log.info("a camera's picture could not be fetched: status %d", response.status_code)
        raise NoPicture(NO_ANSWER)
    media_type = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    said = response.headers.get("content-length", "0")
    if media_type not in kind.types or (said.isdigit() and int(said) > kind.most_bytes):
        raise NoPicture(OTHER_KIND)
    span = response.headers.get("content-range") if response.status_code == 206 else None
    body = _limited(response, kind.most_bytes, until)
    return Answer(response.status_code, media_type, span, url, body, response.aclose)


async def _limited(response: httpx.Response, most_bytes: int, until: float) -> AsyncIterator[bytes]:
    passed, parts = 0, response.aiter_raw()
    with calm():
        while True:
            async with asyncio.timeout_at(until):
                part = await anext(parts, b"")
            if not part:
                return
            passed += len(part)
            if passed > most_bytes:
                raise NoPicture(OTHER_KIND)
            yield part
