"""Dispatches over HTTP: sending a team, a team's inbox and its answers; and which teams are near."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import Field

from app.http.alerts import key
from app.http.guard import required_account
from app.http.house import Reading, TheHouse
from app.http.incidents import Body
from geodata.commands import dispatch
from geodata.commands.accounts import Account
from geodata.errors import BadArgument, Denied
from geodata.queries import dispatches
from geodata.queries.responsible import nearest_teams
from geodata.rules.alert_life import MOVERS
from geodata.rules.incident_life import open_dispatch_moves
from geodata.store.db import transaction

router = APIRouter(tags=["dispatches"])
MOST_TEAMS = 100


class Send(Body):
    """Which team is to do what."""

    team_id: int = Field(ge=1, le=2**63 - 1)
    task: str


class Why(Body):
    """Why a dispatch is refused."""

    why: str | None = None


@router.post("/api/incidents/{incident_id}/dispatches", summary="Send a team")
def send(house: TheHouse, incident_id: int, asked: Send) -> dict[str, Any]:
    """Send a team to an incident."""
    with transaction(house.engine) as c:
        made = dispatch.send(
            c, house.profile, required_account(), key(incident_id), asked.team_id, asked.task
        )
    return made._asdict()


@router.get("/api/inbox", summary="What was sent to the account's teams")
def inbox(house: TheHouse) -> dict[str, Any]:
    """Dispatches for the account's own teams; showing them here is what delivers them."""
    account = _answers()
    with transaction(house.engine) as c:
        dispatch.deliver(c, account)
    with house.reading() as c:
        found = dispatches.inbox(
            c, house.profile, account.id, desk_of=account.area_code, is_desk=account.role in MOVERS
        )
    told = [asdict(row) | {"may": list(open_dispatch_moves(row.state))} for row in found]
    return {"dispatches": [row | {"drill": row.pop("drill_id") is not None} for row in told]}


@router.post("/api/dispatches/{dispatch_id}/accept", summary="The team comes")
def accept(house: TheHouse, dispatch_id: int) -> dict[str, Any]:
    """Say that the team comes."""
    with transaction(house.engine) as c:
        done = dispatch.accept(c, house.profile, _answers(), key(dispatch_id))
    return {"id": dispatch_id, "state": done.state}


@router.post("/api/dispatches/{dispatch_id}/refuse", summary="The team cannot come")
def refuse(house: TheHouse, dispatch_id: int, asked: Why) -> dict[str, Any]:
    """Say that the team cannot come, and why."""
    with transaction(house.engine) as c:
        done = dispatch.refuse(c, house.profile, _answers(), key(dispatch_id), asked.why)
    return {"id": dispatch_id, "state": done.state}


@router.post("/api/dispatches/{dispatch_id}/arrive", summary="The team is there")
def arrive(house: TheHouse, dispatch_id: int) -> dict[str, Any]:
    """Say that the team is there."""
    with transaction(house.engine) as c:
        done = dispatch.arrive(c, house.profile, _answers(), key(dispatch_id))
    return {"id": dispatch_id, "state": done.state}


@router.post("/api/dispatches/{dispatch_id}/done", summary="The team has done its task")
def finished(house: TheHouse, dispatch_id: int) -> dict[str, Any]:
    """Say that the team has done its task."""
    with transaction(house.engine) as c:
        done = dispatch.done(c, house.profile, _answers(), key(dispatch_id))
    return {"id": dispatch_id, "state": done.state}


@router.get("/api/teams", summary="Teams that can be sent, the nearest first")
def teams(
    *, c: Reading,
    near: Annotated[str, Query(description="lon,lat in degrees")],
    skill: Annotated[str | None, Query(description="Only those with this skill")] = None,
    kind: Annotated[str | None, Query(description="Only those of this kind")] = None,
    limit: Annotated[int, Query(ge=1, le=MOST_TEAMS)] = 10,
) -> dict[str, Any]:  # fmt: skip
    """Teams by the way from their base to a point."""
    _answers()
    lon, lat = point(near)
    found = nearest_teams(c, lon, lat, skill=skill, kind=kind, limit=limit)
    return {"lon": lon, "lat": lat, "teams": [asdict(team) for team in found]}


def point(told: str) -> tuple[float, float]:
    """A point as lon,lat in degrees."""
    try:
        lon, lat = (float(part) for part in told.split(","))
    except ValueError:
        lon = lat = float("nan")
    if not (-180 <= lon <= 180 and -85 <= lat <= 85):
        raise BadArgument("near", "near must be two numbers in degrees: lon,lat.")
    return lon, lat


def _answers() -> Account:
    """Who asks, when it is no screen."""
    account = required_account()
    if account.role == "screen":
        raise Denied("A screen shows open alerts only.")
    return account
