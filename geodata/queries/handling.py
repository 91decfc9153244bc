"""Who has an alert and how far they are: who took it, which teams were sent, when each step was done.

Posts and teams only, never a person's name: this is read aloud in a room.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, text

from geodata.types import Role


@dataclass(frozen=True, slots=True)
class TakenBy:
    """The post that took an alert: a role, and the area it is for (None: the whole district)."""

    at: datetime
    role: Role
    area_name: str | None
    area_name_en: str | None


@dataclass(frozen=True, slots=True)
class Sent:
    """One team that was sent, and where it stands."""

    team: str
    team_en: str | None
    kind: str
    state: str
    task: str
    sent_at: datetime
    answered_at: datetime | None
    arrived_at: datetime | None
    done_at: datetime | None


@dataclass(frozen=True, slots=True)
class Handling:
    """The steps of one alert so far; what has not happened is None or empty."""

    taken: TakenBy | None
    incident_number: str | None
    incident_state: str | None
    opened_at: datetime | None
    resolved_at: datetime | None
    sent: tuple[Sent, ...]


TAKEN = """
    select m.at, a.role, n.name, n.name_en from alert_moves m
    join accounts a on a.id = m.account_id
    left join lateral (select name, name_en from areas where code = a.area_code
                       order by valid_to is null desc, valid_from desc limit 1) n on true
    where m.alert_id = :alert and m.move in ('acknowledge', 'open_incident', 'deal', 'false_alarm')
    order by m.id limit 1"""
SENT = """
    select t.name, t.name_en, t.kind, d.state, d.task, d.sent_at, d.answered_at, d.arrived_at, d.done_at
    from dispatches d join teams t on t.id = d.team_id where d.incident_id = :incident order by d.id"""


OPENED = """
    select i.opened_at, a.role, n.name, n.name_en from incidents i
    join accounts a on a.id = i.opened_by
    left join lateral (select name, name_en from areas where code = a.area_code
                       order by valid_to is null desc, valid_from desc limit 1) n on true
    where i.id = :incident"""


def handling(c: Connection, alert_id: int | None, incident_id: int | None) -> Handling:
    """Who has an alert, from its moves and from the incident it led to; without an alert who opened the incident."""
    asked = (TAKEN, {"alert": alert_id}) if alert_id is not None else (OPENED, {"incident": incident_id})
    taken = c.execute(text(asked[0]), asked[1]).one_or_none()
    incident = _incident(c, incident_id)
    sent = c.execute(text(SENT), {"incident": incident_id}).all() if incident_id else []
    return Handling(
        TakenBy(*taken) if taken else None,
        incident.number if incident else None,
        incident.state if incident else None,
        incident.opened_at if incident else None,
        incident.resolved_at if incident else None,
        tuple(Sent(*row) for row in sent),
    )


def _incident(c: Connection, incident_id: int | None) -> Any | None:
    if incident_id is None:
        return None
    return c.execute(
        text("select number, state, opened_at, resolved_at from incidents where id = :id"),
        {"id": incident_id},
    ).one_or_none()
