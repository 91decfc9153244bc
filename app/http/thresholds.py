"""Thresholds and maintenance windows over HTTP: what holds, who set it, what a change would have raised."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from app.http.guard import required_account
from app.http.house import Reading, TheHouse
from geodata.commands import maintenance, thresholds as commands
from geodata.commands.accounts import Account
from geodata.errors import Denied
from geodata.queries import backtest, threshold_subjects, thresholds
from geodata.rules.defaults import DEFAULTS
from geodata.store.db import transaction

WRITERS, READERS = ("operator", "admin"), ("operator", "admin", "planner", "commander")
router = APIRouter(tags=["thresholds"])


class Change(BaseModel):
    """Numbers of a rule for a subject; null goes back to what is shipped."""

    model_config = ConfigDict(extra="forbid")

    rule: str = Field(max_length=40)
    subject: str = Field("*", max_length=80)
    limits: dict[str, Any] | None = None
    why: str | None = Field(None, max_length=300)


class Window(BaseModel):
    """A span in which causes that begin with `subject` are muted."""

    model_config = ConfigDict(extra="forbid")

    subject: str = Field(max_length=120)
    area_code: str | None = None
    starts_at: datetime
    ends_at: datetime
    why: str = Field(max_length=300)


@router.get("/api/thresholds", summary="Thresholds that hold, with author")
def listed(c: Reading) -> dict[str, Any]:
    """Every threshold that holds, what there is to set one for, and which numbers each rule has."""
    _may(READERS)
    rules = sorted({rule for rule, _ in DEFAULTS})
    return {
        "thresholds": [
            asdict(row) | {"shipped": row.author == thresholds.SYSTEM} for row in thresholds.listed(c)
        ],
        "rules": {
            rule: {"numbers": commands.numbers_of(rule), "backtest": rule in backtest.KNOWN} for rule in rules
        },
        "subjects": {
            rule: [asdict(subject) for subject in threshold_subjects.of_rule(c, rule)] for rule in rules
        },
    }


@router.get("/api/thresholds/effective", summary="The numbers that hold for one subject")
def effective(c: Reading, rule: str, subject: str = "*") -> dict[str, Any]:
    """All numbers of a rule for a subject, inherited ones included, and the history of its own."""
    _may(READERS)
    numbers = threshold_subjects.effective(c, rule, subject)
    return {"rule": rule, "subject": subject, "limits": numbers,
            "history": [asdict(row) for row in thresholds.history(c, rule, subject)]}  # fmt: skip


@router.put("/api/thresholds", summary="Set the numbers of a rule for a subject")
def put(house: TheHouse, asked: Change) -> dict[str, Any]:
    """From now on the judge uses them; the row before is ended, not changed."""
    account = _may(WRITERS)
    with transaction(house.engine) as c:
        commands.set_limits(c, account, asked.rule, asked.subject, asked.limits, why=asked.why)
        return {"rule": asked.rule, "subject": asked.subject,
                "limits": threshold_subjects.effective(c, asked.rule, asked.subject)}  # fmt: skip


@router.post("/api/thresholds/preview", summary="What changed limits would have raised in the last 30 days")
def preview(c: Reading, house: TheHouse, asked: Change) -> dict[str, Any]:
    """Beside what the present limits raise over the same readings."""
    _may(WRITERS)
    limits = commands.check(asked.rule, asked.subject, asked.limits or {})
    return asdict(backtest.compare(c, house.profile, asked.rule, asked.subject, limits))


@router.get("/api/maintenance", summary="Maintenance windows")
def windows(c: Reading, ended_days: Annotated[int, Query(ge=0, le=365)] = 7) -> dict[str, Any]:
    """Windows to come, those that hold, and those ended lately."""
    _may(READERS)
    return {"windows": [asdict(window) for window in maintenance.list_windows(c, ended_days=ended_days)]}


@router.post("/api/maintenance", summary="Mute causes for a span", status_code=201)
def add(house: TheHouse, asked: Window) -> dict[str, int]:
    """Alerts of these causes are written meanwhile but not loud, and say why."""
    account = _may(WRITERS)
    with transaction(house.engine) as c:
        return {"id": maintenance.add_window(
            c, account, asked.subject, asked.starts_at, ends_at=asked.ends_at, why=asked.why, area_code=asked.area_code,
        )}  # fmt: skip


@router.delete("/api/maintenance/{window_id}", summary="End a window now", status_code=204)
def end(house: TheHouse, window_id: int) -> None:
    """What it muted is heard again."""
    account = _may(WRITERS)
    with transaction(house.engine) as c:
        maintenance.end_window(c, account, window_id)


def _may(roles: tuple[str, ...]) -> Account:
    account = required_account()
    if account.role not in roles:
        raise Denied(f"This is for the roles {', '.join(roles)}.")
    if roles is WRITERS and account.area_code is not None:
        raise Denied(
            "Thresholds and windows hold for the whole district; your account is limited to an area."
        )
    return account
