"""Alerts over HTTP: the open ones, one with all that belongs to it, people's moves, and CAP messages."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query

from app.http.alert_json import alert_json
from app.http.guard import required_account
from app.http.house import Reading, TheHouse
from geodata.errors import BadArgument, Denied
from geodata.queries import alerts
from geodata.store.notices import last_number

router = APIRouter(tags=["alerts"])


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
