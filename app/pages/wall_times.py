"""Times on the wall: the time of day, and clocks that run in the browser without asking the server."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from dash import html

from app.components.actions import data


def hour(moment: datetime, zone: ZoneInfo, *, seconds: bool = False) -> str:
    """The time of day in the district."""
    return moment.astimezone(zone).strftime("%H:%M:%S" if seconds else "%H:%M")


def running(since: datetime, until: datetime | None = None) -> html.Time:
    """How long from a moment: 04:12, 1:04:12 from an hour on; runs unless it ended."""
    if until is not None:
        return html.Time(length((until - since).total_seconds()), dateTime=since.isoformat())
    return html.Time("", dateTime=since.isoformat(), **data(count_from=int(since.timestamp() * 1000)))


def left(until: datetime) -> html.Time:
    """How long until a moment; runs down to zero."""
    return html.Time("", dateTime=until.isoformat(), **data(count_to=int(until.timestamp() * 1000)))


def length(seconds: float) -> str:
    """Minutes and seconds, with hours where there are any."""
    minutes, rest = divmod(max(int(seconds), 0), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes:02}:{rest:02}"
