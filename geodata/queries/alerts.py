"""Alerts: the open ones in the order of their weight, those that ended, and one with every move of its life."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection, Row, text

from geodata.errors import BadArgument, Denied, NotFound
from geodata.profile import Profile
from geodata.types import LEVELS, Level

MOST_ROWS = 1000
State = Literal["open", "closed", "all"]
STATES: dict[str, str] = {
    "open": "t.closed_at is null",
    "closed": "t.closed_at is not null",
    "all": "true",
}
# Whoever is bound to an area sees what lies in it, and what is of no place.
IN_SCOPE = """(cast(:scope as text) is null or t.area_code is null or exists (
    select from area_ancestors s where s.area_id = t.area_id and s.ancestor_code = :scope))"""
BY_WEIGHT = f"array_position(array[{', '.join(repr(level) for level in reversed(LEVELS))}], t.level)"
CHAIN = """(select jsonb_agg(jsonb_build_object('code', a.code, 'level', a.level, 'name', a.name, 'name_en', a.name_en)
                             order by u.steps desc)
    from area_ancestors u join areas own on own.id = u.area_id
    join lateral (select b.code, b.level, b.name, b.name_en from areas b
                  where b.code = u.ancestor_code and b.scheme = own.scheme
                  order by b.valid_to is null desc, b.valid_from desc limit 1) a on true
    where u.area_id = t.area_id)"""
CARD_SQL = f"""
    select t.id, t.cause, t.rule, t.level, t.peak_level, t.state, t.subject_kind, t.subject_key, t.subject_name,
           t.subject_name_en, t.area_code, {CHAIN} as area_chain, ST_X(t.geom) as lon, ST_Y(t.geom) as lat, t.value,
           t.threshold, t.unit, t.facts, t.observed_at, t.raised_at, t.changed_at, t.acknowledged_at, t.closed_at,
           t.reopened, t.escalation, t.escalates_at, m.why as muted, t.drill_id, t.plan_key, t.incident_id,
           i.number as incident_number, t.revision
    from alerts t left join maintenance_windows m on m.id = t.muted_by left join incidents i on i.id = t.incident_id"""


@dataclass(frozen=True, slots=True)
class AreaName:
    """One step of the chain from the district down."""

    code: str
    level: str
    name: str
    name_en: str | None


@dataclass(frozen=True, slots=True)
class AlertMove:
    """One move of an alert; `by` is the account's name, None for the system."""

    at: datetime
    move: str
    from_state: str | None
    to_state: str
    level: Level
    by: str | None
    why: str | None


@dataclass(frozen=True, slots=True)
class AlertCard:
    """One alert; position in EPSG:4326, `value` and `threshold` in `unit`, `outline` a GeoJSON geometry.

    `outline` and `moves` are told by `alert` only; `muted` says which work mutes it.
    """

    id: int
    cause: str
    rule: str
    level: Level
    peak_level: Level
    state: str
    subject_kind: str
    subject_key: str
    subject_name: str
    subject_name_en: str | None
    area_code: str | None
    area_chain: tuple[AreaName, ...]
    lon: float | None
    lat: float | None
    value: float | None
    threshold: float | None
    unit: str | None
    facts: Mapping[str, Any]
    observed_at: datetime
    raised_at: datetime
    changed_at: datetime
    acknowledged_at: datetime | None
    closed_at: datetime | None
    reopened: int
    escalation: int
    escalates_at: datetime | None
    muted: str | None
    drill_id: int | None
    plan_key: str | None
    incident_id: int | None
    incident_number: str | None
    revision: int
    outline: Mapping[str, Any] | None = None
    moves: tuple[AlertMove, ...] = ()


def open_alerts(c: Connection, profile: Profile, scope: str | None, *, limit: int = 200) -> list[AlertCard]:
    """Open alerts of an area (None: the whole district), the gravest first, among equals the newest."""
    return list_alerts(c, profile, scope, limit=limit)


def list_alerts(
    c: Connection,
    profile: Profile,
    scope: str | None,
    *,
    state: State = "open",
    since: datetime | None = None,
    limit: int = 200,
) -> list[AlertCard]:
    """Alerts of an area by state, those only that changed at or after an instant; closed ones newest first."""
    if not 1 <= limit <= MOST_ROWS:
        raise BadArgument("limit", f"limit must be from 1 to {MOST_ROWS}, not {limit}.")
    if state not in STATES:
        raise BadArgument("state", f"state must be one of {', '.join(STATES)}.")
    order = f"{BY_WEIGHT}, t.raised_at desc" if state == "open" else "t.raised_at desc"
    rows = c.execute(
        text(f"""{CARD_SQL} where {STATES[state]} and {IN_SCOPE}
                 and (cast(:since as timestamptz) is null or t.changed_at >= :since)
                 order by {order}, t.id desc limit :limit"""),
        {"scope": _scope(profile, scope), "since": since, "limit": limit},
    )
    return [card(row) for row in rows]


def alert(c: Connection, profile: Profile, alert_id: int, scope: str | None = None) -> AlertCard:
    """One alert with its outline and its moves; refused outside the area."""
    row = c.execute(text(f"{CARD_SQL} where t.id = :id"), {"id": alert_id}).one_or_none()
    if row is None:
        raise NotFound(f"There is no alert {alert_id}.")
    more = c.execute(
        text("select area_id, ST_AsGeoJSON(outline, 6) as outline from alerts where id = :id"),
        {"id": alert_id},
    ).one()
    if not in_area(c, profile, more.area_id, row.area_code, scope):
        raise Denied("Your account is limited to another area.")
    outline = json.loads(more.outline) if more.outline else None
    return replace(card(row), outline=outline, moves=_moves(c, alert_id))


def similar(c: Connection, of: AlertCard, *, limit: int = 5) -> list[AlertCard]:
    """Earlier alerts of the same cause that have ended, the newest first; a drill's only among its like."""
    rows = c.execute(
        text(f"""{CARD_SQL} where t.cause = :cause and t.id <> :id and t.closed_at is not null
                 and (t.drill_id is null) = :true order by t.raised_at desc limit :limit"""),
        {"cause": of.cause, "id": of.id, "true": of.drill_id is None, "limit": limit},
    )
    return [card(row) for row in rows]


def in_area(
    c: Connection, profile: Profile, area_id: int | None, area_code: str | None, scope: str | None
) -> bool:
    """Whether something that stands in an area (None: of no place) may be seen by who is bound to a scope."""
    return bool(
        c.execute(
            text(
                f"select {IN_SCOPE} from (values (cast(:id as bigint), cast(:code as text))) t(area_id, area_code)"
            ),
            {"id": area_id, "code": area_code, "scope": _scope(profile, scope)},
        ).scalar()
    )


def _moves(c: Connection, alert_id: int) -> tuple[AlertMove, ...]:
    rows = c.execute(
        text("""select m.at, m.move, m.from_state, m.to_state, m.level, a.name, m.why
                from alert_moves m left join accounts a on a.id = m.account_id
                where m.alert_id = :id order by m.id"""),
        {"id": alert_id},
    )
    return tuple(AlertMove(*row) for row in rows)


def _scope(profile: Profile, scope: str | None) -> str | None:
    return None if scope == profile.code else scope


def card(row: Row[Any]) -> AlertCard:
    """An alert from a row of CARD_SQL."""
    told = dict(row._mapping)  # noqa: SLF001 - the row's public mapping
    told["area_chain"] = tuple(AreaName(**step) for step in told["area_chain"] or ())
    return AlertCard(**told)
