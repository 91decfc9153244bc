"""The duty roster 值班表: who is on duty at a moment, for an area or for the whole district."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, text


@dataclass(frozen=True, slots=True)
class Duty:
    """One shift; either an account's name or a team's stands in it, and no area means the whole district."""

    id: int
    role: str
    account: str | None
    team: str | None
    team_en: str | None
    team_id: int | None
    area_code: str | None
    starts_at: datetime
    ends_at: datetime


SHIFT_SQL = """
    select d.id, d.role, a.name, t.name, t.name_en, d.team_id, d.area_code, d.starts_at, d.ends_at
    from duty_shifts d left join accounts a on a.id = d.account_id left join teams t on t.id = d.team_id"""
# For an area: what is on duty for it, for one that holds it, or for the whole district; the finest first.
FOR_AREA = """(cast(:area as text) is null or d.area_code is null or d.area_code in (
    select u.ancestor_code from areas b join area_ancestors u on u.area_id = b.id where b.code = :area))"""


def on_duty(c: Connection, at: datetime, *, area_code: str | None = None) -> list[Duty]:
    """Who is on duty at an instant, for an area and what holds it (None: everybody)."""
    rows = c.execute(
        text(f"""{SHIFT_SQL} where d.starts_at <= :at and d.ends_at > :at and {FOR_AREA}
                 order by d.area_code is null, d.role, d.id"""),
        {"at": at, "area": area_code},
    )
    return [Duty(*row) for row in rows]


def shifts(c: Connection, first: datetime, last: datetime) -> list[Duty]:
    """All shifts that touch a span, in order of their beginning."""
    rows = c.execute(
        text(
            f"{SHIFT_SQL} where d.starts_at < :last and d.ends_at > :first order by d.starts_at, d.role, d.id"
        ),
        {"first": first, "last": last},
    )
    return [Duty(*row) for row in rows]


class DutyChange(NamedTuple):
    """One change of the roster: who put whom on duty, or took them off."""

    at: datetime
    move: str
    by: str | None
    role: str
    who: str
    area_code: str | None
    starts_at: datetime
    ends_at: datetime


def changes(c: Connection, *, limit: int = 20) -> list[DutyChange]:
    """The last changes of the roster by hand, the newest first."""
    rows = c.execute(
        text("""select h.at, h.move, a.name, h.role, h.who, h.area_code, h.starts_at, h.ends_at
                from duty_changes h left join accounts a on a.id = h.account_id order by h.id desc limit :limit"""),
        {"limit": limit},
    )
    return [DutyChange(*row) for row in rows]
