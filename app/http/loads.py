"""The book of loads: what was loaded, by whom, what was found, and taking a load back."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import asdict
from typing import Any

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict
from sqlalchemy import Connection

from app.http.house import House, Lang, Reading, TheHouse
from app.http.jobs import attachment
from app.http.uploads import loader
from app.terms import language_of
from geodata.commands import jobs
from geodata.errors import BadArgument, Refused
from geodata.queries import jobs as job_queries, loads as queries
from geodata.store.db import transaction

FORMULA = ("=", "+", "-", "@", "\t", "\r")
COLUMNS = ("severity", "sheet", "row", "column", "value", "message", "action", "code")

router = APIRouter(prefix="/api/loads", tags=["data"])


class Sure(BaseModel):
    """The number of the load, said once more, so that no other is taken back."""

    model_config = ConfigDict(extra="forbid")

    sure: int


@router.get("", summary="The newest loads")
def listed(c: Reading) -> dict[str, Any]:
    """The newest first, with who loaded and what became of the rows."""
    loader()
    return {"loads": [asdict(run) for run in queries.list_loads(c, 30)]}


@router.get("/{number}", summary="One load with what was found")
def one(c: Reading, house: TheHouse, number: int, lang: Lang = None) -> Response:
    """The report as one JSON document."""
    loader()
    told = asdict(queries.load(c, number)) | {"findings": _found(c, house, number, lang)}
    body = json.dumps(told, ensure_ascii=False, default=str)
    return Response(body, media_type="application/json", headers=attachment(f"load-{number}.json"))


@router.get("/{number}/findings.csv", summary="What was found in a load, as a table")
def table(c: Reading, house: TheHouse, number: int, lang: Lang = None) -> Response:
    """UTF-8 with a mark that spreadsheets know; a cell never begins as a formula does."""
    loader()
    queries.load(c, number)
    out = io.StringIO()
    rows = csv.writer(out)
    rows.writerow(COLUMNS)
    for finding in _found(c, house, number, lang):
        rows.writerow([harmless(finding.get(name)) for name in COLUMNS])
    name = f"load-{number}-findings.csv"
    return Response("\ufeff" + out.getvalue(), media_type="text/csv; charset=utf-8", headers=attachment(name))


def _found(c: Connection, house: House, number: int, lang: str | None) -> list[dict[str, Any]]:
    """What was found, told in one language."""
    language = language_of(lang or house.profile.language)
    found = queries.findings(c, number)
    return [one | {key: one[key][language] for key in ("message", "action")} for one in found]


@router.post("/{number}/roll-back", summary="Take a load back", status_code=202)
def roll_back(house: TheHouse, number: int, asked: Sure) -> dict[str, int]:
    """The worker puts back exactly what was there before."""
    account = loader()
    if asked.sure != number:
        raise BadArgument("sure", "Say the number of the load once more.")
    with transaction(house.engine) as c:
        run = queries.load(c, number)
        if run.state != "done":
            raise Refused(f"Load {number} keeps nothing that could be taken back.")
        return {"job": jobs.ask(c, account, "roll_back", {"load": number})}


@router.get("/{number}/roll-back/{job}", summary="Where taking a load back stands")
def rolling(c: Reading, number: int, job: int) -> dict[str, Any]:
    """State of the task, and why it failed."""
    found = job_queries.job(c, loader().id, job)
    return {"load": number, "state": found.state, "reason": found.reason}


def harmless(value: object) -> object:
    """A cell that no spreadsheet takes for a formula."""
    if isinstance(value, str) and value.startswith(FORMULA):
        return f"'{value}"
    return value
