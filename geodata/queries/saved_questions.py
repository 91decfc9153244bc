"""Questions that people keep by name: one's own and those that others share."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, text


@dataclass(frozen=True, slots=True)
class SavedQuestion:
    """A question by name; `address` is the path and query that ask it again, `mine` whether one may change it."""

    id: int
    name: str
    address: str
    shared: bool
    mine: bool
    by: str
    saved_at: datetime


def saved_questions(c: Connection, account_id: int) -> list[SavedQuestion]:
    """One's own, then those that others share, each by name."""
    rows = c.execute(
        text("""select s.id, s.name, s.address, s.shared, s.account_id = :who as mine, a.name as by, s.saved_at
                from saved_questions s join accounts a on a.id = s.account_id
                where s.account_id = :who or s.shared order by 5 desc, s.name, s.id"""),
        {"who": account_id},
    )
    return [SavedQuestion(*row) for row in rows]
