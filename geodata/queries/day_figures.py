"""The figures of the day that a room looks at: tickets against what is usual by this hour, deadlines, devices.

Only true rows count; drills have tables of their own.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, text

from geodata.profile import Profile
from geodata.queries import cameras, sensors
from geodata.queries.devices import DeviceCount
from geodata.queries.question import condition
from geodata.queries.summary import overdue
from geodata.types import Question

WEEKS = 4  # the same weekday of so many weeks says what is usual


@dataclass(frozen=True, slots=True)
class DayFigures:
    """One day so far. `usual_by_now` is the mean of the same weekdays up to the same time of day, None without any.

    `on_time` of `due` counts the tickets whose deadline fell into the day so far; `rate` is None when none was due.
    """

    tickets: int
    usual_by_now: float | None
    open: int
    overdue: int
    due: int
    on_time: int
    cameras: DeviceCount
    sensors: DeviceCount

    @property
    def rate(self) -> float | None:
        """Closed by the deadline as a share of what was due."""
        return self.on_time / self.due if self.due else None


RECEIVED = """
    select d.back, count(t.id) as n
    from unnest(cast(:backs as int[]), cast(:starts as timestamptz[]), cast(:ends as timestamptz[])) d(back, start, stop)
    left join tickets t on t.received_at >= d.start and t.received_at < d.stop and {where}
    group by d.back"""
DEADLINES = """
    select count(*) filter (where t.closed_at is null) as open, count(*) filter (where {due}) as due,
           count(*) filter (where {due} and t.closed_at <= t.due_at) as on_time
    from tickets t where {where} and (t.closed_at is null or {due})"""
DUE = "t.due_at >= :start and t.due_at < :now"


def day_figures(c: Connection, profile: Profile, area: str | None, now: datetime) -> DayFigures:
    """The figures of the day that has `now` in it, in an area (None: the whole district)."""
    today = now.astimezone(profile.zone).date()
    q = Question(profile.window(today, today), area=area, scheme=profile.scheme)
    where = condition(c, profile, q, timed=False)
    spans = [
        (7 * back, profile.window(day, day).start, (now.astimezone(profile.zone) - timedelta(days=7 * back)))
        for back in range(WEEKS + 1)
        for day in [today - timedelta(days=7 * back)]
    ]
    backs, starts, ends = ([span[at] for span in spans] for at in range(3))
    rows = c.execute(
        text(RECEIVED.format(where=where.sql)),
        where.parameters | {"backs": backs, "starts": starts, "ends": ends},
    )
    received = {int(row.back): int(row.n) for row in rows}
    deadlines = c.execute(
        text(DEADLINES.format(where=where.sql, due=DUE)),
        where.parameters | {"start": q.window.start, "now": now},
    ).one()
    return DayFigures(
        tickets=received[0], usual_by_now=_usual(received), open=deadlines.open, overdue=overdue(c, where, now),
        due=deadlines.due, on_time=deadlines.on_time, cameras=cameras.summary(c, profile, q),
        sensors=sensors.summary(c, profile, q),
    )  # fmt: skip


def _usual(received: dict[int, int]) -> float | None:
    """The mean of the weeks before; weeks from before the first ticket count for nothing."""
    weeks = [number for back, number in received.items() if back and number]
    return sum(weeks) / len(weeks) if weeks else None
