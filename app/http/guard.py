"""The door: whoever has no account gets nothing but the sign-in page and static files.

Pure ASGI, so that event streams and websockets pass through it untouched.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from http.cookies import CookieError, SimpleCookie
from typing import Literal
from urllib.parse import quote, urlsplit

from anyio.to_thread import run_sync
from starlette.datastructures import Headers
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.http.house import House
from app.http.problems import of_defect, of_refusal, problem
from geodata.commands import accounts, feeds
from geodata.commands.accounts import Account
from geodata.commands.feeds import Feed
from geodata.errors import Denied, Refused
from geodata.store.db import transaction

COOKIE = "yiping_session"
OPEN = frozenset({"/", "/healthz", "/sign-in", "/favicon.ico", "/_favicon.ico", "/robots.txt"})
OPEN_BELOW = ("/assets/", "/_dash-component-suites/")
NOT_PAGES = ("/api/", "/tiles/", "/raster/", "/events", "/metrics", "/_dash", "/openapi.json", "/download/")
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
REMEMBERED_S = 3.0
REMEMBERED_MOST = 2000

FEED_DOORS = "/api/ingest/"
# All that a team's account may ask for: what each answers is limited to its own dispatches.
TEAM_DOORS = frozenset({"/inbox", "/fragments/inbox", "/api/inbox", "/api/me", "/events", "/sign-out"})
TEAM_DOORS_BELOW = "/api/dispatches/"

_account: ContextVar[Account | None] = ContextVar("account", default=None)
_feed: ContextVar[Feed | None] = ContextVar("feed", default=None)


def current_account() -> Account | None:
    """Who asks, in a request or a callback; None on an open page without a session."""
    return _account.get()


def current_feed() -> Feed | None:
    """The feed that sends, at an ingest door that was opened with its token."""
    return _feed.get()


def required_account() -> Account:
    """Who asks; refused when nobody is signed in."""
    account = _account.get()
    if account is None:
        raise Denied("Sign in first.")
    return account


def forget_session(house: House, secret: str) -> None:
    """Look a session up again the next time; for signing out."""
    house.known_accounts.pop(_digest("session", secret), None)


class Guard:
    """Middleware that finds the account of a request and turns away those without one."""

    def __init__(self, app: ASGIApp, house: House) -> None:
        self.app = app
        self.house = house

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through with its account, or answer it here."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        account: Account | None = None
        feed: Feed | None = None
        refusal: Response | None = None
        try:
            feed = await self._which_feed(scope, headers)
            account = None if feed else await whose(self.house, headers)
            refusal = None if feed else _turned_away(scope, headers, account)
        except Refused as fault:  # the database is away: what is open to everyone stays open
            refusal = None if _is_open(scope) else of_refusal(fault)
        if refusal is not None:
            await _answer(refusal, scope, receive, send)
            return
        token, sender = _account.set(account), _feed.set(feed)
        try:
            await self._pass(scope, receive, send)
        finally:
            _account.reset(token)
            _feed.reset(sender)

    async def _pass(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = False

        async def watched(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self.app(scope, receive, watched)
        except Exception as fault:  # the last door: a trace belongs in the log, never on a screen
            if started or scope["type"] != "http":
                raise
            answer = of_refusal(fault) if isinstance(fault, Refused) else of_defect(fault)
            await answer(scope, receive, send)

    async def _which_feed(self, scope: Scope, headers: Headers) -> Feed | None:
        """The feed whose token a sender shows; it opens the ingest doors and nothing else."""
        kind, secret = credentials(headers)
        if kind != "bearer" or not scope["path"].startswith(FEED_DOORS):
            return None
        known, key = self.house.known_feeds, _digest("feed", secret)
        found = known.get(key)
        if found and time.monotonic() - found[0] < REMEMBERED_S:
            return found[1]
        feed = await run_sync(self._look_up_feed, secret)
        if len(known) >= REMEMBERED_MOST:
            known.clear()
        if feed:
            known[key] = (time.monotonic(), feed)
        return feed

    def _look_up_feed(self, secret: str) -> Feed | None:
        with transaction(self.house.engine) as c:
            return feeds.of_feed_token(c, secret)


async def whose(house: House, headers: Headers) -> Account | None:
    """The account of the secret a request carries, looked up again after a few seconds."""
    kind, secret = credentials(headers)
    if not secret:
        return None
    known, key = house.known_accounts, _digest(kind, secret)
    found = remembered(house, key)
    if found:
        return found
    account = await run_sync(_look_up, house, kind, secret)
    if len(known) >= REMEMBERED_MOST:
        known.clear()
    if account:
        known[key] = (time.monotonic(), account)
    else:
        known.pop(key, None)
    return account


def remembered(house: House, key: bytes) -> Account | None:
    """The account of a secret (by `key_of`) that was looked up a moment ago and has not ended since."""
    found = house.known_accounts.get(key)
    return found[1] if found and time.monotonic() - found[0] < REMEMBERED_S else None


def key_of(headers: Headers) -> bytes | None:
    """What a request's secret is known by; None where it carries none."""
    kind, secret = credentials(headers)
    return _digest(kind, secret) if secret else None


