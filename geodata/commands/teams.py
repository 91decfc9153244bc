"""Teams as administrators change them: on call or not, and an account whose inbox reads their tasks."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, text

from geodata.commands import accounts
from geodata.commands.accounts import Account
from geodata.errors import NotFound, Refused
from geodata.store import notices


def set_active(c: Connection, account: Account, team_id: int, *, active: bool) -> None:
    """Call a team up or let it rest; one that rests is not sent anywhere, what it has it finishes."""
    row = _locked(c, team_id)
    c.execute(text("update teams set active = :active where id = :id"), {"active": active, "id": team_id})
    _announce(c, account, row, "team_on_call" if active else "team_resting")


def open_inbox(c: Connection, account: Account, team_id: int) -> tuple[str, str]:
    """Make a team's own account, or give the one it had a new password; gives name and password, this once."""
    row = _locked(c, team_id)
    if row.account_name is not None and not row.disabled:
        raise Refused(f"{row.name} has the inbox “{row.account_name}” already; close it first.")
    name = f"team.{row.code}".lower()[:40]
    role = c.execute(
        text("select role from accounts where name = :name"), {"name": name}
    ).scalar_one_or_none()
    if role == "team":
        password = accounts.reset(c, name)
        c.execute(
            text("update teams set account_id = (select id from accounts where name = :name) where id = :id"),
            {"name": name, "id": team_id},
        )
    else:
        password = accounts.add(c, name, "team", teams=[row.code])
    _announce(c, account, row, "inbox_opened")
    return name, password


def close_inbox(c: Connection, account: Account, team_id: int) -> None:
    """Keep a team's own account from signing in; the desk answers for the team again."""
    row = _locked(c, team_id)
    if row.account_name is None or row.disabled or row.role != "team":
        raise Refused(f"{row.name} has no inbox of its own.")
    accounts.disable(c, row.account_name)
    _announce(c, account, row, "inbox_closed")


def _locked(c: Connection, team_id: int) -> Row[Any]:
    row = c.execute(
        text("""select t.id, t.code, t.name, t.area_code, a.name as account_name, a.role, a.disabled
                from teams t left join accounts a on a.id = t.account_id where t.id = :id for update of t"""),
        {"id": team_id},
    ).one_or_none()
    if row is None:
        raise NotFound(f"There is no team {team_id}.")
    return row


def _announce(c: Connection, account: Account, row: Row[Any], move: str) -> None:
    body = {"team": row.name, "by": account.name}
    notices.announce(c, "shift", move, row.id, area_code=row.area_code, body=body)
