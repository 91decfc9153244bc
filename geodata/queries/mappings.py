"""Mappings that were saved by name."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, text


@dataclass(frozen=True, slots=True)
class SavedMapping:
    """A mapping with who saved it and when; `author` is None from the command line."""

    name: str
    kind: str
    body: dict[str, Any]
    author: str | None
    saved_at: datetime


ASKED = """
    select m.name, m.kind, m.body, a.name as author, m.saved_at
    from saved_mappings m left join accounts a on a.id = m.author_id"""


def saved_mapping(c: Connection, name: str) -> SavedMapping | None:
    """One by name; None when there is none."""
    row = c.execute(text(f"{ASKED} where m.name = :name"), {"name": name}).one_or_none()
    return SavedMapping(*row) if row else None


def saved_mappings(c: Connection, kind: str | None = None) -> list[SavedMapping]:
    """All, or those of a kind, by name."""
    rows = c.execute(
        text(f"{ASKED} where m.kind = coalesce(:kind, m.kind) order by m.kind, m.name"), {"kind": kind}
    )
    return [SavedMapping(*row) for row in rows]


def saved_names(c: Connection, kind: str) -> list[str]:
    """Names of those of a kind."""
    return [one.name for one in saved_mappings(c, kind)]
