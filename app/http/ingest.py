"""The doors of feeds: POST /api/ingest/readings, crowd, tickets – JSON or newline-delimited JSON, in batches.

A feed's bearer token opens the door of its kind; operators and administrators name the feed with ?feed=. Each row is
judged by itself, and the answer says what became of it; the same batch again is only repetitions.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import orjson
from anyio.to_thread import run_sync
from fastapi import APIRouter, Request
from starlette.responses import Response

from app.http.guard import current_feed, required_account
from app.http.house import House, TheHouse
from app.http.problems import problem
from geodata.commands import crowd_ticks, live_tickets, readings
from geodata.commands.feeds import Feed, feed_by_key
from geodata.errors import BadArgument, Denied
from geodata.rules.verdicts import Verdicts
from geodata.store.db import transaction

router = APIRouter(prefix="/api/ingest", tags=["feeds"])
LARGEST_BYTES = 32 * 2**20
SENDERS = ("operator", "admin")
LISTS = ("readings", "rows", "ticks", "tickets")
Accept = Callable[..., Verdicts]


@router.post("/readings", summary="Readings of sensors")
async def take_readings(
    request: Request, house: TheHouse, feed: str | None = None, verdicts: str = ""
) -> Response:
    """Rows {"sensor", "at", "value"}; answers how many were accepted, repeated, late and so on."""
    return await _take(request, house, "readings", feed, accept=readings.accept, every=verdicts == "all")


@router.post("/crowd", summary="People per cell")
async def take_crowd(
    request: Request, house: TheHouse, feed: str | None = None, verdicts: str = ""
) -> Response:
    """Ticks {"at", "resolution", "cells", "people"}, {"at", "grid", "people"}, or rows {"cell", "at", "people"}."""
    return await _take(request, house, "crowd", feed, accept=crowd_ticks.accept, every=verdicts == "all")


@router.post("/tickets", summary="Citizen tickets")
async def take_tickets(
    request: Request, house: TheHouse, feed: str | None = None, verdicts: str = ""
) -> Response:
    """Rows {"number", "category", "received_at", …}."""
    return await _take(request, house, "tickets", feed, accept=live_tickets.accept, every=verdicts == "all")


async def _take(
    request: Request, house: House, kind: str, named: str | None, *, accept: Accept, every: bool
) -> Response:
    body = await _body(request)
    if body is None:
        return problem(413, f"A batch holds {LARGEST_BYTES // 2**20} MB at most; send it in parts.")
    sender = current_feed()

    def write() -> bytes:
        rows = _rows(body, request.headers.get("content-type", ""))
        with transaction(house.engine) as c:
            feed = _of_kind(sender or _named(c, named), kind)
            told = accept(c, house.profile, feed, rows, now=datetime.now(UTC))
        return orjson.dumps(told.as_dict(every=len(rows) if every else None))

    return Response(await run_sync(write), media_type="application/json")


def _named(c: Any, key: str | None) -> Feed:
    if required_account().role not in SENDERS:
        raise Denied("Send with a feed's token, or as operator or administrator.")
    if not key:
        raise BadArgument("feed", "Name the feed with ?feed=, or send with its token.")
    return feed_by_key(c, key)


def _of_kind(feed: Feed, kind: str) -> Feed:
    if feed.kind != kind:
        raise Denied(f"The feed “{feed.key}” sends {feed.kind}; this door takes {kind}.")
    return feed


async def _body(request: Request) -> bytes | None:
    """The whole message; None when it is too large."""
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > LARGEST_BYTES:
            return None
        parts.append(part)
    return b"".join(parts)


def _rows(body: bytes, kind: str) -> list[Any]:
    """The rows of a message; of newline-delimited JSON a line that is none is a row that is none."""
    if "ndjson" in kind or "jsonl" in kind or "json-seq" in kind:
        return [_line(line) for line in body.splitlines() if line.strip()]
    try:
        told = orjson.loads(body)
    except orjson.JSONDecodeError as fault:
        raise BadArgument("body", f"The message is no JSON: {fault}.") from None
    if isinstance(told, dict):
        inside = next((told[name] for name in LISTS if isinstance(told.get(name), list)), None)
        return inside if inside is not None else [told]
    if not isinstance(told, list):
        raise BadArgument("body", "The message is neither an object nor a list of rows.")
    return told


def _line(line: bytes) -> Any:
    try:
        return orjson.loads(line)
    except orjson.JSONDecodeError:
        return None
