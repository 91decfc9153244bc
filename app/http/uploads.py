"""Files sent to be loaded: chunk by chunk into a folder of ours, then looked at, tried, loaded and taken back by the worker.

A browser's request from another site's page is turned away before it comes here (app/http/guard.py), as at every door.
"""

from __future__ import annotations

import shutil
from typing import Annotated, Any, Literal

from anyio.to_thread import run_sync
from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import FileResponse
from pydantic import BaseModel, ConfigDict, Field

from app.http.guard import required_account
from app.http.house import House, Reading, TheHouse
from app.http.jobs import attachment
from app.http.upload_parts import Choice, merged
from app.jobs.load_template import XLSX
from app.jobs.uploaded import CORRECTION, folder_of
from geodata.commands import jobs, mappings, uploads as commands
from geodata.commands.accounts import Account
from geodata.errors import BadArgument, Denied, FileTooLarge, NotFound, Refused
from geodata.queries import jobs as job_queries, uploads as queries
from geodata.queries.uploads import Upload
from geodata.store.db import transaction
from geodata.types import Role

WHO: tuple[Role, ...] = ("operator", "admin")
CHUNK_BYTES = 4 * 2**20

router = APIRouter(prefix="/api/uploads", tags=["data"])


def loader() -> Account:
    """Who asks; refused to all but those who look after the data of the whole district."""
    account = required_account()
    if account.role not in WHO or account.area_code:
        raise Denied(f"This is for the roles {', '.join(WHO)} of the whole district.")
    return account


class NewFile(BaseModel):
    """A file that is about to come."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(max_length=1000)
    size: int


class Named(BaseModel):
    """The name under which a mapping is saved."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(max_length=200)


class TemplateOf(BaseModel):
    """The kind of file a template is for."""

    model_config = ConfigDict(extra="forbid")

    kind: str = Field(max_length=40, pattern="^[a-z_]+$")
    language: Literal["zh", "en"] = "zh"


@router.post("", summary="Begin to send a file", status_code=201)
def begin(house: TheHouse, asked: NewFile) -> dict[str, int]:
    """Its number, how large a chunk may be, and how much of it is here: a file that was cut off goes on."""
    account = loader()
    with transaction(house.engine) as c:
        shown = commands.shown_name(asked.name)
        number = queries.unfinished(c, account.id, shown, asked.size)
        if number is None:
            number = commands.begin(c, account, shown, asked.size)
        got = queries.upload(c, number).got_bytes
    return {"id": number, "chunk_bytes": CHUNK_BYTES, "got": got}


@router.put("/{number}/content", summary="Send a chunk of a file")
async def content(
    request: Request, house: TheHouse, number: int, at: Annotated[int, Query(ge=0)]
) -> dict[str, Any]:
    """The bytes from `at` on, as they are; with the last of them the worker looks at the file."""
    account = loader()
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > CHUNK_BYTES:
            raise FileTooLarge(f"A chunk has at most {CHUNK_BYTES:,} bytes.")
    return await run_sync(_keep, house, account, number, at, bytes(body))


def _keep(house: House, account: Account, number: int, at: int, body: bytes) -> dict[str, Any]:
    if not body:
        raise BadArgument("at", "The chunk is empty.")
    with transaction(house.engine) as c:
        commands.grew(c, account, number, at, len(body))
        it = queries.upload(c, number)
        file = folder_of(house.settings, number) / it.stored
        with file.open("r+b" if at else "wb") as stream:
            file.chmod(0o600)
            stream.seek(at)
            stream.write(body)
            stream.truncate()
        whole = it.got_bytes == it.size_bytes
        return {"got": it.got_bytes, "job": _ask(c, account, it, "look_at_upload") if whole else None}


def _ask(c: Any, account: Account, it: Upload, kind: str, **more: object) -> int:
    if it.busy:
        raise Refused("Something is being done with this file; wait for it to end.")
    if it.got_bytes < it.size_bytes:
        raise Refused(f"“{it.name}” is not here whole; send the rest of it first.")
    number = jobs.ask(c, account, kind, {"upload": it.id, **more})
    commands.works(c, it.id, number)
    return number


