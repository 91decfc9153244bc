"""Incidents over HTTP: opened, moved, written into, reviewed; files come and go as downloads only."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any
from urllib.parse import quote

from anyio.to_thread import run_sync
from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from app.alert_json import alert_json
from app.http.alert_whole import answering, cameras, plan_json
from app.http.alerts import Move, key, open_from
from app.http.guard import required_account
from app.http.house import Reading, TheHouse
from app.http.multipart import one_file
from geodata.commands import incident_book, incidents as moves
from geodata.errors import BadArgument, Denied
from geodata.queries import incidents
from geodata.queries.incidents import Incident, IncidentRow
from geodata.rules.alert_life import MOVERS
from geodata.rules.incident_life import open_moves
from geodata.rules.review import late
from geodata.store.db import transaction
from geodata.types import Level

router = APIRouter(tags=["incidents"])
READERS = ("commander", "planner", "operator", "admin")


class Body(BaseModel):
    """What a request tells; a field that means nothing is refused."""

    model_config = ConfigDict(extra="forbid")


class New(Body):
    """A new incident: of an alert, or by hand at a point (EPSG:4326)."""

    alert_id: int | None = None
    revision: int | None = Field(None, ge=0, le=2**31 - 1)
    kind: str | None = None
    title: str | None = None
    level: Level = "watch"
    lon: float | None = Field(None, ge=-180, le=180, allow_inf_nan=False)
    lat: float | None = Field(None, ge=-85, le=85, allow_inf_nan=False)
    why: str | None = None


class Note(Body):
    """A note."""

    body: str


class Tick(Body):
    """An item of the check-list."""

    item: str = Field(max_length=80)
    done: bool


class Part(Body):
    """A role for an account or a team."""

    role: str
    account: str | None = None
    team_id: int | None = Field(None, ge=1, le=2**63 - 1)


class Review(Body):
    """What was learnt."""

    text: str
    revision: int | None = Field(None, ge=0, le=2**31 - 1)


@router.get("/api/incidents", summary="Incidents, the newest first")
def listed(
    *, c: Reading, house: TheHouse,
    state: Annotated[incidents.State, Query(description="open (until reviewed), closed or all")] = "open",
    limit: Annotated[int, Query(description="1 to 500")] = 200,
) -> dict[str, Any]:  # fmt: skip
    """Incidents of the account's area."""
    found = incidents.list_incidents(c, house.profile, _reader(), state=state, limit=limit)
    return {"incidents": [row_json(row) for row in found]}


@router.post("/api/incidents", summary="Open an incident")
def opened(house: TheHouse, asked: New) -> dict[str, Any]:
    """From an alert, or by hand at a point."""
    account = required_account()
    if asked.alert_id is not None:
        made = open_from(house, account, asked.alert_id, asked.revision, why=asked.why)
        return asdict(made)
    if asked.kind is None or asked.title is None or asked.lon is None or asked.lat is None:
        raise BadArgument("alert_id", "Name an alert_id, or kind, title, lon and lat.")
    with transaction(house.engine) as c:
        made = moves.open_at_point(
            c, house.profile, account, kind=asked.kind, title=asked.title, lon=asked.lon, lat=asked.lat,
            level=asked.level, why=asked.why,
        )  # fmt: skip
    return asdict(made)


@router.get("/api/incidents/{incident_id}", summary="One incident with all its books")
def one(c: Reading, house: TheHouse, incident_id: int) -> dict[str, Any]:
    """Everything about an incident: alerts, moves, notes, files, checks, people, dispatches, plan, cameras, review."""
    scope = _reader()
    account = required_account()
    found = incidents.incident(c, house.profile, key(incident_id), scope)
    told = incident_json(found) | {
        "cameras": cameras(c, house.profile, account, found.row.lon, found.row.lat),
        "responsible": answering(c, house.profile, found.row.lon, found.row.lat, posts=True),
    }
    return told | {"may": list(open_moves(found.row.state)) if account.role in MOVERS else []}


@router.post("/api/incidents/{incident_id}/moves", summary="Move an incident")
def move(house: TheHouse, incident_id: int, asked: Move) -> dict[str, Any]:
    """verify, dispatch, handle or resolve; 409 tells who was first."""
    with transaction(house.engine) as c:
        done = moves.move(
            c, house.profile, required_account(), key(incident_id), asked.move,
            revision=asked.revision, why=asked.why,
        )  # fmt: skip
    return done._asdict()


