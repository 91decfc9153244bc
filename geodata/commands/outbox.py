"""Happenings held back to the end of a transaction, because announcing takes the lock that orders everybody."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection

from geodata.store import notices


@dataclass(frozen=True, slots=True)
class Draft:
    """What will be announced."""

    kind: str
    move: str
    subject_id: int | None
    area_code: str | None
    drill_id: int | None
    body: Mapping[str, Any]


@dataclass(slots=True)
class Outbox:
    """What a transaction has to tell: happenings in order, and keys that are worth asking for again."""

    drafts: list[Draft] = field(default_factory=list)
    changed: dict[str, set[str]] = field(default_factory=dict)

    def add(self, draft: Draft) -> None:
        """Announce this at the end."""
        self.drafts.append(draft)

    def touch(self, what: str, key: str) -> None:
        """Say at the end that a key is worth asking for again."""
        self.changed.setdefault(what, set()).add(key)

    def send(self, c: Connection) -> None:
        """Tell everything, last in the transaction: rows are locked before the order is, never after."""
        for what, keys in sorted(self.changed.items()):
            notices.changed(c, what, keys)
        for d in self.drafts:
            notices.announce(
                c, d.kind, d.move, d.subject_id, area_code=d.area_code, drill_id=d.drill_id, body=d.body
            )
        self.drafts, self.changed = [], {}
