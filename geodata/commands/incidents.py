"""Incidents: opened from an alert or at a point, moved step by step to their review, each step a row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, Row, text

from geodata import plans
from geodata.commands import alerts
from geodata.commands.accounts import Account
from geodata.commands.moving import Moved, allow, first_come, illegal, words
from geodata.errors import BadArgument, NotFound, Refused
from geodata.profile import Profile
from geodata.queries.responsible import finest_area, named_place
from geodata.rules.alert_life import IllegalMove
from geodata.rules.incident_life import ENDED, may
from geodata.store import notices
from geodata.store.locks import Lock, hold
from geodata.types import LEVELS, Level

KIND_OF_RULE = {
    "crowd_density": "crowd",
    "crowd_rise": "crowd",
    "ticket_burst": "ticket",
    "ticket_deadline": "ticket",
}
LOCKED_SQL = """
    select id, number, title, kind, level, state, plan_key, area_id, area_code, drill_id, revision,
           ST_X(geom) as lon, ST_Y(geom) as lat
    from incidents"""


@dataclass(frozen=True, slots=True)
class Opened:
    """A new incident."""

    id: int
    number: str
    revision: int = 1
    state: str = "opened"


def open_from_alert(
    c: Connection, profile: Profile, account: Account, alert_id: int, *, revision: int | None = None,
    title: str | None = None, why: str | None = None,
) -> Opened:  # fmt: skip
    """Open an incident for an alert; a Conflict when somebody moved the alert first."""
    alert = alerts.lock(c, alert_id)
    allow(c, profile, account, alert.area_id, alert.area_code)
    after = alerts.check(c, profile, alert, "open_incident", revision)
    if alert.lon is None:
        raise Refused("This alert is of no place; open the incident at a point of the map instead.")
    plan = plans.load_plans().get(alert.plan_key or "")
    kind = plan.kind if plan else KIND_OF_RULE.get(alert.rule, "facility")
    made = _insert(
        c, profile, account, title=words("title", title, most=120) or alert.subject_name, kind=kind,
        level=alert.level, plan_key=alert.plan_key, area=(alert.area_id, alert.area_code),
        at=(alert.lon, alert.lat), drill_id=alert.drill_id, why=words("why", why, most=500),
    )  # fmt: skip
    taken_in = [alert, *_of_one_crowd(c, alert)]
    for each in taken_in:
        alerts.step(c, each, "open_incident", after, account.id, why=made.number, incident_id=made.id)
    for each in taken_in:
        alerts.announce(c, each, "open_incident", after, by=account.name, incident_id=made.id)
    _announce_open(c, account, made)
    return made


def _of_one_crowd(c: Connection, alert: Row[Any]) -> Sequence[Row[Any]]:
    """Other open alerts of the crowd at the same place, such as one that is muted: its incident is theirs."""
    if KIND_OF_RULE.get(alert.rule) != "crowd":
        return ()
    return c.execute(
        text(f"""{alerts.LOCKED_SQL} where rule like 'crowd%' and subject_kind = :kind and subject_key = :key and id <> :id
                 and coalesce(drill_id, 0) = :drill and state in ('raised', 'acknowledged') order by id for update"""),
        {"kind": alert.subject_kind, "key": alert.subject_key, "id": alert.id, "drill": alert.drill_id or 0},
    ).all()


def open_at_point(
    c: Connection, profile: Profile, account: Account, *, kind: str, title: str, lon: float, lat: float,
    level: Level = "watch", why: str | None = None,
) -> Opened:  # fmt: skip
    """Open an incident by hand at a point (EPSG:4326) of the account's area."""
    if kind not in plans.KINDS:
        raise BadArgument("kind", f"kind must be one of {', '.join(plans.KINDS)}.")
    if level not in LEVELS:
        raise BadArgument("level", f"level must be one of {', '.join(LEVELS)}.")
    line = words("title", title, needed=True, most=120)
    area = finest_area(c, profile, lon, lat)
    if area is None:
        raise BadArgument("lon", "This point lies outside the district; choose one inside.")
    allow(c, profile, account, *area)
    plan = plans.fitting_kind(kind, level)
    made = _insert(
        c, profile, account, title=line or "", kind=kind, level=level, plan_key=plan.key if plan else None,
        area=area, at=(lon, lat), drill_id=None, why=words("why", why, most=500),
    )  # fmt: skip
    _announce_open(c, account, made)
    return made


def move(
    c: Connection,
    profile: Profile,
    account: Account,
    incident_id: int,
    move: str,
    *,
    revision: int,
    why: str | None = None,
) -> Moved:
    """Move an incident by hand; resolving it deals with its alerts. A review has its own command."""
    if move == "review":
        raise Refused("A review needs its text; write it on the incident's page.")
    row = lock(c, incident_id)
    allow(c, profile, account, row.area_id, row.area_code)
    after = check(c, profile, row, move, revision)
    told = words("why", why, most=500)
    step(c, row, move, after, account.id, why=told)
    dealt = _deal(c, row, account, told) if after == "resolved" else []
    announce(c, row, move, after, by=account.name)
    for alert, state in dealt:
        alerts.announce(c, alert, "deal", state, by=account.name)
    return Moved(row.revision + 1, after)


