"""HLS playlists (RFC 8216) as our proxy hands them on: known tags only, every address replaced by a name of ours."""

from __future__ import annotations

import hashlib
import hmac
import re
from base64 import urlsafe_b64encode
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import httpx

PlaylistPart = Literal["playlist", "media", "key"]
ENDINGS: dict[PlaylistPart, str] = {"playlist": "m3u8", "media": "seg", "key": "key"}
NAME = re.compile(r"[A-Za-z0-9_-]{22}\.(m3u8|seg|key)")
KEPT = frozenset({
    "EXTM3U", "EXTINF", "EXT-X-VERSION", "EXT-X-TARGETDURATION", "EXT-X-MEDIA-SEQUENCE", "EXT-X-DISCONTINUITY",
    "EXT-X-DISCONTINUITY-SEQUENCE", "EXT-X-ENDLIST", "EXT-X-PLAYLIST-TYPE", "EXT-X-INDEPENDENT-SEGMENTS",
    "EXT-X-BYTERANGE", "EXT-X-PROGRAM-DATE-TIME", "EXT-X-MAP", "EXT-X-KEY", "EXT-X-STREAM-INF", "EXT-X-MEDIA",
    "EXT-X-START", "EXT-X-GAP", "EXT-X-BITRATE", "EXT-X-I-FRAMES-ONLY",
})  # fmt: skip
TAG = re.compile(r"#(EXT[A-Z0-9-]*)(?::(.*))?")
URI = re.compile(r'URI="([^"]*)"')
OF_TAG: dict[str, PlaylistPart] = {"EXT-X-MEDIA": "playlist", "EXT-X-KEY": "key", "EXT-X-MAP": "media"}
MOST_LINES = 20_000


class NotAPlaylist(ValueError):
    """What came is no playlist that can be handed on."""


@dataclass(frozen=True, slots=True)
class Playlist:
    """The text a browser gets and, by the names in it, what each stands for."""

    text: str
    parts: dict[str, tuple[httpx.URL, PlaylistPart]]


def rewritten(said: str, base: httpx.URL, secret: bytes) -> Playlist:
    """Replace every address in a playlist that came from `base`; a name tells nothing of what it stands for.

    Equal addresses get equal names under one secret, so any web process can find again what another one handed out.
    """
    lines = said.lstrip("\ufeff").splitlines()
    if not lines or lines[0].strip() != "#EXTM3U" or len(lines) > MOST_LINES:
        raise NotAPlaylist("no #EXTM3U")
    parts: dict[str, tuple[httpx.URL, PlaylistPart]] = {}

    def named(address: str, part: PlaylistPart) -> str:
        url = _resolved(base, address)
        name = f"{_token(url, secret)}.{ENDINGS[part]}"
        parts[name] = (url, part)
        return name

    out: list[str] = []
    follows: PlaylistPart = "media"
    for line in map(str.strip, lines):
        if not line.startswith("#"):
            if line:
                out.append(named(line, follows))
                follows = "media"
            continue
        tag = TAG.fullmatch(line)
        if tag is None or tag[1] not in KEPT:
            continue
        if tag[1] == "EXT-X-STREAM-INF":
            follows = "playlist"
        told = _tag(tag[1], tag[2], named)
        if "//" not in told:  # nothing that these tags say needs an address
            out.append(told)
    return Playlist("\n".join(out) + "\n", parts)


def _tag(name: str, value: str | None, named: Callable[[str, PlaylistPart], str]) -> str:
    if value is None:
        return f"#{name}"
    if name == "EXTINF":
        return f"#EXTINF:{value.partition(',')[0]},"  # its title is free text
    part = OF_TAG.get(name)
    if part is None:
        return f"#{name}:{URI.sub('', value)}"
    return f"#{name}:" + URI.sub(lambda found: f'URI="{named(found[1], part)}"', value)


def _resolved(base: httpx.URL, address: str) -> httpx.URL:
    try:
        url = base.join(address)
    except (httpx.InvalidURL, ValueError) as fault:
        raise NotAPlaylist("an address in it means nothing") from fault
    if url.scheme not in ("http", "https") or not url.host:
        raise NotAPlaylist("an address in it is none of the web's")
    if not url.userinfo and (url.host, url.port, url.scheme) == (base.host, base.port, base.scheme):
        return url.copy_with(userinfo=base.userinfo)
    return url


def _token(url: httpx.URL, secret: bytes) -> str:
    digest = hmac.new(secret, str(url).encode(), hashlib.sha256).digest()
    return urlsafe_b64encode(digest[:16]).decode().rstrip("=")
