"""Hands pictures of cameras on: what several people look at is asked of the camera once, addresses stay here."""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Generic, TypeVar

import httpx
from fastapi import FastAPI

from app.http.camera_hosts import Hosts, NoPicture
from app.http.camera_source import KEY, MEDIA, OTHER_KIND, PLAYLIST, STILL, Answer, CameraSource
from app.http.hls_playlist import NAME, NotAPlaylist, Playlist, PlaylistPart, rewritten
from app.http.house import House
from geodata.commands import cameras
from geodata.errors import NotFound
from geodata.store.db import transaction

STILL_LIFE_S, PLAYLIST_LIFE_S = 1.5, 0.8
MOST_NAMES = 2000  # of a camera: an hour of a long recording; a live stream has a handful
MOST_KEPT = 256
HEARD_EVERY_S = 60.0
JPEG, PNG, WEBP = b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"RIFF"
V = TypeVar("V")


@dataclass(frozen=True, slots=True)
class Still:
    """A picture and when it came."""

    body: bytes = field(repr=False)
    media_type: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Part:
    """What a name of ours in a playlist stands for."""

    url: httpx.URL = field(repr=False)
    kind: PlaylistPart


class Shared(Generic[V]):
    """Answers kept for a moment, each asked for once however many wait."""

    def __init__(self, life_s: float) -> None:
        self._life_s = life_s
        self._kept: dict[str, tuple[float, V]] = {}
        self._asking: dict[str, asyncio.Lock] = {}

    async def get(self, key: str, make: Callable[[], Awaitable[V]]) -> V:
        """The answer of a moment ago, or a new one."""
        async with self._asking.setdefault(key, asyncio.Lock()):
            kept = self._kept.get(key)
            if kept and time.monotonic() - kept[0] < self._life_s:
                return kept[1]
            made = await make()
            if len(self._kept) >= MOST_KEPT:
                self._kept.clear()
            self._kept[key] = (time.monotonic(), made)
            return made


class Relay:
    """The cameras of one web process."""

    def __init__(self, hosts: Hosts) -> None:
        self._source = CameraSource(hosts)
        self._stills: Shared[Still] = Shared(STILL_LIFE_S)
        self._playlists: Shared[Playlist] = Shared(PLAYLIST_LIFE_S)
        self._names: dict[str, dict[str, Part]] = {}
        self._heard: dict[str, float] = {}

    async def still(self, code: str, url: str) -> Still:
        """A camera's picture now; its type is what its bytes say."""

        async def make() -> Still:
            body, _ = await self._source.whole(httpx.URL(url), STILL)
            return Still(body, _image_type(body), datetime.now(UTC))

        return await self._stills.get(f"{code} {url}", make)

    async def index(self, code: str, url: str) -> str:
        """A camera's playlist under names of ours."""
        return (await self._fetched(code, url, httpx.URL(url))).text

    async def playlist(self, code: str, url: str, part: Part) -> str:
        """A playlist that another one names."""
        return (await self._fetched(code, url, part.url)).text

    async def part(self, code: str, url: str, name: str) -> Part:
        """What a name stands for; another web process may have handed it out, then its playlists are read again."""
        if not NAME.fullmatch(name):
            raise NotFound("This stream has no such part.")
        found = self._names.get(code, {}).get(name)
        if found is None:
            playlist = await self._fetched(code, url, httpx.URL(url))
            for further in [part for part in playlist.parts.values() if part[1] == "playlist"][:8]:
                if name not in self._names[code]:
                    await self._fetched(code, url, further[0])
            found = self._names[code].get(name)
        if found is None:
            raise NotFound("This stream has no such part any more.")
        return found

    async def open(self, part: Part, span: str | None) -> Answer:
        """A piece of the stream, as it comes."""
        return await self._source.open(part.url, KEY if part.kind == "key" else MEDIA, span)

    def answers(self, house: House, code: str) -> None:
        """Note, once a minute, that a camera answered."""
        if time.monotonic() - self._heard.get(code, -HEARD_EVERY_S) < HEARD_EVERY_S:
            return
        self._heard[code] = time.monotonic()
        with transaction(house.engine) as c:
            cameras.seen(c, [code], datetime.now(UTC))

    async def _fetched(self, code: str, secret: str, url: httpx.URL) -> Playlist:
        async def make() -> Playlist:
            body, base = await self._source.whole(url, PLAYLIST)
            try:
                return rewritten(body.decode("utf-8"), base, hashlib.sha256(secret.encode()).digest())
            except (NotAPlaylist, UnicodeDecodeError):
                raise NoPicture(OTHER_KIND) from None

        found = await self._playlists.get(f"{code} {url}", make)
        names = self._names.setdefault(code, {})
        for name, part in found.parts.items():
            names.pop(name, None)
            names[name] = Part(*part)
        for old in list(names)[: max(len(names) - MOST_NAMES, 0)]:
            del names[old]
        return found


def relay_of(app: FastAPI) -> Relay:
    """The relay of an application, made when the first camera is opened."""
    relay: Relay | None = getattr(app.state, "camera_relay", None)
    if relay is None:
        relay = app.state.camera_relay = Relay(Hosts.read(app.state.house.settings.camera_hosts))
    return relay


def type_of(part: Part) -> str:
    """The type our answer carries: never one that a browser would run."""
    if part.kind == "key":
        return "application/octet-stream"
    return "video/mp4" if part.url.path.endswith((".mp4", ".m4s", ".m4v", ".cmfv")) else "video/mp2t"


def _image_type(body: bytes) -> str:
    if body.startswith(JPEG):
        return "image/jpeg"
    if body.startswith(PNG):
        return "image/png"
    if body.startswith(WEBP) and body[8:12] == b"WEBP":
        return "image/webp"
    raise NoPicture(OTHER_KIND)
