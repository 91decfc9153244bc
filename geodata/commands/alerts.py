"""What people do with alerts: acknowledge, call a false alarm, deal with; each is a row, and only one of two wins."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, text

from geodata.commands.accounts import Account
from geodata.commands.moving import Moved, allow, first_come, illegal, words
from geodata.errors import NotFound
from geodata.profile import Profile
from geodata.rules.alert_life import CLOSED, IllegalMove, may
from geodata.store import notices

LOCKED_SQL = """
    select id, cause, rule, level, state, subject_kind, subject_key, subject_name, subject_name_en, area_id, area_code,
           value, threshold, unit, muted_by, drill_id, plan_key, incident_id, revision, ST_X(geom) as lon,
           ST_Y(geom) as lat
    from alerts"""


def move(
    c: Connection,
    profile: Profile,
    account: Account,
    alert_id: int,
    move: str,
    *,
    revision: int,
    why: str | None = None,
) -> Moved:
    """Move an alert by hand; a Conflict tells who was first, opening an incident has its own command."""
    row = lock(c, alert_id)
    allow(c, profile, account, row.area_id, row.area_code)
    after = check(c, profile, row, move, revision)
    step(c, row, move, after, account.id, why=words("why", why, most=500))
    announce(c, row, move, after, by=account.name)
    return Moved(row.revision + 1, after)


def lock(c: Connection, alert_id: int) -> Row[Any]:
    """An alert, held until this transaction ends."""
    row = c.execute(text(f"{LOCKED_SQL} where id = :id for update"), {"id": alert_id}).one_or_none()
    if row is None:
        raise NotFound(f"There is no alert {alert_id}.")
    return row


def step(
    c: Connection,
    row: Row[Any],
    move: str,
    after: str,
    account_id: int | None,
    *,
    why: str | None = None,
    incident_id: int | None = None,
) -> None:
    """Write a move of a locked alert."""
    c.execute(
        text("""update alerts set state = :after, revision = revision + 1, changed_at = clock_timestamp(),
                    escalates_at = null, incident_id = coalesce(:incident, incident_id),
                    acknowledged_at = coalesce(acknowledged_at, clock_timestamp()),
                    closed_at = case when :closed then clock_timestamp() end
                where id = :id"""),
        {"id": row.id, "after": after, "closed": after in CLOSED, "incident": incident_id},
    )
    c.execute(
        text("""insert into alert_moves (alert_id, move, from_state, to_state, level, account_id, why)
                values (:id, :move, :before, :after, :level, :account, :why)"""),
        {"id": row.id, "move": move, "before": row.state, "after": after, "level": row.level,
         "account": account_id, "why": why},
    )  # fmt: skip


def announce(
    c: Connection, row: Row[Any], move: str, after: str, *, by: str, incident_id: int | None = None
) -> None:
    """Tell everybody about a move; `row` is the alert as it was before."""
    told = ("cause", "rule", "level", "subject_kind", "subject_key", "subject_name", "subject_name_en", "value",
            "threshold", "unit", "lon", "lat")  # fmt: skip
    body = {name: getattr(row, name) for name in told} | {
        "state": after, "revision": row.revision + 1, "incident_id": incident_id or row.incident_id,
        "muted": row.muted_by is not None, "loud": False, "by": by,
    }  # fmt: skip
    notices.announce(c, "alert", move, row.id, area_code=row.area_code, drill_id=row.drill_id, body=body)


def check(c: Connection, profile: Profile, row: Row[Any], move: str, revision: int | None) -> str:
    """The state a person's move of a locked alert leads to; raises a Conflict or a refusal."""
    try:
        after = may(row.state, move, "person")
    except IllegalMove as fault:
        first_come(c, profile, "alert", row, revision, legal=False)
        raise illegal(fault) from None
    first_come(c, profile, "alert", row, revision, legal=True)
    return after
