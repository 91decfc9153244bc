"""Moments as people read them: the district's own clock, 24 hours, and how long ago."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from dash import html

from app.components.numbers import MISSING
from app.terms import Terms


def clock(moment: datetime | None, zone: ZoneInfo) -> str:
    """Day and minute in the district's zone."""
    return MISSING if moment is None else moment.astimezone(zone).strftime("%Y-%m-%d %H:%M")


def short_clock(moment: datetime | None, zone: ZoneInfo) -> str:
    """Day and minute without the year."""
    return MISSING if moment is None else moment.astimezone(zone).strftime("%m-%d %H:%M")


def ago(moment: datetime | None, now: datetime, zone: ZoneInfo, terms: Terms) -> html.Time | html.Span:
    """How long ago, the moment itself on hover."""
    if moment is None:
        return html.Span(MISSING, title=terms("state.unknown_time"))
    return html.Time(relative(moment, now, terms), dateTime=moment.isoformat(), title=clock(moment, zone))


def relative(moment: datetime, now: datetime, terms: Terms) -> str:
    """The distance of two moments in its largest unit."""
    minutes = (now - moment).total_seconds() / 60
    if abs(minutes) < 1:
        return terms("time.now")
    for limit, size, unit in ((60, 1, "minutes"), (48 * 60, 60, "hours"), (float("inf"), 1440, "days")):
        if abs(minutes) < limit:
            key = unit if minutes >= 0 else f"in_{unit}"
            return terms(f"time.{key}", n=f"{int(abs(minutes) // size):,}")
    raise AssertionError


def length(start: datetime, end: datetime, terms: Terms) -> str:
    """How long from one moment to another, in the largest unit that fits."""
    minutes = max((end - start).total_seconds() / 60, 0)
    size, unit = (1, "minutes") if minutes < 60 else (60, "hours") if minutes < 48 * 60 else (1440, "days")
    return terms(f"time.for_{unit}", n=f"{int(minutes // size):,}")


def span(first: date, last: date) -> str:
    """Two days as one short span; the year only where it is needed."""
    if first == last:
        return first.isoformat()
    end = last.strftime("%m-%d") if first.year == last.year else last.isoformat()
    return f"{first.isoformat()} – {end}"
