"""Cameras: those that see a point, and their pictures through our own proxy; each opening is logged with who looked."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from functools import partial
from typing import Annotated, Any
from urllib.parse import urlencode

from anyio.to_thread import run_sync
from fastapi import APIRouter, Body, Query, Request, Response
from starlette.responses import RedirectResponse, StreamingResponse
from starlette.types import Receive, Scope, Send

from app.http.arguments import number
from app.http.camera_access import looked_at
from app.http.camera_drawing import drawing
from app.http.camera_hosts import NoPicture
from app.http.camera_relay import Relay, relay_of, type_of
from app.http.camera_source import Answer
from app.http.guard import required_account
from app.http.hls_playlist import NAME
from app.http.house import Reading, TheHouse
from app.http.layers import layer_for_reader
from geodata.commands import cameras
from geodata.errors import Denied, NotFound
from geodata.queries.cameras_near import seeing
from geodata.store.db import transaction

router = APIRouter(tags=["cameras"])
MOST_NEAR, MOST_TOLD = 20, 50_000
PLAYLIST_TYPE = "application/vnd.apple.mpegurl"
UNKEPT = {"Cache-Control": "no-store"}
Alert = Annotated[int | None, Query(ge=1, description="The alert it is opened for, for the log")]


@router.get("/api/cameras/near", summary="Cameras that see a point")
def near(
    c: Reading, house: TheHouse,
    lon: Annotated[float, Query(ge=-180, le=180)], lat: Annotated[float, Query(ge=-85, le=85)], limit: int = 4,
) -> dict[str, Any]:  # fmt: skip
    """The best cameras for a point, those online first; `sees` is false where they are only the nearest."""
    layer_for_reader("cameras")
    most = number("limit", limit, 1, MOST_NEAR)
    found = seeing(c, house.profile, lon, lat, limit=most, area=required_account().area_code)
    return {"lon": lon, "lat": lat, "cameras": [asdict(one) for one in found]}


@router.post("/api/cameras/seen", summary="Cameras that answered")
def answered(
    house: TheHouse, codes: Annotated[list[str], Body(embed=True, max_length=MOST_TOLD)]
) -> dict[str, int]:
    """Note that cameras answered now, as their own platform tells; those that fell silent are online again."""
    if required_account().role not in ("operator", "admin"):
        raise Denied("Only an operator may say which cameras answered.")
    with transaction(house.engine) as c:
        return {"seen": cameras.seen(c, codes, datetime.now(UTC))}


@router.get("/api/cameras/{code}/snapshot.jpg", summary="A camera's picture now")
async def snapshot(request: Request, house: TheHouse, code: str, alert: Alert = None) -> Response:
    """The still picture of a camera; where we draw it ourselves, the way to the drawing."""
    source = await run_sync(partial(looked_at, request, code, alert))
    if url := source.urls.get("snapshot"):
        relay: Relay = relay_of(request.app)
        still = await relay.still(code, url)
        await run_sync(partial(relay.answers, house, code))
        headers = UNKEPT | {"X-Picture-At": still.at.isoformat()}
        return Response(still.body, media_type=still.media_type, headers=headers)
    if "drawn" in source.urls:
        asked = f"?{request.url.query}" if request.url.query else ""
        return RedirectResponse(f"/api/cameras/{code}/drawing.svg{asked}", 307, headers=UNKEPT)
    raise NotFound("This camera sends no still pictures.")


@router.get("/api/cameras/{code}/drawing.svg", summary="A demo camera's drawn picture")
def drawn(request: Request, house: TheHouse, code: str, alert: Alert = None) -> Response:
    """What a demo camera would see, drawn from the map and marked as a drawing."""
    source = looked_at(request, code, alert)
    if "drawn" not in source.urls:
        raise NotFound("This camera's picture is not drawn.")
    if source.state != "online":
        raise NoPicture("This camera does not answer, so there is nothing to draw.")
    now = datetime.now(UTC)
    with house.reading() as c:
        picture = drawing(c, house.profile, code, now)
    return Response(picture, media_type="image/svg+xml", headers=UNKEPT | {"X-Picture-At": now.isoformat()})


@router.get("/api/cameras/{code}/hls/{name}", summary="A camera's stream (HLS)")
async def stream(request: Request, house: TheHouse, code: str, name: str, alert: Alert = None) -> Response:
    """index.m3u8, and what it leads to under names of ours."""
    begins = name == "index.m3u8"
    source = await run_sync(partial(looked_at, request, code, alert, logged=begins))
    url = source.urls.get("hls")
    if url is None:
        raise NotFound("This camera sends no stream.")
    relay: Relay = relay_of(request.app)
    if begins:
        playlist = await relay.index(code, url)
        await run_sync(partial(relay.answers, house, code))
        return Response(_carried(playlist, request), media_type=PLAYLIST_TYPE, headers=UNKEPT)
    part = await relay.part(code, url, name)
    if part.kind == "playlist":
        playlist = await relay.playlist(code, url, part)
        return Response(_carried(playlist, request), media_type=PLAYLIST_TYPE, headers=UNKEPT)
    return Relayed(await relay.open(part, request.headers.get("range")), type_of(part))


def _carried(playlist: str, request: Request) -> str:
    """A playlist whose pieces are asked for with what the card was handed, if it was."""
    if "handed" not in request.query_params:
        return playlist
    about = urlencode(
        {key: request.query_params[key] for key in ("alert", "handed") if key in request.query_params}
    )
    return NAME.sub(lambda name: f"{name[0]}?{about}", playlist)


class Relayed(StreamingResponse):
    """A body handed on as it comes, closed at its source however the reader leaves."""

    def __init__(self, answer: Answer, media_type: str) -> None:
        headers = UNKEPT | ({"Content-Range": answer.content_range} if answer.content_range else {})
        super().__init__(answer.body, answer.status, headers, media_type)
        self._close = answer.close

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the body and close its source."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            await self._close()
