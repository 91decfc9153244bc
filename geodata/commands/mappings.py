"""Saving mappings by name."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import Connection, text

from geodata.errors import BadArgument

LONGEST_NAME = 100


def save_mapping(c: Connection, name: str, kind: str, body: dict[str, Any], account_id: int | None) -> None:
    """Save a mapping under a name, in place of one of the same kind that has it; BadArgument when the name will not do."""
    name = name.strip()
    if not name or len(name) > LONGEST_NAME or name.endswith(".toml"):
        raise BadArgument("name", "A mapping's name has 1 to 100 characters and does not end in .toml.")
    taken = c.execute(text("select kind from saved_mappings where name = :name"), {"name": name}).scalar()
    if taken not in (None, kind):
        raise BadArgument("name", f"There is a mapping of {taken} called “{name}”; choose another name.")
    statement = """
        insert into saved_mappings (name, kind, body, author_id, saved_at)
        values (:name, :kind, cast(:body as jsonb), :author, now())
        on conflict (name) do update
        set body = excluded.body, author_id = excluded.author_id, saved_at = excluded.saved_at"""
    told = {"name": name, "kind": kind, "body": json.dumps(body, ensure_ascii=False), "author": account_id}
    c.execute(text(statement), told)


def forget_mapping(c: Connection, name: str) -> bool:
    """Take a saved mapping away; False when there was none."""
    return bool(c.execute(text("delete from saved_mappings where name = :name"), {"name": name}).rowcount)
