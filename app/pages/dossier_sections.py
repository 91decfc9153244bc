"""The parts of the dossier below its figures: trend, states, categories, sources, areas below, overdue, devices, ground."""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component

from app.components import states
from app.components.actions import act
from app.components.bars import Bar, bars, parts
from app.components.numbers import change, count, measure, percent, share
from app.components.sections import rows, section
from app.components.times import clock, length
from app.components.trend import trend
from app.pages.dossier_data import Dossier
from app.terms import Terms
from geodata.profile import Profile
from geodata.queries.devices import DeviceCount
from geodata.queries.tickets import Figures, Named, TicketRow
from geodata.types import CLOSED_STATES, OPEN_STATES

SHOWN = 8
STATES = (*OPEN_STATES, *CLOSED_STATES)
CAMERA_STATES = ("online", "offline", "silent", "fault")
SENSOR_STATES = ("danger", "warning", "watch", "notice", "normal", "silent", "fault")


def trend_section(terms: Terms, it: Dossier) -> html.Details:
    """Tickets received a day."""
    label = terms("dossier.trend_label", days=it.question.window.days, top=count(max(n for _, n in it.days)))
    return section(
        "trend",
        terms("dossier.trend"),
        trend(it.days, it.days_before, label, unfinished=it.unfinished),
        terms("dossier.trend_aside"),
    )


def by_state_section(terms: Terms, now: Figures) -> html.Details:
    """Where tickets stand in their life."""
    items = [
        Bar(
            terms.either("ticket_state", state),
            now.by_state.get(state, 0),
            do="list",
            about=(("filter", f"state={state}"),),
            tone=state,
        )
        for state in STATES
    ]
    return section("state", terms("dossier.by_state"), parts([item for item in items if item.value]))


def by_category_section(terms: Terms, now: Figures) -> html.Details:
    """What tickets are about, by the top of their trees."""
    return section(
        "category",
        terms("dossier.by_category"),
        _named(terms, now, "categories", "within"),
        terms("dossier.vs_before"),
    )


def by_source_section(terms: Terms, now: Figures) -> html.Details:
    """How tickets arrived."""
    return section(
        "source",
        terms("dossier.by_source"),
        _named(terms, now, "sources", "source"),
        terms("dossier.vs_before"),
    )


def _named(terms: Terms, now: Figures, kind: str, key: str) -> list[Component]:
    listed: list[Named] = getattr(now, kind)
    before = {each.code: each.count for each in getattr(now.previous, kind)} if now.previous else {}
    items = [
        Bar(terms.pick(each.name, each.name_en), each.count, change(each.count, before.get(each.code)), "list",
            (("filter", f"{key}={each.code}"),))
        for each in listed[:SHOWN]
    ]  # fmt: skip
    rest = listed[SHOWN:]
    more = terms("dossier.more", n=len(rest), sum=count(sum(each.count for each in rest)))
    return [bars(items), html.P(more, className="bars-more")] if rest else [bars(items)]


def below_section(terms: Terms, it: Dossier) -> Component | None:
    """The areas one level down; None in the finest."""
    if not it.below:
        return None
    items = [
        Bar(terms.pick(each.area.name, each.area.name_en), each.tickets, change(each.tickets, each.before), "drill",
            (("code", each.area.code),), always=True)
        for each in it.below
    ]  # fmt: skip
    return section("below", terms("dossier.by_area"), bars(items), terms("dossier.vs_before"))


def overdue_section(terms: Terms, profile: Profile, it: Dossier) -> html.Details:
    """The first that are open and late now."""
    page = it.overdue
    if not page.total:
        return section("overdue", terms("dossier.overdue_list"), states.empty(terms("dossier.overdue_none")))
    lines = [html.Li(_overdue_row(terms, profile, it, each)) for each in page.tickets]
    everything = html.Button(
        terms("dossier.overdue_all", n=count(page.total)), className="more", **act("list", filter="overdue=1")
    )
    return section(
        "overdue",
        terms("dossier.overdue_list"),
        [html.Ol(lines, className="overdue-list"), everything],
        terms("dossier.overdue_now"),
    )


def _overdue_row(terms: Terms, profile: Profile, it: Dossier, ticket: TicketRow) -> html.Button:
    names = ticket.category_names_en if terms.language == "en" else ticket.category_names
    late = html.Span(
        terms("dossier.late_by", ago=length(ticket.due_at, it.now, terms) if ticket.due_at else "—"),
        title=clock(ticket.due_at, profile.zone),
    )
    inner = [
        html.Span(ticket.title or names[-1]),
        late,
        html.Span(ticket.address or "—"),
        html.Span(ticket.unit or "—"),
    ]
    return html.Button(
        inner,
        className="overdue-row",
        **act("card", kind="ticket", key=ticket.number, lon=ticket.lon, lat=ticket.lat),
    )


def devices_section(terms: Terms, it: Dossier) -> html.Details:
    """Cameras and sensors by state."""
    cameras, sensors = it.summary.cameras, it.summary.sensors
    if not cameras.total + sensors.total:
        return section("devices", terms("dossier.devices"), states.empty(terms("dossier.no_devices")))
    body = [
        *_device(terms, "cameras", cameras, "camera_state", CAMERA_STATES),
        *_device(terms, "sensors", sensors, "sensor_state", SENSOR_STATES),
    ]
    online = percent(share(cameras.by_state.get("online", 0), cameras.total))
    return section("devices", terms("dossier.devices"), body, terms("dossier.online_share", share=online))


def _device(
    terms: Terms, name: str, found: DeviceCount, group: str, order: tuple[str, ...]
) -> list[Component]:
    if not found.total:
        return []
    items = [
        Bar(terms.either(group, state), found.by_state[state], tone=state)
        for state in order
        if found.by_state.get(state)
    ]
    return [html.H4([terms(f"dossier.{name}"), html.Span(count(found.total))]), parts(items)]


def ground_section(terms: Terms, it: Dossier) -> html.Details:
    """The ground itself and what it carries per km² and resident."""
    km2, residents, now = it.summary.area_km2, it.summary.people.get("residents"), it.summary.tickets
    per_thousand = now.total / residents * 1000 if residents else None
    cameras = it.summary.cameras.total / km2 if km2 else None
    values: list[tuple[str, Component | str]] = [
        (
            "area_km2",
            html.Span([measure(km2, 2 if km2 and km2 >= 1 else 3), html.Span("km²", className="unit")]),
        ),
        ("people", _or_missing(terms, count(residents))),
        ("per_km2", _or_missing(terms, measure(now.per_km2))),
        ("per_thousand", _or_missing(terms, measure(per_thousand))),
        ("cameras_per_km2", _or_missing(terms, measure(cameras))),
        ("valid_from", it.area.valid_from.isoformat() if it.area.valid_from else "—"),
    ]
    return section(
        "ground", terms("dossier.ground"), rows([(terms(f"dossier.{key}"), value) for key, value in values])
    )


def _or_missing(terms: Terms, text: str) -> html.Span:
    return html.Span(text, title=terms("state.missing") if text == "—" else None)