@router.post("/api/incidents/{incident_id}/review", summary="Review an incident")
def review(house: TheHouse, incident_id: int, asked: Review) -> dict[str, Any]:
    """Close a resolved incident with what was learnt."""
    with transaction(house.engine) as c:
        done = moves.review(
            c, house.profile, required_account(), key(incident_id), asked.text, revision=asked.revision
        )
    return done._asdict()


@router.post("/api/incidents/{incident_id}/notes", summary="Write a note")
def note(house: TheHouse, incident_id: int, asked: Note) -> dict[str, Any]:
    """Telephone and identity numbers are taken out of it."""
    with transaction(house.engine) as c:
        return {"id": incident_book.note(c, house.profile, required_account(), key(incident_id), asked.body)}


@router.post("/api/incidents/{incident_id}/checks", summary="Tick an item of the check-list")
def check(house: TheHouse, incident_id: int, asked: Tick) -> dict[str, Any]:
    """Tick or untick an item of the plan."""
    with transaction(house.engine) as c:
        incident_book.check(
            c, house.profile, required_account(), key(incident_id), asked.item, done=asked.done
        )
    return asked.model_dump()


@router.post("/api/incidents/{incident_id}/people", summary="Give a role")
def people(house: TheHouse, incident_id: int, asked: Part) -> dict[str, Any]:
    """Give a role to an account (by name) or to a team."""
    with transaction(house.engine) as c:
        incident_book.assign(
            c, house.profile, required_account(), key(incident_id), asked.role,
            account_name=asked.account, team_id=asked.team_id,
        )  # fmt: skip
    return asked.model_dump()


@router.post("/api/incidents/{incident_id}/attachments", summary="Keep a file (multipart, field `file`)")
async def attach(request: Request, house: TheHouse, incident_id: int) -> dict[str, Any]:
    """JPEG, PNG, PDF or plain text of at most 10 MB, told by its content."""
    account = required_account()
    name, content = await one_file(request, incident_book.ATTACHMENT_MOST_BYTES)

    def keep() -> int:
        with transaction(house.engine) as c:
            return incident_book.attach(
                c, house.profile, account, key(incident_id), name=name, content=content
            )

    return {"id": await run_sync(keep)}


@router.get(
    "/api/incidents/{incident_id}/attachments/{attachment_id}", summary="A kept file", response_class=Response
)
def attachment(c: Reading, house: TheHouse, incident_id: int, attachment_id: int) -> Response:
    """A file, always as a download: nothing that was uploaded is ever shown as a page."""
    incidents.brief(c, house.profile, key(incident_id), _reader())
    name, media_type, content = incidents.attachment(c, incident_id, key(attachment_id))
    return Response(
        content,
        media_type=media_type,
        headers={
            "Content-Disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}",
            "Content-Security-Policy": "sandbox; default-src 'none'",
            "X-Content-Type-Options": "nosniff",
        },
    )


def row_json(row: IncidentRow) -> dict[str, Any]:
    """One incident of a list."""
    told = asdict(row)
    return told | {"drill": told.pop("drill_id") is not None}


def incident_json(found: Incident) -> dict[str, Any]:
    """One incident with its books; `late` is what came later than the plan asks."""
    return row_json(found.row) | {
        "alerts": [alert_json(card) for card in found.alerts],
        "notes": [entry._asdict() for entry in found.notes],
        "attachments": [entry._asdict() for entry in found.attachments],
        "checks": [entry._asdict() for entry in found.checks],
        "people": [entry._asdict() for entry in found.people],
        "dispatches": [asdict(row) for row in found.dispatches],
        "timeline": [entry._asdict() for entry in found.timeline],
        "moves": [entry._asdict() for entry in found.timeline if entry.kind == "incident"],
        "plan": plan_json(found.plan),
        "times": [asdict(step) for step in found.steps],
        "due": [asdict(item) for item in found.due],
        "late": [asdict(item) for item in late(found.due)],
    }


def _reader() -> str | None:
    """The area of an account that may read incidents."""
    account = required_account()
    if account.role not in READERS:
        raise Denied("A screen shows open alerts only.")
    return account.area_code
