"""Drills 演练 over HTTP: which there were, and how each went."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query

from app.http.guard import required_account
from app.http.house import Reading
from geodata.errors import Denied
from geodata.plans import load_plans
from geodata.queries import drills
from geodata.queries.drills import Drill

router = APIRouter(tags=["drills"])


@router.get("/api/drills", summary="Drills, the newest first")
def listed(c: Reading, limit: Annotated[int, Query(ge=1, le=500)] = 100) -> dict[str, Any]:
    """Every drill without its report, and the plans that can be drilled."""
    _refuse_screen()
    plans = [
        {"key": plan.key, "title": plan.title._asdict(), "lasts_s": plan.lasts_s}
        for plan in load_plans().values()
        if plan.script
    ]
    return {"drills": [_json(drill) for drill in drills.list_drills(c, limit=limit)], "plans": plans}


@router.get("/api/drills/{drill_id}", summary="One drill with its after-action report")
def one(c: Reading, drill_id: int) -> dict[str, Any]:
    """A drill; its report is null while it runs."""
    _refuse_screen()
    found = drills.drill(c, drill_id)
    return _json(found) | {"report": found.report}


def _refuse_screen() -> None:
    if required_account().role == "screen":
        raise Denied("A screen shows no reports of drills.")


def _json(drill: Drill) -> dict[str, Any]:
    plan = load_plans().get(drill.plan_key)
    return {
        "id": drill.id, "plan_key": drill.plan_key, "title": plan.title._asdict() if plan else None,
        "state": drill.state, "started_at": drill.started_at, "ended_at": drill.ended_at,
    }  # fmt: skip
