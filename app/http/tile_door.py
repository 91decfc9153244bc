"""A door for tiles below the web framework: the same rules, without its price, and made answers kept ready to send.

It answers what it can answer with certainty – a known account, a tile there may be – and leaves every other request, every
refusal and every fault to the doors behind it.
"""

from __future__ import annotations

import asyncio
import logging
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date
from urllib.parse import parse_qs

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from app.http import tiles
from app.http.arguments import question
from app.http.compress import LIGHT, WORTH_BYTES, accepted, compress
from app.http.guard import acting_as, key_of, remembered, whose
from app.http.headers import ALWAYS
from app.http.house import House
from geodata.commands.accounts import Account
from geodata.errors import Refused
from geodata.queries.sources import Classed, OpenAlerts, People, Raster, Tiles
from geodata.queries.tiles import TileAddress
from geodata.types import Question
from layers import of

log = logging.getLogger(__name__)
BELOW = "/tiles/"
THREADS = 4
ROOM_BYTES = 64 * 2**20
MOST_KEYS = 2000
PLAIN = ""
READ = (b"authorization", b"cookie", b"accept-encoding", b"if-none-match")
COMMON = [(name.encode(), value.encode()) for name, value in
          (*ALWAYS.items(), ("cache-control", f"private, max-age={tiles.KEPT_S}"), ("vary", tiles.VARY))]  # fmt: skip
LIVELY = ("sensors",)  # tables whose tiles change between two versions of the data
Key = tuple[str, str | None, date, str, bytes]  # role, area, today, path, query


Told = tuple[list[tuple[bytes, bytes]], bytes]  # headers and body


@dataclass(slots=True)
class Ready:
    """A tile with its tag, as it is sent in each encoding that was asked for."""

    body: bytes
    tag: str
    packed: dict[str, Told] = field(default_factory=dict)

    def in_(self, encoding: str) -> Told:
        """Headers and the body compressed, once."""
        if encoding not in self.packed:
            body = compress(self.body, encoding, LIGHT[encoding]) if encoding else self.body
            headers = [*COMMON, (b"etag", self.tag.encode()), (b"content-type", tiles.MVT.encode()),
                       (b"content-length", str(len(body)).encode())]  # fmt: skip
            self.packed[encoding] = (
                headers + [(b"content-encoding", encoding.encode())] * bool(encoding),
                body,
            )
        return self.packed[encoding]


