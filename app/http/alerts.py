"""Alerts over HTTP: the open ones, one with all that belongs to it, people's moves, and CAP messages."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Connection
from starlette.responses import Response

from app import alert_words
from app.alert_json import ZH, alert_json
from app.cap import document
from app.http.alert_whole import whole
from app.http.guard import required_account
from app.http.house import House, Reading, TheHouse
from geodata.commands import alerts as moves, incidents
from geodata.commands.accounts import Account
from geodata.errors import BadArgument, Denied
from geodata.queries import alerts
from geodata.queries.alerts import AlertCard
from geodata.store.db import transaction
from geodata.store.notices import last_number

router = APIRouter(tags=["alerts"])
KEY_MOST = 2**63 - 1


class Move(BaseModel):
    """A move of an alert or an incident; `revision` is the one that was seen."""

    model_config = ConfigDict(extra="forbid")

    move: str = Field(max_length=40)
    revision: int = Field(ge=0, le=2**31 - 1)
    why: str | None = None


@router.get("/api/alerts", summary="Alerts, the gravest first")
def listed(
    *, c: Reading, house: TheHouse,
    state: Annotated[alerts.State, Query(description="open, closed or all")] = "open",
    since: Annotated[str | None, Query(description="Only those changed since, ISO 8601 with its offset")] = None,
    limit: Annotated[int, Query(description="1 to 1000")] = 200,
) -> dict[str, Any]:  # fmt: skip
    """Alerts of the account's area, and the number of the newest happening that they take account of."""
    account = required_account()
    if account.role == "screen" and state != "open":
        raise Denied("A screen shows open alerts only.")
    found = alerts.list_alerts(
        c, house.profile, account.area_code, state=state, since=instant("since", since), limit=limit
    )
    return {
        "alerts": [alert_json(card) for card in found],
        "as_of": datetime.now(UTC),
        "last": last_number(c),
    }


@router.get("/api/alerts/{alert_id}", summary="One alert with cameras, people, plan and moves")
def one(c: Reading, house: TheHouse, alert_id: int) -> dict[str, Any]:
    """An alert with everything that its card shows."""
    account = required_account()
    return whole(c, house.profile, account, seen(c, house, account, alert_id))


@router.post("/api/alerts/{alert_id}/moves", summary="Move an alert")
def move(house: TheHouse, alert_id: int, asked: Move) -> dict[str, Any]:
    """acknowledge, false_alarm, deal or open_incident; 409 tells who was first."""
    account = required_account()
    if asked.move == "open_incident":
        made = open_from(house, account, alert_id, asked.revision, why=asked.why)
        return {
            "revision": asked.revision + 1,
            "state": "incident",
            "incident_id": made.id,
            "number": made.number,
        }
    with transaction(house.engine) as c:
        done = moves.move(
            c, house.profile, account, key(alert_id), asked.move, revision=asked.revision, why=asked.why
        )
    return done._asdict()


@router.get("/api/alerts/{alert_id}/cap.xml", summary="An alert as CAP 1.2", response_class=Response)
def cap(c: Reading, house: TheHouse, alert_id: int) -> Response:
    """A message of the Common Alerting Protocol; that of a drill is an exercise."""
    card = seen(c, house, required_account(), alert_id)
    return Response(document(card, house.profile), media_type="application/cap+xml")


def seen(c: Connection, house: House, account: Account, alert_id: int) -> AlertCard:
    """An alert that an account may see; a screen only while it is open."""
    card = alerts.alert(c, house.profile, key(alert_id), account.area_code)
    if account.role == "screen" and card.closed_at is not None:
        raise Denied("A screen shows open alerts only.")
    return card


def open_from(
    house: House, account: Account, alert_id: int, revision: int | None, *, why: str | None = None
) -> incidents.Opened:
    """Open an incident for an alert, named as the alert is."""
    with transaction(house.engine) as c:
        card = alerts.alert(c, house.profile, key(alert_id))
        return incidents.open_from_alert(
            c, house.profile, account, alert_id, revision=revision, title=alert_words.title(ZH, card), why=why
        )


def key(value: int) -> int:
    """A row's key as the database can take it."""
    if not 0 < value <= KEY_MOST:
        raise BadArgument("id", "A key is a positive whole number.")
    return value


def instant(name: str, value: str | None) -> datetime | None:
    """An instant as ISO 8601 with its offset from UTC."""
    if not value:
        return None
    try:
        found = datetime.fromisoformat(value)
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise BadArgument(name, f"{name} must be an instant like 2026-11-22T08:00:00+08:00.")
    return found