def review(
    c: Connection,
    profile: Profile,
    account: Account,
    incident_id: int,
    body: str,
    *,
    revision: int | None = None,
) -> Moved:
    """Close a resolved incident with what was learnt."""
    learnt = words("text", body, needed=True)
    row = lock(c, incident_id)
    allow(c, profile, account, row.area_id, row.area_code)
    after = check(c, profile, row, "review", revision)
    step(c, row, "review", after, account.id)
    c.execute(text("update incidents set review = :review where id = :id"), {"id": row.id, "review": learnt})
    announce(c, row, "review", after, by=account.name)
    return Moved(row.revision + 1, after)


def lock(c: Connection, incident_id: int) -> Row[Any]:
    """An incident, held until this transaction ends."""
    row = c.execute(text(f"{LOCKED_SQL} where id = :id for update"), {"id": incident_id}).one_or_none()
    if row is None:
        raise NotFound(f"There is no incident {incident_id}.")
    return row


def check(c: Connection, profile: Profile, row: Row[Any], move: str, revision: int | None) -> str:
    """The state a move of a locked incident leads to; raises a Conflict or a refusal."""
    try:
        after = may(row.state, move)
    except IllegalMove as fault:
        first_come(c, profile, "incident", row, revision, legal=False)
        raise illegal(fault) from None
    first_come(c, profile, "incident", row, revision, legal=True)
    return after


def step(
    c: Connection, row: Row[Any], move: str, after: str, account_id: int | None, *, why: str | None = None
) -> None:
    """Write a move of a locked incident."""
    c.execute(
        text("""update incidents set state = :after, revision = revision + 1, changed_at = clock_timestamp(),
                    resolved_at = case when :after = 'resolved' then clock_timestamp() else resolved_at end,
                    reviewed_at = case when :after = 'reviewed' then clock_timestamp() else reviewed_at end
                where id = :id"""),
        {"id": row.id, "after": after},
    )
    _note_move(c, row.id, (move, row.state, after), account_id, why)


def announce(
    c: Connection, row: Row[Any], move: str, after: str | None = None, *, by: str, **more: Any
) -> None:
    """Tell everybody about a move, or about something added (`after` None); `row` is the incident as it was."""
    moved = after is not None
    body = {"number": row.number, "title": row.title, "kind": row.kind, "level": row.level, "by": by,
            "state": after or row.state, "revision": row.revision + moved, "lon": row.lon, "lat": row.lat} | more  # fmt: skip
    notices.announce(c, "incident", move, row.id, area_code=row.area_code, drill_id=row.drill_id, body=body)


def still_open(row: Row[Any]) -> None:
    """Refuse to add to an incident that has ended."""
    if row.state in ENDED:
        raise Refused(f"Incident {row.number} is {row.state}; nothing more is sent or ticked for it.")


def _insert(
    c: Connection, profile: Profile, account: Account, *, title: str, kind: str, level: str,
    plan_key: str | None, area: tuple[int | None, str | None], at: tuple[float, float], drill_id: int | None,
    why: str | None,
) -> Opened:  # fmt: skip
    day = profile.today()
    number = _number(c, day, drill=drill_id is not None)
    made = c.execute(
        text("""insert into incidents (number, day, title, kind, level, plan_key, address, area_id, area_code,
                    opened_by, drill_id, geom)
                values (:number, :day, :title, :kind, :level, :plan, :address, :area_id, :area_code, :account, :drill,
                    ST_Point(:lon, :lat, 4326)) returning id"""),
        {"number": number, "day": day, "title": title, "kind": kind, "level": level, "plan": plan_key,
         "address": named_place(c, *at), "area_id": area[0], "area_code": area[1], "account": account.id,
         "drill": drill_id, "lon": at[0], "lat": at[1]},
    ).scalar_one()  # fmt: skip
    _note_move(c, made, ("open", None, "opened"), account.id, why)
    c.execute(
        text("insert into incident_people (incident_id, role, account_id) values (:id, 'lead', :account)"),
        {"id": made, "account": account.id},
    )
    return Opened(int(made), number)


def _number(c: Connection, day: date, *, drill: bool) -> str:
    """The next number of a day; those of drills have a row of their own."""
    hold(c, Lock.INCIDENT_NUMBER)
    start = f"{'D' if drill else ''}{day:%Y%m%d}-"
    last = c.execute(
        text("""select coalesce(max(cast(split_part(number, '-', 2) as int)), 0) from incidents
                where day = :day and number like :start || '%'"""),
        {"day": day, "start": start},
    ).scalar_one()
    return f"{start}{last + 1:03d}"


def _deal(c: Connection, row: Row[Any], account: Account, why: str | None) -> list[tuple[Row[Any], str]]:
    """Deal with the open alerts of an incident; gives them as they were, to be announced last."""
    held = c.execute(
        text(f"{alerts.LOCKED_SQL} where incident_id = :id and state = 'incident' order by id for update"),
        {"id": row.id},
    ).all()
    for alert in held:
        alerts.step(c, alert, "deal", "dealt_with", account.id, why=why or row.number)
    return [(alert, "dealt_with") for alert in held]


def _announce_open(c: Connection, account: Account, made: Opened) -> None:
    row = c.execute(text(f"{LOCKED_SQL} where id = :id"), {"id": made.id}).one()
    announce(c, row, "open", by=account.name)


def _note_move(
    c: Connection,
    incident_id: int,
    step: tuple[str, str | None, str],
    account_id: int | None,
    why: str | None,
) -> None:
    move, before, after = step
    c.execute(
        text("""insert into incident_moves (incident_id, move, from_state, to_state, account_id, why)
                values (:id, :move, :before, :after, :account, :why)"""),
        {
            "id": incident_id,
            "move": move,
            "before": before,
            "after": after,
            "account": account_id,
            "why": why,
        },
    )
