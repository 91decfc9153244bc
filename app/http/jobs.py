"""Long questions: asked, looked at, cancelled, fetched."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any
from urllib.parse import quote

from fastapi import APIRouter, Response
from fastapi.responses import FileResponse
from pydantic import BaseModel, ConfigDict, Field

from app.http.arguments import Asked
from app.http.house import Reading, TheHouse
from app.http.planning import Before, planner
from app.jobs import discover
from geodata.commands import jobs as commands
from geodata.errors import BadArgument, NotFound
from geodata.queries import jobs as queries
from geodata.queries.jobs import Job
from geodata.queries.question_json import as_values, window_values
from geodata.store.db import transaction

router = APIRouter(prefix="/api/jobs", tags=["planning"])


class NewJob(BaseModel):
    """What is to be done; the question itself stands in the address, as at every other door."""

    model_config = ConfigDict(extra="forbid")

    kind: str = Field(max_length=40)
    options: dict[str, str] = Field(default_factory=dict, max_length=10)


@router.post("", summary="Ask a long question", status_code=202)
def ask(house: TheHouse, q: Asked, other: Before, asked: NewJob) -> dict[str, int]:
    """Answers the task's number at once; the worker does it."""
    account = planner()
    kind = discover().get(asked.kind)
    if kind is None or not kind.askable:
        known = ", ".join(key for key, one in discover().items() if one.askable)
        raise BadArgument("kind", f"kind must be one of {known}.")
    if unknown := set(asked.options) - set(kind.options):
        raise BadArgument("options", f"{asked.kind} has no option “{min(unknown)[:40]}”.")
    values = {
        "question": as_values(q),
        "before": window_values(other) if other else None,
        "options": asked.options,
    }
    with transaction(house.engine) as c:
        return {"id": commands.ask(c, account, asked.kind, values)}


@router.get("", summary="One's own tasks")
def listed(c: Reading) -> dict[str, Any]:
    """The newest first."""
    return {"jobs": [said(job) for job in queries.jobs(c, planner().id)]}


@router.get("/{job_id}", summary="Where a task stands")
def one(c: Reading, job_id: int) -> dict[str, Any]:
    """State, share done, what it does now, why it failed, or where its result is."""
    return said(queries.job(c, planner().id, job_id))


@router.post("/{job_id}/cancel", summary="Cancel a task")
def cancel(house: TheHouse, job_id: int) -> dict[str, bool]:
    """False when it had ended before."""
    account = planner()
    with transaction(house.engine) as c:
        return {"cancelled": commands.cancel(c, account, job_id)}


@router.get("/{job_id}/result", summary="The file of a task", response_class=Response)
def result(c: Reading, house: TheHouse, job_id: int) -> Response:
    """As an attachment."""
    found = queries.job(c, planner().id, job_id)
    file = (found.result or {}).get("file")
    if found.state != "done" or not file or not (house.settings.home / file).exists():
        raise NotFound(f"The task {job_id} has no file; it may not be done, or be older than two weeks.")
    made = found.result or {}
    return FileResponse(
        house.settings.home / file, media_type=made["media_type"], headers=attachment(made["name"])
    )


def attachment(name: str) -> dict[str, str]:
    """Headers that have a browser keep a body as a file, also under a Chinese name."""
    plain = name.encode("ascii", "ignore").decode() or "file"
    return {
        "Content-Disposition": f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}",
        "Cache-Control": "no-store",
    }


def said(job: Job) -> dict[str, Any]:
    """A job as the door answers it: a file by its address, never by its path."""
    kind = discover().get(job.kind)
    made = job.result or {}
    return asdict(job) | {
        "title": kind.title._asdict() if kind else None,
        "asked": {key: value for key, value in job.asked.items() if key != "content"},
        "result": made.get("data"),
        "download": f"/api/jobs/{job.id}/result" if made.get("file") else None,
        "name": made.get("name"),
    }
