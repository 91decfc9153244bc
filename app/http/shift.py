"""The shift over HTTP: who is on duty, and the hand-over log with what stood open."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query

from app.http.alerts import instant
from app.http.guard import required_account
from app.http.house import Reading, TheHouse
from app.http.incidents import Body
from geodata.commands import shift_log as hand
from geodata.errors import Denied
from geodata.queries import duty, shift_log
from geodata.store.db import transaction

router = APIRouter(tags=["shift"])


class HandOver(Body):
    """What the next shift must know."""

    body: str
    to: str | None = None


@router.get("/api/duty", summary="Who is on duty")
def on_duty(
    c: Reading,
    at: Annotated[
        str | None, Query(description="ISO 8601 with its offset; now unless said otherwise")
    ] = None,
    area: Annotated[str | None, Query(description="For this area and what holds it")] = None,
) -> dict[str, Any]:
    """Accounts and teams on duty, those of areas before those of the whole district."""
    _no_screen()
    moment = instant("at", at) or datetime.now(UTC)
    return {"at": moment, "duty": [asdict(shift) for shift in duty.on_duty(c, moment, area_code=area)]}


@router.get("/api/shift-log", summary="The hand-over log, the newest first")
def read(c: Reading, house: TheHouse, limit: Annotated[int, Query(ge=1, le=200)] = 30) -> dict[str, Any]:
    """What was handed over, and what stands open now."""
    _no_screen()
    scope = required_account().area_code
    return {
        "entries": [asdict(entry) for entry in shift_log.entries(c, house.profile, scope, limit=limit)],
        "standing": shift_log.standing(c, house.profile, scope),
    }


@router.post("/api/shift-log", summary="Hand over")
def write(house: TheHouse, asked: HandOver) -> dict[str, Any]:
    """Write what the next shift must know; what stands open is noted with it."""
    _no_screen()
    with transaction(house.engine) as c:
        return {"id": hand.hand_over(c, house.profile, required_account(), asked.body, to=asked.to)}


def _no_screen() -> None:
    if required_account().role == "screen":
        raise Denied("A screen shows open alerts only.")
