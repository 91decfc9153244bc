"""Tickets day by day, beside those of another window."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta

from sqlalchemy import Connection, text

from geodata.cube import dossier_answers
from geodata.profile import Profile
from geodata.queries.compared import RECEIVED_EITHER, compared
from geodata.types import Question, Window

DAILY = f"""
    select (t.received_at at time zone :day_zone)::date as day, count(*) as n
    from tickets t where {{where}} and {RECEIVED_EITHER} group by 1"""
KNOWN = """select (min(received_at) at time zone :day_zone)::date as first, (max(received_at) at time zone :day_zone)::date as last
           from tickets"""


@dataclass(frozen=True, slots=True)
class Trend:
    """Counts of each day (of the district's zone), day n of the window before in place n.

    None is a day before the first or after the last that any ticket is known for: missing, not quiet.
    """

    days: list[date]
    counts: list[int | None]
    before_days: list[date]
    before_counts: list[int | None]


def trend(c: Connection, profile: Profile, q: Question, before: Window | None) -> Trend:
    """Count the tickets of a question on every day of its window and of the one before."""
    zone = {"day_zone": profile.time_zone}
    found = _from_cube(c, profile, q, before)
    if found is None:
        where = compared(c, profile, q, before)
        rows = c.execute(text(DAILY.format(where=where.sql)), where.parameters | zone)
        found = {row.day: row.n for row in rows}
    known = c.execute(text(KNOWN), zone).one()

    def counted(day: date) -> int | None:
        if known.first is None or not known.first <= day <= known.last:
            return None
        return int(found.get(day, 0))

    days, earlier = _days(q.window), _days(before) if before else []
    return Trend(days, [counted(day) for day in days], earlier, [counted(day) for day in earlier])


def _from_cube(c: Connection, profile: Profile, q: Question, before: Window | None) -> dict[date, int] | None:
    found: dict[date, int] = {}
    for window in [q.window, *([before] if before else [])]:
        ready = dossier_answers.hours(c, profile, replace(q, window=window))
        if ready is None:
            return None
        found |= dict(zip(_days(window), ready.sum(axis=1).tolist(), strict=True))
    return found


def _days(window: Window) -> list[date]:
    return [window.first + timedelta(days=n) for n in range(window.days)]
