"""Changing the duty roster 值班表 by hand: a shift is added or taken away, and each change is a row with its author."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, text

from geodata.commands.accounts import Account
from geodata.errors import BadArgument, NotFound
from geodata.store import notices

ROLES = ("commander", "deputy", "watch", "team")
LONGEST = timedelta(days=31)
SHIFT_SQL = """
    select d.id, d.role, d.account_id, d.team_id, coalesce(a.name, t.name) as who, d.area_code, d.starts_at, d.ends_at
    from duty_shifts d left join accounts a on a.id = d.account_id left join teams t on t.id = d.team_id"""


def add_shift(
    c: Connection, account: Account, role: str, *, starts_at: datetime, ends_at: datetime,
    account_name: str | None = None, team_id: int | None = None, area_code: str | None = None,
) -> int:  # fmt: skip
    """Put an account or a team on duty for a span; gives the key of the shift."""
    if role not in ROLES:
        raise BadArgument("role", f"role must be one of {', '.join(ROLES)}.")
    if starts_at >= ends_at or ends_at <= datetime.now(UTC) or ends_at - starts_at > LONGEST:
        raise BadArgument(
            "ends_at", "A shift ends after it begins, in the future, and lasts 31 days at most."
        )
    if (account_name is None) == (team_id is None) or (role == "team") != (team_id is not None):
        raise BadArgument("team_id", "The duty of a team goes to a team, every other duty to an account.")
    _area(c, area_code)
    who = _who(c, account_name, team_id)
    made = c.execute(
        text("""insert into duty_shifts (role, account_id, team_id, area_code, starts_at, ends_at)
                values (:role, :account, :team, :area, :starts, :ends) returning id"""),
        {"role": role, "account": who if team_id is None else None, "team": team_id, "area": area_code,
         "starts": starts_at, "ends": ends_at},
    ).scalar_one()  # fmt: skip
    _note(c, account, "add", c.execute(text(f"{SHIFT_SQL} where d.id = :id"), {"id": made}).one())
    return int(made)


def remove_shift(c: Connection, account: Account, shift_id: int) -> None:
    """Take a shift off the roster, now or before it begins; one that is over stays as it was."""
    row = c.execute(text(f"{SHIFT_SQL} where d.id = :id for update of d"), {"id": shift_id}).one_or_none()
    if row is None:
        raise NotFound("There is no such shift; somebody else may have taken it away.")
    if row.ends_at <= datetime.now(UTC):
        raise BadArgument("shift_id", "This shift is over; the roster of the past is not changed.")
    c.execute(text("delete from duty_shifts where id = :id"), {"id": shift_id})
    _note(c, account, "remove", row)


def _who(c: Connection, account_name: str | None, team_id: int | None) -> int:
    if account_name is not None:
        found = c.execute(
            text(
                "select id from accounts where name = :name and not disabled and role not in ('screen', 'team')"
            ),
            {"name": account_name},
        )
    else:
        found = c.execute(text("select id from teams where id = :id and active"), {"id": team_id})
    who = found.scalar_one_or_none()
    if who is None:
        raise NotFound("There is no such account or team that could be on duty.")
    return int(who)


def _area(c: Connection, code: str | None) -> None:
    known = text("select exists (select from areas where code = :code)")
    if code is not None and not c.execute(known, {"code": code}).scalar():
        raise BadArgument("area_code", f"There is no area with the code “{code[:60]}”.")


def _note(c: Connection, account: Account, move: str, row: Row[Any]) -> None:
    c.execute(
        text("""insert into duty_changes (move, account_id, role, who, area_code, starts_at, ends_at)
                values (:move, :account, :role, :who, :area, :starts, :ends)"""),
        {"move": move, "account": account.id, "role": row.role, "who": row.who, "area": row.area_code,
         "starts": row.starts_at, "ends": row.ends_at},
    )  # fmt: skip
    body = {"role": row.role, "who": row.who, "by": account.name}
    notices.announce(c, "shift", f"roster_{move}", row.id, area_code=row.area_code, body=body)
