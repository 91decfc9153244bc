"""`./yiping user …`: accounts from the command line."""

from __future__ import annotations

import argparse

from sqlalchemy import Engine

from geodata.commands import accounts
from geodata.errors import BadArgument
from geodata.store.db import transaction
from geodata.store.settings import Settings


def first_accounts(settings: Settings, engine: Engine) -> list[str]:
    """Make the five accounts at first start; a line each, and the same lines kept in credentials.txt."""
    with transaction(engine) as connection:
        lines = [f"{name} {password}" for name, password in accounts.make_first(connection)]
        if lines:
            keep(settings, lines)
    return lines


def keep(settings: Settings, lines: list[str]) -> None:
    """Write `name password` lines into credentials.txt, replacing those of the same names."""
    file = settings.credentials_file
    names = {line.split()[0] for line in lines}
    before = file.read_text("utf-8").splitlines() if file.exists() else []
    kept = [line for line in before if line.split()[0] not in names]
    file.touch(mode=0o600)
    file.chmod(0o600)
    file.write_text("\n".join(kept + lines) + "\n", "utf-8")


def do(engine: Engine, settings: Settings, verb: str, asked: argparse.Namespace) -> str:
    """Do what was asked and give the words to print."""
    with transaction(engine) as connection:
        if verb == "list":
            found = accounts.list_accounts(connection)
            return (
                "\n".join(_line(account) for account in found)
                or "There is no account yet; ./yiping up makes five."
            )
        if verb == "token":
            return accounts.make_token(connection, asked.name)
        if verb == "disable":
            accounts.disable(connection, asked.name)
            return f"{asked.name} may not sign in any more."
        if verb == "add":
            role = asked.role or ("team" if asked.team else None)
            if role is None:
                raise BadArgument(
                    "role", "Say which role it has with --role, or whose tasks it reads with --team."
                )
            password = accounts.add(connection, asked.name, role, asked.area, teams=asked.team)
        else:
            password = accounts.reset(connection, asked.name)
        line = f"{asked.name} {password}"
        keep(settings, [line])
        return line


def _line(account: accounts.Account) -> str:
    where = account.area_code or "whole district"
    return f"{account.name:<16} {account.role:<10} {where}{'  disabled' if account.disabled else ''}"
