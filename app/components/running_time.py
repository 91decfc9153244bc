"""Times that run on the page: how long ago something was, how long is left; the moment itself on hover."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from dash import html

from app.components.actions import data
from app.components.numbers import MISSING
from app.components.times import clock
from app.terms import Terms


def since(terms: Terms, zone: ZoneInfo, moment: datetime | None, now: datetime) -> html.Time | html.Span:
    """How long ago, kept up to date by assets/fragments/times.js."""
    if moment is None:
        return html.Span(MISSING, title=terms("state.unknown_time"))
    text = lasted(terms, (now - moment).total_seconds())
    said = (
        terms("running.since", n=text) if (now - moment).total_seconds() >= 10 else terms("running.since-now")
    )
    return _time(zone, moment, said, "since")


def until(terms: Terms, zone: ZoneInfo, moment: datetime, now: datetime) -> html.Time:
    """How long is left."""
    left_s = (moment - now).total_seconds()
    return _time(zone, moment, lasted(terms, left_s) if left_s > 0 else terms("running.until-past"), "until")


def lasted(terms: Terms, seconds: float) -> str:
    """A length in its largest unit, seconds below a minute."""
    seconds = max(seconds, 0)
    for limit, size, unit in ((60, 1, "seconds"), (3600, 60, "minutes"), (172_800, 3600, "hours")):
        if seconds < limit:
            return terms(f"running.for-{unit}", n=f"{int(seconds // size)}")
    return terms("running.for-days", n=f"{int(seconds // 86_400):,}")


def at(moment: datetime | None, zone: ZoneInfo, now: datetime) -> html.Time | html.Span:
    """The time of day, with its day when that is another; the whole moment on hover."""
    if moment is None:
        return html.Span(MISSING)
    local = moment.astimezone(zone)
    form = "%H:%M:%S" if local.date() == now.astimezone(zone).date() else "%m-%d %H:%M"
    return html.Time(local.strftime(form), dateTime=moment.isoformat(), title=clock(moment, zone))


def _time(zone: ZoneInfo, moment: datetime, said: str, key: str) -> html.Time:
    return html.Time(
        said,
        dateTime=moment.isoformat(),
        title=clock(moment, zone),
        **data(**{key: int(moment.timestamp() * 1000)}),
    )
