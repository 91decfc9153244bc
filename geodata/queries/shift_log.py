"""The shift's log, and what stands open at this moment: alerts, incidents, feeds that stand still."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, text

from geodata.profile import Profile
from geodata.queries.alerts import open_alerts
from geodata.queries.incidents import list_incidents


@dataclass(frozen=True, slots=True)
class HandOver:
    """One hand-over; `standing` is what stood open then, as `standing` tells it."""

    id: int
    at: datetime
    by: str | None
    to: str | None
    body: str
    standing: dict[str, Any]


def entries(c: Connection, profile: Profile, scope: str | None, *, limit: int = 30) -> list[HandOver]:
    """Hand-overs, the newest first; who is bound to an area reads those written by accounts of it."""
    rows = c.execute(
        text("""select s.id, s.at, a.name, b.name, s.body, s.standing from shift_log s
                left join accounts a on a.id = s.account_id left join accounts b on b.id = s.to_account_id
                where cast(:scope as text) is null or exists (
                    select from areas x join area_ancestors u on u.area_id = x.id
                    where x.code = a.area_code and u.ancestor_code = :scope)
                order by s.id desc limit :limit"""),
        {"limit": limit, "scope": None if scope == profile.code else scope},
    )
    return [HandOver(*row) for row in rows]


def standing(c: Connection, profile: Profile, scope: str | None) -> dict[str, Any]:
    """What stands open now in an area, without drills; times as ISO 8601, so that it can be kept as it is."""
    alerts = [card for card in open_alerts(c, profile, scope, limit=200) if card.drill_id is None]
    incidents = [row for row in list_incidents(c, profile, scope, limit=200) if row.drill_id is None]
    feeds = c.execute(
        text("""select key, title, title_en, last_at from feeds
                where state = 'silent' and drill_id is null order by key""")
    )
    return {
        "alerts": [
            {"id": a.id, "rule": a.rule, "level": a.level, "state": a.state, "subject_name": a.subject_name,
             "subject_name_en": a.subject_name_en, "raised_at": a.raised_at.isoformat()}
            for a in alerts
        ],
        "incidents": [
            {"id": i.id, "number": i.number, "title": i.title, "level": i.level, "state": i.state,
             "opened_at": i.opened_at.isoformat()}
            for i in incidents
        ],
        "feeds": [
            {"key": f.key, "title": f.title, "title_en": f.title_en,
             "last_at": f.last_at.isoformat() if f.last_at else None}
            for f in feeds
        ],
    }  # fmt: skip
