"""The doors of feeds: POST /api/ingest/readings, crowd, tickets – JSON or newline-delimited JSON, in batches.

A feed's bearer token opens the door of its kind; operators and administrators name the feed with ?feed=. Each row is
judged by itself, and the answer says what became of it; the same batch again is only repetitions.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import orjson
from anyio import CapacityLimiter
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
MOST_AT_ONCE = 4  # batches that one process writes at a time, so that senders never take all its connections
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
    sender = current_feed()
    if sender is None and required_account().role not in SENDERS:
        raise Denied("Send with a feed's token, or as operator or administrator.")
    if sender is not None:
        _of_kind(sender, kind)
    if request.headers.get("content-encoding", "identity") != "identity":
        return problem(415, "Send the batch as it is; this door does not unpack.")
    body = await _body(request)
    if body is None:
        return problem(413, f"A batch holds {LARGEST_BYTES // 2**20} MB at most; send it in parts.")

    def write() -> bytes:
        rows = _rows(body, request.headers.get("content-type", ""))
        with transaction(house.engine) as c:
            feed = _of_kind(sender or _named(c, named), kind)
            told = accept(c, house.profile, feed, rows, now=datetime.now(UTC))
        return orjson.dumps(told.as_dict(every=len(rows) if every else None))

    return Response(await run_sync(write, limiter=_room(request)), media_type="application/json")


def _room(request: Request) -> CapacityLimiter:
    state = request.app.state
    if not hasattr(state, "ingest_room"):
        state.ingest_room = CapacityLimiter(MOST_AT_ONCE)
    room: CapacityLimiter = state.ingest_room
    return room


def _named(c: Any, key: str | None) -> Feed:
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
    told = request.headers.get("content-length", "")
    if told.isdecimal() and int(told) > LARGEST_BYTES:
        return None
    async for part in request.stream():
        size += len(part)
        if size > LARGEST_BYTES:
            return None
        parts.append(part)
    return b"".join(parts)


def _rows(body: bytes, kind: str) -> list[Any]:
    """The rows of a message; of newline-delimited JSON a line that is none is a row that is none."""
    if "ndjson" in kind or "jsonl" in kind or "json-seq" in kind:
        return _lines(body)
    try:
        told = _parsed(body)
    except ValueError as fault:
        lines = _lines(body)
        if len(lines) > 1 and isinstance(lines[0], dict):
            return lines
        raise BadArgument("body", f"The message is no JSON: {fault}.") from None
    if isinstance(told, dict):
        inside = next((told[name] for name in LISTS if isinstance(told.get(name), list)), None)
        return inside if inside is not None else [told]
    if not isinstance(told, list):
        raise BadArgument("body", "The message is neither an object nor a list of rows.")
    return told


def _lines(body: bytes) -> list[Any]:
    """A row per line, None where it is none; told all at once when all of them are rows."""
    lines = [line for line in body.split(b"\n") if line.strip()]
    try:
        rows = orjson.loads(b"[" + b",".join(lines) + b"]")
        if len(rows) == len(lines):
            return list(rows)
    except orjson.JSONDecodeError:
        pass
    return [_line(line) for line in lines]


def _line(line: bytes) -> Any:
    try:
        return _parsed(line)
    except ValueError:
        return None


def _parsed(text: bytes) -> Any:
    """What a text says, also with the NaN and Infinity that some senders write: they spoil their row, not the batch."""
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as fault:
        try:
            return json.loads(text)
        except RecursionError:
            raise fault from None
