"""Areas of one's own: drawn, buffered, or uploaded for the worker to read."""

from __future__ import annotations

import base64
from dataclasses import asdict
from typing import Any

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field

from app.http.house import Reading, TheHouse
from app.http.multipart import one_file
from app.http.planning import planner
from geodata.commands import jobs, shapes as commands
from geodata.errors import BadArgument
from geodata.queries import shapes as queries
from geodata.store.db import transaction

MOST_UPLOAD_BYTES = 2 * 2**20

router = APIRouter(prefix="/api/shapes", tags=["planning"])


class Around(BaseModel):
    """All ground within so many metres of a road or a place."""

    model_config = ConfigDict(extra="forbid")

    kind: str = Field(max_length=20)
    code: str = Field(max_length=80)
    metres: float


class NewShape(BaseModel):
    """A name with a GeoJSON geometry, or with what the area lies around."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(max_length=200)
    geometry: dict[str, Any] | None = None
    around: Around | None = None


class Change(BaseModel):
    """What may be changed of a shape."""

    model_config = ConfigDict(extra="forbid")

    shared: bool


@router.get("", summary="Areas one may ask about")
def listed(c: Reading) -> dict[str, Any]:
    """One's own, then those that others share."""
    return {"shapes": [asdict(shape) for shape in queries.shapes(c, planner().id)]}


@router.post("", summary="Keep an area", status_code=201)
def add(house: TheHouse, asked: NewShape) -> dict[str, int]:
    """Its number is what `shape=` of a question takes."""
    account = planner()
    if (asked.geometry is None) == (asked.around is None):
        raise BadArgument("geometry", "Send either a geometry or what the area lies around.")
    with transaction(house.engine) as c:
        if asked.around:
            kept = commands.buffer(c, house.profile, account, asked.name, **asked.around.model_dump())
        else:
            kept = commands.draw(c, house.profile, account, asked.name, asked.geometry or {})
    return {"id": kept}


@router.post("/upload", summary="Have a file read as an area", status_code=202)
async def upload(request: Request, house: TheHouse, name: str = "") -> dict[str, int]:
    """Any format that loads take (GeoJSON, zipped shapefile, KML, GeoPackage …), at most 2 MB; the worker reads it, and the task's result has the number."""
    account = planner()
    called, content = await one_file(request, MOST_UPLOAD_BYTES)
    asked = {"name": commands.named(name or called.rsplit(".", 1)[0][: commands.LONGEST_NAME]), "file": called[-120:],
             "content": base64.b64encode(content).decode()}  # fmt: skip
    return {"job": await _in_thread(house, account, asked)}


async def _in_thread(house: TheHouse, account: Any, asked: dict[str, Any]) -> int:
    from anyio.to_thread import run_sync  # noqa: PLC0415

    def put() -> int:
        with transaction(house.engine) as c:
            return jobs.ask(c, account, "upload_shape", asked)

    return await run_sync(put)


@router.patch("/{shape_id}", summary="Share an area or keep it to oneself", status_code=204)
def change(house: TheHouse, shape_id: int, asked: Change) -> None:
    """Only one's own."""
    with transaction(house.engine) as c:
        commands.share(c, planner(), shape_id, shared=asked.shared)


@router.delete("/{shape_id}", summary="Forget an area", status_code=204)
def delete(house: TheHouse, shape_id: int) -> None:
    """Only one's own."""
    with transaction(house.engine) as c:
        commands.delete(c, planner(), shape_id)
