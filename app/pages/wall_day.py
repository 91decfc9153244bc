"""The figures of the day and the crowds at the landmarks, as large as a room needs them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from dash import html
from dash.development.base_component import Component

from app.components import numbers
from app.components.actions import data
from app.components.icons import icon
from app.components.levels import mark, shape
from app.components.numbers import MISSING
from app.pages.wall_times import hour
from app.terms import Terms
from geodata.profile import Profile
from geodata.queries.crowd import Newest, Place, landmarks
from geodata.queries.day_figures import DayFigures
from geodata.queries.devices import DeviceCount
from geodata.types import LEVELS

ALARMS = tuple(reversed(LEVELS))


def figures(terms: Terms, profile: Profile, it: DayFigures, as_of: datetime | None) -> html.Section:
    """Five figures; `data-as-of`, how far the newest data reaches, feeds the line beside the clock."""
    reach = hour(as_of, profile.zone, seconds=True) if as_of else MISSING
    shown = [
        _tickets(terms, it),
        _open(terms, it),
        _rate(terms, it),
        _sensors(terms, it.sensors),
        _cameras(terms, it.cameras),
    ]
    return html.Section(shown, className="wall-figures", **data(as_of=reach))


def _figure(
    label: str, value: str, unit: str = "", note: Sequence[Component | str] = (), *, name: str = ""
) -> html.Div:
    number = html.Div(
        [html.Span(value, className="wall-figure-number"), html.Span(unit, className="wall-unit")]
    )
    return html.Div(
        [
            html.Span(label, className="wall-figure-label"),
            number,
            html.Div(list(note), className="wall-figure-note"),
        ],
        className=f"wall-figure {name}".strip(),
    )


def _tickets(terms: Terms, it: DayFigures) -> html.Div:
    change = numbers.change(it.tickets, it.usual_by_now)
    note: list[Component | str] = [terms("wall.no_usual")]
    if change.direction != "unknown":
        sign = icon({"up": "up", "down": "down", "same": "same"}[change.direction])
        note = [html.Span([sign, change.text], className="wall-change"), terms("wall.usual")]
    return _figure(terms("wall.tickets"), numbers.count(it.tickets), terms("wall.ticket_unit"), note)


def _open(terms: Terms, it: DayFigures) -> html.Div:
    late = html.Span(
        terms("wall.overdue", n=numbers.count(it.overdue)), className="wall-late" if it.overdue else ""
    )
    return _figure(terms("wall.open"), numbers.count(it.open), terms("wall.ticket_unit"), [late])


def _rate(terms: Terms, it: DayFigures) -> html.Div:
    value = numbers.percent(it.rate).rstrip("%")
    note = terms("wall.due", n=numbers.count(it.due)) if it.due else terms("wall.none_due")
    return _figure(terms("wall.on_time"), value, "%" if value != MISSING else "", [note])


def _sensors(terms: Terms, it: DeviceCount) -> html.Div:
    """Those in order as the figure; the rest by level with shape and word."""
    normal = it.by_state.get("normal", 0)
    alarms: list[Component | str] = [
        html.Span(
            [shape(level), numbers.count(it.by_state[level])],
            className=f"level level-{level}",
            title=terms(f"alert_level.{level}"),
        )
        for level in ALARMS
        if it.by_state.get(level)
    ]
    gone = it.by_state.get("silent", 0) + it.by_state.get("fault", 0)
    if gone:
        alarms.append(
            html.Span(
                [shape("silent"), terms("wall.silent", n=numbers.count(gone))], className="level level-silent"
            )
        )
    return _figure(
        terms("wall.sensors"),
        numbers.count(normal),
        f"/ {numbers.count(it.total)}",
        alarms or [terms("wall.all_normal")],
    )


def _cameras(terms: Terms, it: DeviceCount) -> html.Div:
    online = it.by_state.get("online", 0)
    share = numbers.percent(numbers.share(online, it.total))
    return _figure(
        terms("wall.cameras"),
        numbers.count(online),
        f"/ {numbers.count(it.total)}",
        [terms("wall.share_online", share=share)],
    )


def crowds(
    terms: Terms, profile: Profile, places: Sequence[Place], stamps: Newest, now: datetime
) -> html.Section:
    """The landmarks with people against what they hold; greyed when the feed stands still."""
    found, base = landmarks(list(places)), stamps.base
    since = base.stale_since(now) if base else None
    note = terms("wall.per_capacity")
    if base is None or all(it.people is None for it in found):
        return html.Section(
            [html.H3(terms("wall.crowds")), html.P(terms("wall.no_crowds"), className="wall-empty")],
            className="wall-crowds",
        )
    if since is not None:
        note = terms("wall.crowds_stale", since=hour(since, profile.zone))
    head = html.H3([terms("wall.crowds"), html.Span(note, className="wall-crowds-note")])
    rows = [_landmark(terms, it) for it in found]
    return html.Section(
        [head, html.Ul(rows)], className="wall-crowds" + (" wall-stale" if since is not None else "")
    )


def _landmark(terms: Terms, it: Place) -> html.Li:
    full = it.fullness
    level = it.level or "normal"
    bar = html.Div(html.I(style={"width": f"{min(full or 0, 1):.1%}"}), className="wall-load")
    trend = ""
    if (
        it.trend_per_min is not None
        and it.density_per_m2
        and abs(it.trend_per_min) > 0.01 * it.density_per_m2
    ):
        trend = "up" if it.trend_per_min > 0 else "down"
    return html.Li(
        [
            html.Span(terms.pick(it.name, it.name_en), className="wall-place"),
            bar,
            html.Span(numbers.count(it.people), className="wall-people"),
            html.Span(icon(trend) if trend else None, className=f"wall-place-trend wall-{trend or 'even'}"),
            html.Span(mark(terms, it.level) if it.level else None, className="wall-place-level"),
        ],
        className=f"wall-landmark level-{level}",
        **data(key=f"place-{it.code}"),
    )
