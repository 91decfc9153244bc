"""Cards of single things: a ticket with its history, a camera, a sensor with its readings, a protected object."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from dash import html
from dash.development.base_component import Component

from app.components.actions import act, aria
from app.components.camera_panel import own_picture
from app.components.icons import icon
from app.components.numbers import MISSING, measure
from app.components.sections import rows
from app.components.spark import spark
from app.components.times import ago, clock
from app.terms import Terms
from geodata.queries.cameras import Camera
from geodata.queries.heritage import Heritage
from geodata.queries.sensors import Sensor
from geodata.queries.tickets import Event, TicketCard

COMPASS = {
    "zh": ["北", "东北", "东", "东南", "南", "西南", "西", "西北"],
    "en": ["N", "NE", "E", "SE", "S", "SW", "W", "NW"],
}
Pairs = list[tuple[str, Component | str]]


def card(
    terms: Terms,
    kind: str,
    title: str,
    said: str,
    body: Sequence[Component | None],
    *,
    spot: tuple[float, float] | None = None,
) -> html.Article:
    """The frame of every card."""
    look = (
        html.Button(
            icon("target"),
            className="plain",
            title=terms("card.fly"),
            **act("fly", lon=spot[0], lat=spot[1]),
            **aria(label=terms("card.fly")),
        )
        if spot
        else None
    )
    close = html.Button(
        icon("close"),
        className="plain",
        title=terms("card.close"),
        **act("close", what="card"),
        **aria(label=terms("card.close")),
    )
    head = html.Div(
        [html.Div([html.H2(title), html.P(said)], className="card-title"), look, close], className="card-head"
    )
    return html.Article(
        [head, html.Div(list(body), className="card-body")],
        className=f"card card-{kind}",
        **aria(label=terms(f"card.{kind}")),
    )


def in_card(terms: Terms, why: html.Div) -> html.Article:
    """A state of the card, which can still be closed."""
    return card(terms, "ticket", terms("card.title"), "", [why])


def badge(tone: str, word: str) -> html.Span:
    """A state: its mark and its word."""
    return html.Span([html.Span(className=f"key tone-{tone}"), word], className="badge")


def ticket_card(terms: Terms, zone: ZoneInfo, it: TicketCard) -> html.Article:
    """One ticket with all that is known and was done."""
    ticket = it.ticket
    names = ticket.category_names_en if terms.language == "en" else ticket.category_names
    due = html.Span(
        [
            clock(ticket.due_at, zone),
            html.Span(f" {terms('list.overdue')}", className="late") if ticket.overdue else None,
        ]
    )
    quality = (
        terms("card.default_point")
        if ticket.is_default_point
        else terms.either("quality", ticket.location_quality)
    )
    pairs: Pairs = [
        ("state", badge(ticket.state, terms.either("ticket_state", ticket.state))),
        ("category", " › ".join(names)),
        ("source", ticket.source_name),
        ("family", terms.either("family", ticket.family)),
        ("unit", ticket.unit or MISSING),
        ("received", clock(ticket.received_at, zone)),
        ("due", due),
        ("closed", clock(ticket.closed_at, zone)),
        ("address", ticket.address or MISSING),
        ("area", ticket.area_name or MISSING),
        ("quality", quality),
    ]
    if ticket.outcome:
        pairs.append(("outcome", ticket.outcome))
    if it.satisfaction:
        pairs.append(("satisfaction", terms.either("satisfaction", it.satisfaction)))
    body = [
        html.P(it.description, className="card-text") if it.description else None,
        _pairs(terms, pairs),
        html.H3(terms("card.history")),
        _history(terms, zone, it.events),
    ]
    spot = (ticket.lon, ticket.lat) if ticket.lon is not None and ticket.lat is not None else None
    return card(terms, "ticket", ticket.title or names[-1], ticket.number, body, spot=spot)


def camera_card(terms: Terms, zone: ZoneInfo, now: datetime, it: Camera) -> html.Article:
    """One camera: its picture, where it stands, where it looks, whether it answers."""
    pairs: Pairs = [
        ("state", badge(it.state, terms.either("camera_state", it.state))),
        ("kind", terms.either("camera_kind", it.kind)),
        ("heading", _heading(terms, it.heading_deg)),
        ("field_of_view", MISSING if it.field_of_view_deg is None else f"{it.field_of_view_deg:.0f}°"),
        ("range", MISSING if it.range_m is None else f"{it.range_m:.0f} m"),
        ("last_seen", ago(it.last_seen_at, now, zone, terms)),
        ("installed", it.installed_on.isoformat() if it.installed_on else MISSING),
        ("area", it.area_name or MISSING),
    ]
    body = [own_picture(terms, it, zone), _pairs(terms, pairs)]
    return card(terms, "camera", it.name, it.code, body, spot=(it.lon, it.lat))


def sensor_card(
    terms: Terms, zone: ZoneInfo, now: datetime, it: Sensor, readings: Sequence[tuple[datetime, float]]
) -> html.Article:
    """One sensor with its last reading, its thresholds and a week of readings."""
    value = html.Span(
        [html.Span(measure(it.value, 2), className="strong"), html.Span(it.unit, className="unit")]
    )
    levels = [(name, getattr(it, f"{name}_at")) for name in ("notice", "watch", "warning", "danger")]
    known = " · ".join(f"{terms(f'sensor_state.{name}')} {at:g}" for name, at in levels if at is not None)
    pairs: Pairs = [
        ("state", badge(it.state, terms.either("sensor_state", it.state))),
        ("kind", terms.either("sensor_kind", it.kind)),
        ("value", value if it.value is not None else MISSING),
        ("measured", ago(it.at, now, zone, terms)),
        ("thresholds", known or MISSING),
        ("area", it.area_name or MISSING),
    ]
    body: list[Component] = [_pairs(terms, pairs)]
    if readings:
        body += [
            html.H3(terms("card.readings")),
            spark(readings, [(name, at) for name, at in levels if at is not None]),
        ]
    return card(terms, "sensor", it.name, it.code, body, spot=(it.lon, it.lat))


def heritage_card(terms: Terms, it: Heritage) -> html.Article:
    """One protected object."""
    pairs: Pairs = [
        ("grade", terms.either("grade", it.grade)),
        ("condition", terms.either("condition", it.condition)),
        ("era", it.era or MISSING),
        ("address", it.address or MISSING),
    ]
    return card(
        terms,
        "heritage",
        terms.pick(it.name, it.name_en),
        terms("card.heritage"),
        [_pairs(terms, pairs)],
        spot=(it.lon, it.lat),
    )


def _pairs(terms: Terms, pairs: Pairs) -> html.Dl:
    return rows([(terms(f"card.{key}"), value) for key, value in pairs])


def _history(terms: Terms, zone: ZoneInfo, events: Sequence[Event]) -> Component:
    if not events:
        return html.P(terms("card.no_history"), className="quiet")
    return html.Ol([html.Li(_event(terms, zone, event)) for event in events], className="history")


def _event(terms: Terms, zone: ZoneInfo, event: Event) -> list[Component | None]:
    line = [
        html.Span(terms.either("ticket_event", event.kind)),
        html.Time(clock(event.at, zone), dateTime=event.at.isoformat()),
    ]
    said = " · ".join(part for part in (event.unit, event.note) if part)
    return [html.Div(line, className="history-line"), html.P(said) if said else None]


def _heading(terms: Terms, degrees: float | None) -> str:
    if degrees is None:
        return terms("card.all_round")
    return f"{COMPASS[terms.language][round(degrees / 45) % 8]} {degrees:.0f}°"
