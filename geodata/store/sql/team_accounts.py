"""Accounts of teams: the role that opens an inbox and nothing else."""

from __future__ import annotations

from sqlalchemy import Connection, text

BEFORE = ("screen", "commander", "planner", "operator", "admin")


def allow(c: Connection) -> None:
    """Let an account be a team's."""
    _allow(c, (*BEFORE, "team"), "screen, commander, planner, operator, admin or team")


def forbid(c: Connection) -> None:
    """Take the role back, with the accounts that have it."""
    c.execute(
        text(
            "update teams set account_id = null where account_id in (select id from accounts where role = 'team')"
        )
    )
    c.execute(text("delete from accounts where role = 'team'"))
    _allow(c, BEFORE, "screen, commander, planner, operator or admin")


def _allow(c: Connection, roles: tuple[str, ...], said: str) -> None:
    listed = ", ".join(f"'{role}'" for role in roles)
    c.execute(text("alter table accounts drop constraint ck_accounts_role_known"))
    c.execute(text(f"alter table accounts add constraint ck_accounts_role_known check (role in ({listed}))"))
    c.execute(text(f"comment on column accounts.role is '{said}'"))
