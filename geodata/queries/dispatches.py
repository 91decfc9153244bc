"""Dispatches: those of an incident, and what stands in an account's inbox."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, text

from geodata.profile import Profile
from geodata.queries.alerts import IN_SCOPE


@dataclass(frozen=True, slots=True)
class DispatchRow:
    """One dispatch with the times of its steps; position of the incident in EPSG:4326, `mine` of the asking account."""

    id: int
    incident_id: int
    number: str
    title: str
    kind: str
    level: str
    address: str | None
    lon: float
    lat: float
    team_id: int
    team_code: str
    team: str
    team_en: str | None
    team_kind: str
    task: str
    state: str
    sent_by: str | None
    sent_at: datetime
    delivered_at: datetime | None
    answered_at: datetime | None
    arrived_at: datetime | None
    done_at: datetime | None
    why: str | None
    drill_id: int | None
    mine: bool


ROW_SQL = """
    select d.id, d.incident_id, t.number, t.title, t.kind, t.level, t.address, ST_X(t.geom), ST_Y(t.geom),
           d.team_id, m.code, m.name, m.name_en, m.kind, d.task, d.state, a.name, d.sent_at, d.delivered_at,
           d.answered_at, d.arrived_at, d.done_at, d.why, d.drill_id, coalesce(m.account_id = :account, false)
    from dispatches d join incidents t on t.id = d.incident_id join teams m on m.id = d.team_id
    left join accounts a on a.id = d.account_id left join accounts o on o.id = m.account_id"""


def of_incident(c: Connection, incident_id: int) -> list[DispatchRow]:
    """The dispatches of an incident in the order they were sent."""
    rows = c.execute(
        text(f"{ROW_SQL} where d.incident_id = :id order by d.id"), {"id": incident_id, "account": None}
    )
    return [DispatchRow(*row) for row in rows]


def inbox(
    c: Connection,
    profile: Profile,
    account_id: int,
    *,
    desk_of: str | None = None,
    is_desk: bool = False,
    limit: int = 100,
) -> list[DispatchRow]:
    """What was sent to an account's own teams, what still runs first.

    A desk (a commander's) also sees what was sent to teams that no account answers for, within the area `desk_of`.
    """
    rows = c.execute(
        text(f"""{ROW_SQL} where (m.account_id = :account or (:desk and (m.account_id is null or o.disabled) and {IN_SCOPE}))
                 and (d.state not in ('done', 'refused') or d.sent_at > now() - interval '1 day')
                 order by d.state in ('done', 'refused'), d.id desc limit :limit"""),
        {"account": account_id, "desk": is_desk, "limit": limit,
         "scope": None if desk_of == profile.code else desk_of},
    )  # fmt: skip
    return [DispatchRow(*row) for row in rows]
