"""GET /events: the stream that tells a page what happened and what changed."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Annotated, cast

from fastapi import APIRouter, Header, Query, Request
from fastapi.responses import StreamingResponse

from app.http.guard import required_account
from app.http.hub import Client, Hub, told_of
from app.http.sse import as_event
from geodata.store.notices import Happening

router = APIRouter()
BEAT_S = 5.0
LONGEST_S = 300.0  # then the browser comes back by itself, and its account is looked at again
HEADERS = {"cache-control": "no-store", "x-accel-buffering": "no"}


@router.get("/events", summary="Happenings and changes as server-sent events")
async def events(
    request: Request,
    after: Annotated[
        int | None, Query(ge=0, description="Number of the last happening that is known")
    ] = None,
    last_event_id: Annotated[str | None, Header()] = None,
) -> StreamingResponse:
    """Everything after a number that the account may know, then what happens; `beat` every 5 s."""
    hub = cast("Hub", request.app.state.hub)
    known = int(last_event_id) if last_event_id and last_event_id.isdecimal() else after
    client = Client(required_account(), after=await hub.newest() if known is None else known)
    missed = await hub.join(client)
    return StreamingResponse(
        _stream(hub, client, missed, request.app.state.version),
        media_type="text/event-stream",
        headers=HEADERS,
    )


async def _stream(
    hub: Hub, client: Client, missed: list[Happening] | None, version: str
) -> AsyncIterator[bytes]:
    try:
        async for message in _messages(hub, client, missed, version):
            yield message
    finally:
        hub.leave(client)


async def _messages(
    hub: Hub, client: Client, missed: list[Happening] | None, version: str
) -> AsyncIterator[bytes]:
    for happening in missed or ():
        if hub.may_know(client.account, happening):
            yield as_event("happening", told_of(happening), number=happening.id)
    yield as_event("hello", _hello(client, version), number=client.after)
    if missed is None:
        yield as_event("reset", {})
    until = time.monotonic() + LONGEST_S
    while time.monotonic() < until:
        try:
            message = await asyncio.wait_for(client.queue.get(), BEAT_S)
        except TimeoutError:
            message = as_event("beat", {"at": datetime.now(UTC).isoformat(), "hearing": hub.hearing})
        if message is None:
            return
        yield message


def _hello(client: Client, version: str) -> dict[str, object]:
    return {"last": client.after, "server_time": datetime.now(UTC).isoformat(), "version": version}