def _look_up(house: House, kind: str, secret: str) -> Account | None:
    with transaction(house.engine) as c:
        return accounts.of_token(c, secret) if kind == "bearer" else accounts.of_session(c, secret)


@contextmanager
def acting_as(account: Account) -> Iterator[None]:
    """Let what runs in this thread run for an account."""
    token = _account.set(account)
    try:
        yield
    finally:
        _account.reset(token)


def credentials(headers: Headers) -> tuple[Literal["bearer", "session"], str]:
    """The secret a request carries and of which kind; empty when none."""
    scheme, _, secret = headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and secret.strip():
        return "bearer", secret.strip()
    try:
        cookie = SimpleCookie(headers.get("cookie", "")).get(COOKIE)
    except CookieError:
        return "session", ""
    return "session", cookie.value if cookie else ""


def _is_open(scope: Scope) -> bool:
    path: str = scope["path"]
    return path in OPEN or path.startswith(OPEN_BELOW)


def _is_of_team(scope: Scope) -> bool:
    path: str = scope["path"]
    return _is_open(scope) or path in TEAM_DOORS or path.startswith(TEAM_DOORS_BELOW)


def _turned_away(scope: Scope, headers: Headers, account: Account | None) -> Response | None:
    """What to answer instead of passing a request on, or None."""
    method = scope.get("method", "GET")
    from_elsewhere = headers.get("origin") and urlsplit(headers["origin"]).netloc != headers.get("host")
    if (
        from_elsewhere
        and (method not in SAFE or scope["type"] == "websocket")
        and credentials(headers)[0] == "session"
    ):
        return problem(403, "This request came from another site's page.")
    path: str = scope["path"]
    wants_page = (
        "text/html" in headers.get("accept", "") and method in SAFE and not path.startswith(NOT_PAGES)
    )
    if account and account.role == "team" and not _is_of_team(scope):
        return (
            RedirectResponse("/inbox", 303) if wants_page else problem(403, "A team sees its own inbox only.")
        )
    if account or _is_open(scope):
        return None
    if wants_page and scope["type"] == "http":
        asked = path + (f"?{scope['query_string'].decode('latin-1')}" if scope["query_string"] else "")
        return RedirectResponse(f"/?next={quote(asked, safe='')}", 303)
    answer = problem(401, "Sign in first, or send a bearer token.")
    answer.headers["www-authenticate"] = "Bearer"
    return answer


async def _answer(response: Response, scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 4401, "reason": "sign in first"})
        return
    await response(scope, receive, send)


def _digest(kind: str, secret: str) -> bytes:
    return hashlib.sha256(f"{kind}:{secret}".encode()).digest()
