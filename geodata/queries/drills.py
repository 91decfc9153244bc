"""Drills 演练: which there were, how one went, and the facts that its report is made from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, text

from geodata.errors import NotFound
from geodata.plans import load_plans
from geodata.rules.drill_review import AlertFacts, CheckOf, DispatchFacts, IncidentFacts, review

COLUMNS = "id, plan_key, state, started_at, ended_at, report"


@dataclass(frozen=True, slots=True)
class Drill:
    """One drill; the report is None until it has ended."""

    id: int
    plan_key: str
    state: str
    started_at: datetime
    ended_at: datetime | None
    report: dict[str, Any] | None


def list_drills(c: Connection, *, limit: int = 100) -> list[Drill]:
    """The drills, the newest first."""
    rows = c.execute(text(f"select {COLUMNS} from drills order by id desc limit :limit"), {"limit": limit})
    return [Drill(*row) for row in rows]


def drill(c: Connection, drill_id: int) -> Drill:
    """One drill by key."""
    row = c.execute(text(f"select {COLUMNS} from drills where id = :id"), {"id": drill_id}).one_or_none()
    if row is None:
        raise NotFound(f"There is no drill {drill_id}.")
    return Drill(*row)


def report(c: Connection, drill_id: int, first_at: datetime | None) -> dict[str, Any]:
    """The after-action report as things stand now; `first_at` is when its first reading was accepted."""
    plan = load_plans().get(drill(c, drill_id).plan_key)
    checks = [CheckOf(item.key, *item.title, item.within_min) for item in plan.checklist] if plan else []
    told = review(first_at, _alerts(c, drill_id), _incidents(c, drill_id), checks)
    title = plan.title if plan else None
    return {"title": title and {"zh": title.zh, "en": title.en}} | told


def standing(c: Connection, drill_id: int) -> tuple[int, int]:
    """How many of its batches wait for the rules, and how many of its alerts and incidents are still open."""
    row = c.execute(
        text("""select (select count(*) from intake where drill_id = :id),
                       (select count(*) from alerts where drill_id = :id and closed_at is null)
                     + (select count(*) from incidents where drill_id = :id and state not in ('resolved', 'reviewed'))"""),
        {"id": drill_id},
    ).one()
    return int(row[0]), int(row[1])


def _alerts(c: Connection, drill_id: int) -> list[AlertFacts]:
    rows = c.execute(
        text("""select rule, subject_name, subject_name_en, peak_level, plan_key, raised_at, acknowledged_at, escalation
                from alerts where drill_id = :id order by raised_at, id"""),
        {"id": drill_id},
    )
    return [AlertFacts(*row) for row in rows]


def _incidents(c: Connection, drill_id: int) -> list[IncidentFacts]:
    rows = c.execute(
        text(
            """select id, number, plan_key, opened_at, resolved_at from incidents where drill_id = :id order by id"""
        ),
        {"id": drill_id},
    )
    return [
        IncidentFacts(
            row.number, row.plan_key, row.opened_at, row.resolved_at, _ticked(c, row.id), _sent(c, row.id)
        )
        for row in rows
    ]


def _ticked(c: Connection, incident_id: int) -> dict[str, datetime]:
    rows = c.execute(
        text("select item, at from incident_checks where incident_id = :id and done"), {"id": incident_id}
    )
    return {row.item: row.at for row in rows}


def _sent(c: Connection, incident_id: int) -> tuple[DispatchFacts, ...]:
    rows = c.execute(
        text("""select t.name, t.name_en, d.state, d.sent_at, d.answered_at, d.arrived_at
                from dispatches d join teams t on t.id = d.team_id where d.incident_id = :id order by d.id"""),
        {"id": incident_id},
    )
    return tuple(DispatchFacts(*row) for row in rows)
