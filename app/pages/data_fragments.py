"""What the data page asks for again: the step at hand, the rows of a file, its picture on the map, what was found."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

from dash import html
from dash.development.base_component import Component
from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, Field
from sqlalchemy import Connection
from starlette.responses import JSONResponse

from app.http.house import House, Lang, TheHouse
from app.http.uploads import WHO
from app.jobs.uploaded import folder_of
from app.pages import data_history, data_map, data_steps
from app.pages.data_desk import Desk
from app.pages.data_parts import keyed
from app.pages.data_state import Standing, standing
from app.pages.fragment_answers import piece
from app.pages.panel import Asker
from geodata.errors import Denied
from geodata.queries import jobs, loads, uploads
from geodata.queries.loads import Load
from geodata.queries.mappings import saved_names
from geodata.queries.uploads import Upload

MOST_FINDINGS = 5_000  # that the table beside the map shows
router = APIRouter(prefix="/fragments/data", include_in_schema=False)
Number = Annotated[int | None, Query(ge=1)]
Fields = dict[str, Any]


class Place(BaseModel):
    """Where in the page one is: a file and a step, or a load and the task that takes it back."""

    upload: int | None = Field(default=None, ge=1)
    load: int | None = Field(default=None, ge=1)
    step: str = ""
    undo: int | None = Field(default=None, ge=1)


@router.get("")
def side(house: TheHouse, place: Annotated[Place, Query()], lang: Lang = None) -> Response:
    """The steps and the question at hand."""
    undo = place.undo

    def fill(c: Connection, asker: Asker) -> Component:
        _whole(asker)
        it = uploads.upload(c, place.upload) if place.upload else None
        run = loads.load(c, place.load) if place.load else None
        at = standing(it, run, place.step, loads.finding_count(c, run.id) if run else 0)
        inside = _inside(c, house, asker, at, undo)
        return html.Div(
            [data_steps.nav(asker.terms, at), html.Section(inside, className="data-ask", **keyed(_key(at)))],
            className="data-inside", **_told(c, asker, at, undo),
        )  # fmt: skip

    return piece(house, lang, fill, WHO)


def _inside(
    c: Connection, house: House, asker: Asker, at: Standing, undo: int | None
) -> list[Component | None]:
    profile, terms = house.profile, asker.terms
    if at.run:
        job = jobs.job(c, asker.account.id, undo) if undo else None
        return data_history.one_run(terms, profile, at.run, at.found, job)
    if at.it is None:
        return data_history.start(terms, profile, uploads.waiting(c), loads.list_loads(c, 30), asker.now)
    saved = saved_names(c, str(at.it.choice.get("kind"))) if at.at == "columns" else []
    return data_steps.step(Desk(terms, profile, at.it, saved), at)


def _key(at: Standing) -> str:
    return f"run-{at.run.id}" if at.run else f"{at.it.id}-{at.at}" if at.it else "start"


def _told(c: Connection, asker: Asker, at: Standing, undo: int | None) -> dict[str, Any]:
    """What the script must know: the step, what the right shows and of which state, whether to ask again."""
    undoing = jobs.job(c, asker.account.id, undo) if undo and at.run else None
    busy = at.busy or bool(undoing and undoing.state in ("waiting", "running"))
    it = at.it
    mark = (
        f"{it.id}.{it.choice}.{it.job_id}.{it.job_state}"
        if it
        else f"run {at.run.id}.{at.run.state}"
        if at.run
        else ""
    )
    return {
        "data-key": "inside", "data-step": at.at, "data-stage": at.stage, "data-busy": "yes" if busy else "no",
        "data-mark": f"{at.stage} {mark}", "data-upload": str(it.id) if it else "",
        "data-picture": str((it.id if it else at.run.upload_id if at.run else None) or ""), "data-load": str(at.run.id) if at.run else "",
    }  # fmt: skip


@router.get("/rows")
def rows(house: TheHouse, upload: int, lang: Lang = None) -> Response:
    """The first rows of a file with what their columns are taken for."""

    def read(c: Connection, asker: Asker) -> Fields:
        it = uploads.upload(c, upload)
        sample = data_map.sample_of(folder_of(house.settings, it.id))
        return {
            "columns": _taken_for(asker, it, sample),
            "numbers": sample.get("numbers", []),
            "rows": sample.get("rows", []),
        }

    return _json(house, lang, read)


def _taken_for(asker: Asker, it: Upload, sample: Fields) -> list[Fields]:
    kinds = (it.looked or {}).get("kinds") or []
    told: Fields = next((one for one in kinds if one["key"] == it.choice.get("kind")), {"fields": []})
    words = {one["name"]: one["title"][asker.terms.language] for one in told["fields"]}
    taken: dict[str, list[str]] = {}
    for field, names in (it.choice.get("columns") or {}).items():
        for name in names or []:
            taken.setdefault(name, []).append(words.get(field, field))
    return [{"name": name, "as": " · ".join(taken.get(name, []))} for name in sample.get("columns", [])]


@router.get("/map")
def picture(house: TheHouse, upload: int, lang: Lang = None) -> Response:
    """The shapes of a file over those of today."""

    def read(c: Connection, _: Asker) -> Fields:
        it = uploads.upload(c, upload)
        return data_map.picture(c, house.profile, it, data_map.sample_of(folder_of(house.settings, it.id)))

    return _json(house, lang, read)


@router.get("/findings")
def findings(house: TheHouse, upload: Number = None, load: Number = None, lang: Lang = None) -> Response:
    """What was found in the last dry run of a file, or in a load."""

    def read(c: Connection, asker: Asker) -> Fields:
        it, run = _which(c, upload, load)
        told = (
            loads.findings(c, run.id, limit=MOST_FINDINGS)
            if run
            else (it.tried or {}).get("findings", [])
            if it
            else []
        )
        sample = data_map.sample_of(folder_of(house.settings, it.id)) if it else {}
        marked = data_map.marked(told, it, sample)
        return {"findings": [one | _words(asker, one) for one in marked]}

    return _json(house, lang, read)


def _words(asker: Asker, finding: Fields) -> Fields:
    """What was found and done, how grave it is, and its column where that is no column of the file, in the reader's words."""
    told = {key: finding[key][asker.terms.language] for key in ("message", "action")}
    column = asker.terms("data_column.geometry") if finding["column"] == "geometry" else finding["column"]
    return told | {"said": asker.terms.either("data_severity", finding["severity"]), "column": column}


def _which(c: Connection, upload: int | None, load: int | None) -> tuple[Upload | None, Load | None]:
    run = loads.load(c, load) if load else None
    number = upload or (run.upload_id if run else None)
    it = uploads.upload(c, number) if number else None
    return it, run or (loads.load(c, it.load_id) if it and it.load_id and not it.tried else None)


def _whole(asker: Asker) -> None:
    if asker.account.area_code:
        raise Denied("Your account may not see this.")


def _json(house: House, lang: str | None, read: Callable[[Connection, Asker], Fields]) -> Response:
    made: Fields = {}

    def fill(c: Connection, asker: Asker) -> list[Component]:
        _whole(asker)
        made["it"] = read(c, asker)
        return []

    answer = piece(house, lang, fill, WHO)
    return JSONResponse(made["it"], headers={"Cache-Control": "no-store"}) if "it" in made else answer
