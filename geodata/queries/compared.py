"""A question beside the same question of another window: the conditions and instants that both are counted by."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection

from geodata.profile import Profile
from geodata.queries.question import Condition, condition, span
from geodata.types import Question, Window

# Two conditions and no grouping by one flag: the windows a planner compares may overlap.
NOW = "({0} >= :start and {0} < :end)"
BEFORE = "({0} >= :before_start and {0} < :before_end)"
EITHER = f"({NOW} or {BEFORE})"
RECEIVED_NOW, RECEIVED_BEFORE = NOW.format("t.received_at"), BEFORE.format("t.received_at")
# The span that holds both is said too: an index on the time then serves where they meet.
RECEIVED_EITHER = (
    f"t.received_at >= :lowest and t.received_at < :highest and {EITHER.format('t.received_at')}"
)
DUE_NOW = NOW.format("t.due_at")
RESPONSE_H = "extract(epoch from t.closed_at - t.received_at) / 3600.0"


def compared(c: Connection, profile: Profile, q: Question, before: Window | None) -> Condition:
    """The question without its window, with the instants of both windows bound; no window before is an empty one."""
    where = condition(c, profile, q, timed=False)
    start, end = span(q)
    before_start, before_end = _before(q, before) if before else (start, start)
    return Condition(where.sql, where.parameters | {
        "start": start, "end": end, "before_start": before_start, "before_end": before_end,
        "lowest": min(start, before_start), "highest": max(end, before_end),
    })  # fmt: skip


def _before(q: Question, before: Window) -> tuple[datetime, datetime]:
    """The instants of the other window; chosen hours move with its first day, but never out of it."""
    if not q.hours:
        return before.start, before.end
    back = timedelta(days=(q.window.first - before.first).days)
    start, end = span(q)
    return max(start - back, before.start), max(min(end - back, before.end), before.start)


def change_pct(count: int | None, before: int | None) -> float | None:
    """By how many percent a count differs from the one before; None where there is nothing to compare with."""
    if count is None or not before:
        return None
    return (count - before) / before * 100
