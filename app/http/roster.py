"""The duty roster and the times of escalation over HTTP: administrators change them, and each change keeps its author."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any

from fastapi import APIRouter
from pydantic import Field

from app.http.alerts import key
from app.http.guard import required_account
from app.http.house import House, Reading, TheHouse
from app.http.incidents import Body
from geodata.commands import duty_roster, escalation_times, teams
from geodata.commands.accounts import Account
from geodata.errors import BadArgument, Denied
from geodata.queries import duty, escalation
from geodata.rules.reading_checks import moment_of
from geodata.store.db import transaction
from geodata.types import Level

router = APIRouter(tags=["roster"])


class Shift(Body):
    """Who is to be on duty; moments without an offset are of the district's own clock."""

    role: str = Field(max_length=20)
    account: str | None = Field(None, max_length=40)
    team_id: int | None = Field(None, ge=1, le=2**63 - 1)
    area_code: str | None = Field(None, max_length=40)
    starts_at: str = Field(max_length=40)
    ends_at: str = Field(max_length=40)


class OnCall(Body):
    """Whether a team may be sent."""

    active: bool


class Wait(Body):
    """How long an alert of a level waits to be taken; null is for ever."""

    level: Level
    wait_s: float | None = Field(None, allow_inf_nan=False)
    why: str = Field(max_length=300)


@router.get("/api/duty/changes", summary="Who changed the roster")
def changed(c: Reading) -> dict[str, Any]:
    """The last changes by hand."""
    _admin()
    return {"changes": [change._asdict() for change in duty.changes(c)]}


@router.post("/api/duty", summary="Put somebody on duty", status_code=201)
def add(house: TheHouse, asked: Shift) -> dict[str, int]:
    """An account (by name) or a team, for an area or the whole district."""
    account = _admin()
    starts, ends = _moment(house, "starts_at", asked.starts_at), _moment(house, "ends_at", asked.ends_at)
    with transaction(house.engine) as c:
        made = duty_roster.add_shift(
            c, account, asked.role, starts_at=starts, ends_at=ends, account_name=asked.account,
            team_id=asked.team_id, area_code=asked.area_code or None,
        )  # fmt: skip
    return {"id": made}


@router.delete("/api/duty/{shift_id}", summary="Take a shift off the roster", status_code=204)
def remove(house: TheHouse, shift_id: int) -> None:
    """One that is over stays as it was."""
    account = _admin()
    with transaction(house.engine) as c:
        duty_roster.remove_shift(c, account, key(shift_id))


@router.get("/api/escalation", summary="How long alerts wait to be taken")
def times(c: Reading) -> dict[str, Any]:
    """Seconds by level, and who set them when."""
    _admin()
    return {"waits": escalation.waits(c), "history": [asdict(one) for one in escalation.history(c)]}


@router.put("/api/escalation", summary="Set how long alerts of a level wait to be taken")
def set_time(house: TheHouse, asked: Wait) -> dict[str, Any]:
    """From now on; alerts that wait already keep their time."""
    account = _admin()
    with transaction(house.engine) as c:
        escalation_times.set_wait(c, account, asked.level, asked.wait_s, why=asked.why)
        return {"waits": escalation.waits(c)}


@router.put("/api/teams/{team_id}", summary="Call a team up or let it rest")
def call(house: TheHouse, team_id: int, asked: OnCall) -> dict[str, bool]:
    """A team that rests is not sent anywhere."""
    account = _admin()
    with transaction(house.engine) as c:
        teams.set_active(c, account, key(team_id), active=asked.active)
    return {"active": asked.active}


@router.post("/api/teams/{team_id}/inbox", summary="Give a team an inbox of its own", status_code=201)
def open_inbox(house: TheHouse, team_id: int) -> dict[str, str]:
    """Gives the name and the password of its account, this once."""
    account = _admin()
    with transaction(house.engine) as c:
        name, password = teams.open_inbox(c, account, key(team_id))
    return {"name": name, "password": password}


@router.delete("/api/teams/{team_id}/inbox", summary="Close a team's inbox", status_code=204)
def close_inbox(house: TheHouse, team_id: int) -> None:
    """Its account may not sign in any more; the desk answers for it again."""
    account = _admin()
    with transaction(house.engine) as c:
        teams.close_inbox(c, account, key(team_id))


def _moment(house: House, name: str, told: str) -> datetime:
    at = moment_of(told, house.profile.zone)
    if at is None:
        raise BadArgument(name, f"{name} is a moment like 2026-11-22T08:00.")
    return at


def _admin() -> Account:
    account = required_account()
    if account.role != "admin" or account.area_code is not None:
        raise Denied("Only administrators of the whole district may do this.")
    return account