class TileDoor:
    """Before the application and all its middleware."""

    def __init__(self, app: ASGIApp, house: House) -> None:
        self.app, self.house = app, house
        self._ready: dict[Key, Ready] = {}
        self._asked: dict[tuple[str, str | None, date, bytes], Question] = {}
        self._keys: dict[tuple[str, str], bytes | None] = {}
        self._weight, self._version = 0, -1
        self._pool = ThreadPoolExecutor(THREADS, "tiles")
        self._asking = asyncio.Lock()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a tile, or pass the request on."""
        if scope["type"] == "http" and scope["path"].startswith(BELOW) and scope["method"] == "GET":
            told = {name: value.decode("latin-1") for name, value in scope["headers"] if name in READ}
            ready = await self._found(scope, told)
            if ready is not None:
                await _answer(ready, told, send)
                return
        await self.app(scope, receive, send)

    async def _found(self, scope: Scope, told: dict[bytes, str]) -> Ready | None:
        try:
            account = await self._whose(scope, told)
            if account is None or b"shape=" in scope["query_string"]:  # a shape is one account's own
                return None
            await self._look()
        except Refused:
            return None
        except Exception:  # nobody stands before this door to catch it
            log.exception("a tile could not be asked for below the framework")
            return None
        today = self.house.profile.today()
        key = (account.role, account.area_code, today, scope["path"], scope["query_string"])
        ready = self._ready.get(key)
        if ready is None:
            loop, version = asyncio.get_running_loop(), self._version
            ready = await loop.run_in_executor(
                self._pool, self._make, account, today, scope["path"], scope["query_string"]
            )
            if ready is not None and version == self._version:  # else it may tell of the data before
                self._keep(key, ready)
        return ready

    async def _whose(self, scope: Scope, told: dict[bytes, str]) -> Account | None:
        """As the guard has it; only reading the secret out of the headers is saved."""
        shown = (told.get(b"authorization", ""), told.get(b"cookie", ""))
        if shown not in self._keys:
            if len(self._keys) >= MOST_KEYS:
                self._keys.clear()
            self._keys[shown] = key_of(Headers(scope=scope))
        key = self._keys[shown]
        if key is None:
            return None
        return remembered(self.house, key) or await whose(self.house, Headers(scope=scope))

    async def _look(self) -> None:
        """Forget what was ready when the data changed; one asks for all who come meanwhile."""
        version = self.house.known_version()
        if version is None:
            async with self._asking:
                version = self.house.known_version()
                if version is None:
                    version = await asyncio.get_running_loop().run_in_executor(self._pool, self.house.version)
        if version != self._version:
            self._ready, self._asked, self._weight, self._version = {}, {}, 0, version

    def _keep(self, key: Key, ready: Ready) -> None:
        if self._weight > ROOM_BYTES:
            self._ready, self._asked, self._weight = {}, {}, 0
        self._ready[key] = ready
        self._weight += len(ready.body) + 500

    def _make(self, account: Account, today: date, path: str, query: bytes) -> Ready | None:
        asked = _address(path)
        if asked is None or not _steady(self.house, asked[0]):
            return None
        try:
            with acting_as(account):
                body = tiles.drawn(self.house, *asked, self._question(account, today, query))
        except Refused:
            return None  # the door behind says it as a document
        except Exception:  # as above, with a number
            log.exception("a tile could not be drawn below the framework")
            return None
        return Ready(body, tiles.tag(body))

    def _question(self, account: Account, today: date, query: bytes) -> Question:
        """The question of an address; a screen full of tiles asks the same one."""
        key = (account.role, account.area_code, today, query)
        if key not in self._asked:
            self._asked[key] = _question(self.house, query)
        return self._asked[key]


def _address(path: str) -> tuple[str, TileAddress] | None:
    """Layer and address; None where they are not written plainly or lie outside the world."""
    layer, *rest = path.removeprefix(BELOW).removesuffix(".mvt").split("/")
    if (
        len(rest) != 3
        or not path.endswith(".mvt")
        or not all(x.isascii() and x.isdecimal() and len(x) < 9 for x in rest)
    ):
        return None
    z, x, y = map(int, rest)
    inside = z <= tiles.DEEPEST_ZOOM and x < 2**z and y < 2**z
    return (layer, TileAddress(z, x, y)) if inside else None


def _steady(house: House, layer: str) -> bool:
    """Whether the tiles of a layer follow from the data's version."""
    known = of(house.profile).get(layer)
    if known is None or isinstance(known.source, Raster | People | OpenAlerts | Classed):
        return False
    return not (isinstance(known.source, Tiles) and known.source.table in LIVELY)


def _question(house: House, query: bytes) -> Question:
    told = parse_qs(query.decode("latin-1"), keep_blank_values=True)
    one = {name: values[-1] for name, values in told.items()}
    return question(
        house=house, first=one.get("from"), last=one.get("to"), category=told.get("category"), area=one.get("area"),
        scheme=one.get("scheme"), hours=one.get("hours"), areas=told.get("areas"), band=one.get("band"),
    )  # fmt: skip


async def _answer(ready: Ready, told: dict[bytes, str], send: Send) -> None:
    status, headers, body = 204, COMMON, b""
    if ready.body and ready.tag in told.get(b"if-none-match", ""):
        status, headers = 304, [*COMMON, (b"etag", ready.tag.encode())]
    elif ready.body:
        worth = len(ready.body) >= WORTH_BYTES
        status, (headers, body) = (
            200,
            ready.in_(accepted(told.get(b"accept-encoding", "")) or PLAIN if worth else PLAIN),
        )
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
