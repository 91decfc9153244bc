"""Everything the dossier of one area says, read in one go from one moment of the data."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from app.http.house import House
from geodata.profile import Profile
from geodata.queries import areas, freshness, tickets
from geodata.queries.areas import Area
from geodata.queries.below import Below, below
from geodata.queries.people import residents
from geodata.queries.tickets import Filters, Summary, TicketPage
from geodata.types import BBox, Question

OVERDUE_SHOWN = 5
STALE_AFTER = timedelta(days=1)
FINE_DAYS = 62  # up to here the strip shows hours, beyond it days

Days = list[tuple[date, int]]


@dataclass(frozen=True, slots=True)
class Dossier:
    """One area in one window; `chain` leads from the district down to it, `bbox` is in degrees."""

    question: Question
    now: datetime
    chain: list[Area]
    bbox: BBox
    summary: Summary
    days: Days
    days_before: Days
    hours: list[tuple[datetime, int]]
    below: list[Below]
    overdue: TicketPage
    demo: dict[str, Any] | None

    @property
    def area(self) -> Area:
        """The area itself."""
        return self.chain[-1]

    @property
    def stale(self) -> bool:
        """Whether the window runs to this moment and the newest ticket is older than a day."""
        newest = self.summary.as_of["tickets"]
        return self.unfinished and newest is not None and self.now - newest > STALE_AFTER

    @property
    def unfinished(self) -> bool:
        """Whether the last day of the window still runs."""
        return self.now < self.question.window.end


def gather(c: Connection, house: House, q: Question, now: datetime) -> Dossier:
    """Read a dossier; the strip and the trend show the whole window, the figures the hours chosen in it."""
    profile, people = house.profile, residents(c, house.profile, house.settings.rasters, q)
    code = q.area or profile.code
    whole = replace(q, hours=None)
    before = replace(whole, window=q.window.previous())
    hours = tickets.per_hour(c, profile, whole)
    return Dossier(
        question=q,
        now=now,
        chain=areas.breadcrumb(c, profile, code, q.window.last),
        bbox=areas.bounds(c, profile, code, q.window.last),
        summary=tickets.summary(c, profile, q, now, people),
        days=by_day(hours, profile),
        days_before=tickets.per_day(c, profile, before),
        hours=hours,
        below=below(c, profile, q),
        overdue=tickets.page(
            c, profile, q, Filters(overdue=True), now=now, sort="due_at", limit=OVERDUE_SHOWN
        ),
        demo=freshness.demo(c),
    )


def by_day(hours: list[tuple[datetime, int]], profile: Profile) -> Days:
    """Hourly counts summed by the district's days."""
    days: dict[date, int] = {}
    for at, number in hours:
        day = at.astimezone(profile.zone).date()
        days[day] = days.get(day, 0) + number
    return list(days.items())


def strip(dossier: Dossier, profile: Profile) -> dict[str, Any]:
    """What the time strip draws: counts a step from a first instant (ms since 1970); hours, or days in a long window."""
    window = dossier.question.window
    start = int(window.start.timestamp() * 1000)
    if window.days <= FINE_DAYS:
        return {"start": start, "step": 3_600_000, "counts": [number for _, number in dossier.hours]}
    return {
        "start": start,
        "step": 86_400_000,
        "counts": [number for _, number in by_day(dossier.hours, profile)],
    }