@router.get("/{number}", summary="Where a file stands")
def one(c: Reading, number: int) -> dict[str, Any]:
    """What it seems to be, what was chosen, the task that works on it, the load made of it."""
    loader()
    it = queries.upload(c, number)
    return {
        "id": it.id, "name": it.name, "size": it.size_bytes, "got": it.got_bytes, "looked": it.looked, "choice": it.choice,
        "tried": it.tried, "load": it.load_id, "state": it.load_state,
        "job": {"id": it.job_id, "kind": it.job_kind, "state": it.job_state, "progress": it.progress, "step": it.step,
                "reason": it.reason} if it.job_id else None,
    }  # fmt: skip


@router.patch("/{number}", summary="Say what a file is and how it is to be loaded")
def choose(house: TheHouse, number: int, asked: Choice) -> dict[str, Any]:
    """What is not said stays; another layer, header row, encoding or kind has the worker look at the file again."""
    account = loader()
    with transaction(house.engine) as c:
        it = queries.upload(c, number)
        if it.busy:
            raise Refused("Something is being done with this file; wait for it to end.")
        choice, again, anew = merged(it, asked)
        commands.choose(c, number, choice, anew=anew)
        return {"choice": choice, "job": _ask(c, account, it, "look_at_upload") if again else None}


@router.post("/{number}/mapping", summary="Save what column is what under a name", status_code=201)
def save_mapping(house: TheHouse, number: int, asked: Named) -> dict[str, str]:
    """The next file of the same source is read by it."""
    account = loader()
    with transaction(house.engine) as c:
        it = queries.upload(c, number)
        body = it.choice.get("mapping")
        if not isinstance(body, dict):
            raise BadArgument("name", "A file of this kind is read without a mapping.")
        mappings.save_mapping(c, asked.name, it.choice["kind"], body, account.id)
    return {"name": asked.name.strip()}


@router.post("/{number}/try", summary="Tell what a load would do", status_code=202)
def dry_run(house: TheHouse, number: int) -> dict[str, int]:
    """The worker reads and checks everything and keeps nothing."""
    account = loader()
    with transaction(house.engine) as c:
        it = queries.upload(c, number)
        commands.tried(c, number, None)
        return {"job": _ask(c, account, it, "load_upload", dry=True)}


@router.post("/{number}/load", summary="Load a file as chosen", status_code=202)
def load(house: TheHouse, number: int) -> dict[str, int]:
    """One transaction: readers see what was there before until the new is whole."""
    account = loader()
    with transaction(house.engine) as c:
        it = queries.upload(c, number)
        if it.load_state == "done":
            raise Refused("This file is loaded; take that load back first.")
        if not it.tried or it.tried.get("state") != "dry_run":
            raise Refused("Try the load first and look at what it would do.")
        return {"job": _ask(c, account, it, "load_upload")}


@router.get(
    "/{number}/correction", summary="The rows to be corrected, as a workbook", response_class=Response
)
def correction(c: Reading, house: TheHouse, number: int) -> Response:
    """For the department that sent the file: what is wrong where, to be filled in and sent back."""
    loader()
    it = queries.upload(c, number)
    file = folder_of(house.settings, it.id) / CORRECTION
    if not file.exists():
        raise NotFound("There is nothing to correct, or the file came more than two weeks ago.")
    name = it.name.rsplit(".", 1)[0] + ".xlsx"
    return FileResponse(file, media_type=XLSX, headers=attachment(name))


@router.delete("/{number}", summary="Forget a file that was not loaded", status_code=204)
def forget(house: TheHouse, number: int) -> None:
    """What it held is removed from the disk."""
    loader()
    with transaction(house.engine) as c:
        it = queries.upload(c, number)
        if it.busy:
            raise Refused("Something is being done with this file; wait for it to end.")
        commands.forget(c, number)
    shutil.rmtree(folder_of(house.settings, number), ignore_errors=True)


@router.post("/templates", summary="Have an empty template made", status_code=202)
def template(house: TheHouse, asked: TemplateOf) -> dict[str, int]:
    """The worker makes it; fetch it from /api/uploads/templates/{job}."""
    account = loader()
    with transaction(house.engine) as c:
        return {"job": jobs.ask(c, account, "load_template", asked.model_dump())}


@router.get("/templates/{job}", summary="An empty template", response_class=Response)
def template_file(c: Reading, house: TheHouse, job: int) -> Response:
    """202 while it is being made."""
    found = job_queries.job(c, loader().id, job)
    if found.state in ("waiting", "running"):
        return Response(status_code=202)
    made = found.result or {}
    if found.kind != "load_template" or found.state != "done":
        raise NotFound(found.reason or "There is no such template.")
    return FileResponse(house.settings.home / made["file"], media_type=XLSX, headers=attachment(made["name"]))
