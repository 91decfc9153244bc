"""Incidents that somebody opened by hand, as cards like those of alerts: no rule raised them, yet the room must see them."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, text

from geodata.profile import Profile
from geodata.queries.alerts import CHAIN, IN_SCOPE, AlertCard, card

RULE = "by_hand"
OPEN = "t.state not in ('resolved', 'reviewed')"
UNRAISED = "not exists (select from alerts a where a.incident_id = t.id)"
# As alerts.CARD_SQL tells an alert; the key is below zero, so that it is never taken for an alert's.
CARD_SQL = f"""
    select -t.id as id, '{RULE}:' || t.number as cause, '{RULE}' as rule, t.level, t.level as peak_level,
           case when {OPEN} then 'incident' else 'dealt_with' end as state, 'incident' as subject_kind,
           t.kind as subject_key, t.title as subject_name, null as subject_name_en, t.area_code, {CHAIN} as area_chain,
           ST_X(t.geom) as lon, ST_Y(t.geom) as lat, cast(null as float8) as value, cast(null as float8) as threshold,
           null as unit, jsonb_build_object('address', t.address) as facts, t.opened_at as observed_at,
           t.opened_at as raised_at,
           greatest(t.changed_at, (select max(m.at) from dispatch_moves m join dispatches d on d.id = m.dispatch_id
                                   where d.incident_id = t.id)) as changed_at,
           t.opened_at as acknowledged_at, t.resolved_at as closed_at, 0 as reopened, 0 as escalation,
           cast(null as timestamptz) as escalates_at, null as muted, t.drill_id, t.plan_key, t.id as incident_id,
           t.number as incident_number, t.revision
    from incidents t"""


def open_by_hand(
    c: Connection, profile: Profile, scope: str | None, *, since: datetime, limit: int = 60
) -> list[AlertCard]:
    """Those of an area that are open, the newest first, and those resolved since an instant."""
    rows = c.execute(
        text(f"""{CARD_SQL} where ({OPEN} or t.resolved_at >= :since) and {UNRAISED} and {IN_SCOPE}
                 order by t.opened_at desc, t.id desc limit :limit"""),
        {"since": since, "scope": None if scope == profile.code else scope, "limit": limit},
    )
    return [card(row) for row in rows]


def where_open(c: Connection, lingers: timedelta, *, limit: int = 60) -> list[tuple[float, float]]:
    """Positions (EPSG:4326) of those that are open or were resolved a moment ago, the newest first."""
    rows = c.execute(
        text(f"""select ST_X(t.geom), ST_Y(t.geom) from incidents t
                 where ({OPEN} or t.resolved_at > now() - cast(:lingers as interval)) and {UNRAISED}
                 order by t.id desc limit :limit"""),
        {"lingers": lingers, "limit": limit},
    )
    return [(lon, lat) for lon, lat in rows]
