"""What moves of alerts, incidents and dispatches share: who may, whether somebody was first, and how that is told."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, text

from geodata.commands.accounts import Account
from geodata.errors import BadArgument, Conflict, Denied, Refused
from geodata.profile import Profile
from geodata.queries.alerts import in_area
from geodata.rules.alert_life import MOVERS
from geodata.rules.scrub import scrub

WORDS_MOST = 4000


class Moved(NamedTuple):
    """What a move led to."""

    revision: int
    state: str


def allow(
    c: Connection, profile: Profile, account: Account, area_id: int | None, area_code: str | None
) -> None:
    """Refuse an account that may not move things, or not in this area."""
    if account.role not in MOVERS:
        raise Denied("Only commanders and administrators may do this.")
    if not in_area(c, profile, area_id, area_code, account.area_code):
        raise Denied("Your account is limited to another area.")


def first_come(
    c: Connection, profile: Profile, kind: str, row: Row[Any], revision: int | None, *, legal: bool
) -> None:
    """Raise a Conflict when somebody moved the row since `revision`; what only the rules did to it is no conflict.

    Each revision has written one move, so the moves since are the last ones. Without a revision only a move that is
    not legal any more conflicts.
    """
    if revision is None:
        since = [] if legal else _last_moves(c, kind, row.id, 1)
    elif revision == row.revision:
        return
    else:
        since = _last_moves(c, kind, row.id, max(row.revision - revision, 1))
    by_people = [move for move in since if move.from_state != move.to_state or move.account_id is not None]
    if by_people or (since and not legal):
        raise _conflict(profile, row, (by_people or since)[0])


def illegal(fault: Exception) -> Refused:
    """What a person is told about an illegal move."""
    return Refused(str(fault))


def words(name: str, told: str | None, *, needed: bool = False, most: int = WORDS_MOST) -> str | None:
    """Free text of a person: trimmed, without persons in it, of bearable length; None for nothing."""
    clean = scrub((told or "").replace("\x00", "").strip())
    if len(clean) > most:
        raise BadArgument(name, f"{name} has {len(clean)} characters; {most} at most.")
    if needed and not clean:
        raise BadArgument(name, f"{name} must not be empty.")
    return clean or None


def _last_moves(c: Connection, kind: str, row_id: int, count: int) -> Sequence[Row[Any]]:
    table = {"alert": "alert_moves", "incident": "incident_moves", "dispatch": "dispatch_moves"}[kind]
    return c.execute(
        text(f"""select m.at, m.move, m.from_state, m.to_state, m.account_id, a.name as by
                 from {table} m left join accounts a on a.id = m.account_id
                 where m.{kind}_id = :id order by m.id desc limit :count"""),
        {"id": row_id, "count": count},
    ).all()


def _conflict(profile: Profile, row: Row[Any], move: Row[Any]) -> Conflict:
    clock = move.at.astimezone(profile.zone).strftime("%H:%M:%S")
    who = move.by or "the system"
    return Conflict(
        f"{who} was first: {move.move} at {clock}; it is {row.state} now. Look again before you move it.",
        by=move.by, move=move.move, at=move.at, clock=clock, state=row.state, revision=getattr(row, "revision", None),
    )  # fmt: skip


def last_move(c: Connection, profile: Profile, kind: str, row: Row[Any]) -> Conflict | None:
    """The conflict with whoever moved a row last; None when nobody did."""
    found = _last_moves(c, kind, row.id, 1)
    return _conflict(profile, row, found[0]) if found else None
