"""Incidents: the list, one with everything that belongs to it, and its timeline merged from all its books."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal, NamedTuple

from sqlalchemy import Connection, Row, text

from geodata import plans
from geodata.errors import BadArgument, Denied, NotFound
from geodata.plans import Plan
from geodata.profile import Profile
from geodata.queries.alerts import CARD_SQL as ALERT_SQL, CHAIN, IN_SCOPE, AlertCard, AreaName, card, in_area
from geodata.queries.dispatches import DispatchRow, of_incident
from geodata.rules import review
from geodata.types import Level

MOST_ROWS = 500
State = Literal["open", "closed", "all"]
STATES = {"open": "t.state <> 'reviewed'", "closed": "t.state = 'reviewed'", "all": "true"}
ROW_SQL = f"""
    select t.id, t.number, t.title, t.kind, t.level, t.state, t.plan_key, t.address, t.area_code,
           {CHAIN} as area_chain, ST_X(t.geom) as lon, ST_Y(t.geom) as lat, t.opened_at, a.name as opened_by,
           t.changed_at, t.resolved_at, t.reviewed_at, t.review, t.drill_id, t.revision, t.area_id
    from incidents t left join accounts a on a.id = t.opened_by"""


@dataclass(frozen=True, slots=True)
class IncidentRow:
    """One incident; position in EPSG:4326, `opened_by` the name of the account."""

    id: int
    number: str
    title: str
    kind: str
    level: Level
    state: str
    plan_key: str | None
    address: str | None
    area_code: str | None
    area_chain: tuple[AreaName, ...]
    lon: float
    lat: float
    opened_at: datetime
    opened_by: str | None
    changed_at: datetime
    resolved_at: datetime | None
    reviewed_at: datetime | None
    review: str | None
    drill_id: int | None
    revision: int


class Note(NamedTuple):
    """A note."""

    id: int
    at: datetime
    by: str | None
    body: str


class Attachment(NamedTuple):
    """A file without its content."""

    id: int
    at: datetime
    by: str | None
    name: str
    media_type: str
    bytes: int


class Ticked(NamedTuple):
    """An item of the check-list that was ticked or unticked."""

    item: str
    done: bool
    at: datetime
    by: str | None


class Person(NamedTuple):
    """Who has a role: an account or a team."""

    role: str
    account: str | None
    team: str | None
    team_en: str | None
    team_id: int | None
    at: datetime


class Entry(NamedTuple):
    """One line of the timeline; `kind` says from which book, `text` what was said or done in a word."""

    at: datetime
    kind: str
    move: str
    by: str | None
    text: str | None
    subject_id: int | None


@dataclass(frozen=True, slots=True)
class Incident:
    """An incident with all its books; `steps` and `due` are its review so far."""

    row: IncidentRow
    alerts: tuple[AlertCard, ...]
    notes: tuple[Note, ...]
    attachments: tuple[Attachment, ...]
    checks: tuple[Ticked, ...]
    people: tuple[Person, ...]
    dispatches: tuple[DispatchRow, ...]
    timeline: tuple[Entry, ...]
    plan: Plan | None
    steps: tuple[review.Step, ...]
    due: tuple[review.Due, ...]


def list_incidents(
    c: Connection, profile: Profile, scope: str | None, *, state: State = "open", limit: int = 200
) -> list[IncidentRow]:
    """Incidents of an area by state, the newest first; resolved ones stay open until they are reviewed."""
    if not 1 <= limit <= MOST_ROWS:
        raise BadArgument("limit", f"limit must be from 1 to {MOST_ROWS}, not {limit}.")
    if state not in STATES:
        raise BadArgument("state", f"state must be one of {', '.join(STATES)}.")
    rows = c.execute(
        text(
            f"{ROW_SQL} where {STATES[state]} and {IN_SCOPE} order by t.opened_at desc, t.id desc limit :limit"
        ),
        {"scope": None if scope == profile.code else scope, "limit": limit},
    )
    return [_row(row) for row in rows]


def incident(c: Connection, profile: Profile, incident_id: int, scope: str | None = None) -> Incident:
    """One incident with everything that belongs to it; refused outside the area."""
    row = brief(c, profile, incident_id, scope)
    held = [
        card(r)
        for r in c.execute(text(f"{ALERT_SQL} where t.incident_id = :id order by t.id"), {"id": row.id})
    ]
    dispatches = of_incident(c, row.id)
    checks = [Ticked(*r) for r in _all(c, CHECKS_SQL, row.id)]
    plan = plans.load_plans().get(row.plan_key or "")
    until = row.resolved_at or datetime.now(UTC)
    done = {tick.item: tick.at for tick in checks if tick.done}
    listed = [(item.key, item.within_min) for item in plan.checklist] if plan else []
    return Incident(
        row=row,
        alerts=tuple(held),
        notes=tuple(Note(*r) for r in _all(c, NOTES_SQL, row.id)),
        attachments=tuple(Attachment(*r) for r in _all(c, ATTACHMENTS_SQL, row.id)),
        checks=tuple(checks),
        people=tuple(Person(*r) for r in _all(c, PEOPLE_SQL, row.id)),
        dispatches=tuple(dispatches),
        timeline=tuple(Entry(*r) for r in _all(c, TIMELINE_SQL, row.id)),
        plan=plan,
        steps=tuple(review.steps(_moments(c, row, held, dispatches))),
        due=tuple(review.due(listed, done, row.opened_at, until)),
    )


def brief(c: Connection, profile: Profile, incident_id: int, scope: str | None = None) -> IncidentRow:
    """One incident without its books; refused outside the area."""
    found = c.execute(text(f"{ROW_SQL} where t.id = :id"), {"id": incident_id}).one_or_none()
    if found is None:
        raise NotFound(f"There is no incident {incident_id}.")
    if not in_area(c, profile, found.area_id, found.area_code, scope):
        raise Denied("Your account is limited to another area.")
    return _row(found)


def attachment(c: Connection, incident_id: int, attachment_id: int) -> tuple[str, str, bytes]:
    """Name, media type and content of a file of an incident."""
    row = c.execute(
        text(
            "select name, media_type, content from incident_attachments where id = :id and incident_id = :incident"
        ),
        {"id": attachment_id, "incident": incident_id},
    ).one_or_none()
    if row is None:
        raise NotFound(f"Incident {incident_id} has no file {attachment_id}.")
    return row.name, row.media_type, bytes(row.content)


NOTES_SQL = """select n.id, n.at, a.name, n.body from incident_notes n left join accounts a on a.id = n.account_id
    where n.incident_id = :id order by n.id"""
ATTACHMENTS_SQL = """select f.id, f.at, a.name, f.name, f.media_type, octet_length(f.content)
    from incident_attachments f left join accounts a on a.id = f.account_id where f.incident_id = :id order by f.id"""
CHECKS_SQL = """select k.item, k.done, k.at, a.name from incident_checks k left join accounts a on a.id = k.account_id
    where k.incident_id = :id order by k.at"""
PEOPLE_SQL = """select p.role, a.name, t.name, t.name_en, p.team_id, p.at
    from incident_people p left join accounts a on a.id = p.account_id left join teams t on t.id = p.team_id
    where p.incident_id = :id order by p.id"""
TIMELINE_SQL = """
    select s.at, s.kind, s.move, a.name, s.words, s.subject_id from (
        select m.at, 'alert' as kind, m.move, m.account_id, coalesce(m.why, m.level) as words, m.alert_id as subject_id
        from alert_moves m join alerts t on t.id = m.alert_id where t.incident_id = :id
        union all
        select at, 'incident', move, account_id, why, incident_id from incident_moves where incident_id = :id
        union all
        select at, 'note', 'note', account_id, body, id from incident_notes where incident_id = :id
        union all
        select at, 'attachment', 'attach', account_id, name, id from incident_attachments where incident_id = :id
        union all
        select at, 'check', case when done then 'check' else 'uncheck' end, account_id, item, null
        from incident_checks where incident_id = :id
        union all
        select m.at, 'dispatch', m.move, m.account_id, t.name || coalesce('：' || m.why, ''), m.dispatch_id
        from dispatch_moves m join dispatches d on d.id = m.dispatch_id join teams t on t.id = d.team_id
        where d.incident_id = :id
    ) s left join accounts a on a.id = s.account_id order by s.at, s.kind, s.subject_id"""


def _moments(
    c: Connection, row: IncidentRow, held: list[AlertCard], dispatches: list[DispatchRow]
) -> dict[str, datetime | None]:
    """When each step of the response was first taken."""
    moves = dict(
        _all(c, "select move, min(at) from incident_moves where incident_id = :id group by move", row.id)
    )

    def first(*times: datetime | None) -> datetime | None:
        return min((at for at in times if at), default=None)

    return {
        "observed": first(*(a.observed_at for a in held)),
        "raised": first(*(a.raised_at for a in held)),
        "acknowledged": first(*(a.acknowledged_at for a in held)),
        "opened": row.opened_at,
        "verified": moves.get("verify"),
        "sent": first(*(d.sent_at for d in dispatches)),
        "accepted": first(*(d.answered_at for d in dispatches if d.state != "refused")),
        "arrived": first(*(d.arrived_at for d in dispatches)),
        "resolved": row.resolved_at,
        "reviewed": row.reviewed_at,
    }


def _all(c: Connection, statement: str, incident_id: int) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in c.execute(text(statement), {"id": incident_id})]


def _row(row: Row[Any]) -> IncidentRow:
    told = {name: value for name, value in row._mapping.items() if name != "area_id"}  # noqa: SLF001 - the row's public mapping
    told["area_chain"] = tuple(AreaName(**step) for step in told["area_chain"] or ())
    return IncidentRow(**told)
