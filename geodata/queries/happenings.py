"""What happened last, as a room is told: the newest first, only what a person would say aloud."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, text

from geodata.profile import Profile
from geodata.store.notices import Happening

QUIET_MOVES = ("check", "uncheck", "note", "attach", "assign", "unassign", "deliver", "mute", "unmute")
KINDS = ("alert", "incident", "dispatch", "feed", "drill")
IN_SCOPE = """(cast(:scope as text) is null or h.area_code is null or exists (
    select from areas a join area_ancestors s on s.area_id = a.id
    where a.code = h.area_code and s.ancestor_code = :scope))"""


@dataclass(frozen=True, slots=True)
class RunningDrill:
    """The drill that runs now."""

    id: int
    plan_key: str
    started_at: datetime


def recent(c: Connection, profile: Profile, area: str | None, *, limit: int = 12) -> list[Happening]:
    """The newest happenings in an area (None: all) that are worth a line."""
    rows = c.execute(
        text(f"""select h.id, h.at, h.kind, h.move, h.subject_id, h.area_code, h.drill_id, h.body from happenings h
                 where h.kind = any(:kinds) and h.move <> all(:quiet) and {IN_SCOPE} order by h.id desc limit :limit"""),
        {"kinds": list(KINDS), "quiet": list(QUIET_MOVES), "limit": limit,
         "scope": None if area == profile.code else area},
    )  # fmt: skip
    return [Happening(*row) for row in rows]


def running_drill(c: Connection) -> RunningDrill | None:
    """The drill that began last and still runs."""
    row: Any = c.execute(
        text("select id, plan_key, started_at from drills where state = 'running' order by id desc limit 1")
    ).one_or_none()
    return RunningDrill(*row) if row else None


def quiet_since(c: Connection) -> datetime | None:
    """When the last true alert ended; None when there never was one."""
    moment: datetime | None = c.execute(
        text("select max(closed_at) from alerts where drill_id is null")
    ).scalar()
    return moment
