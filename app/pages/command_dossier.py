"""The dossier of the chosen area: what is wrong, how bad, is it getting better, and the list behind every figure."""

from __future__ import annotations

from typing import Any

from dash import html
from dash.development.base_component import Component

from app.components import states
from app.components.actions import act, aria
from app.components.bars import Bar, bars, parts
from app.components.figures import Figure, figure
from app.components.icons import icon
from app.components.numbers import change, change_in_points, count, measure, percent
from app.components.sections import rows, section
from app.components.times import clock, length, short_clock, span
from app.components.trend import trend
from app.pages.dossier_data import Dossier, strip
from app.terms import Terms
from geodata.profile import Profile
from geodata.queries.devices import DeviceCount
from geodata.queries.tickets import Figures, Named, TicketRow
from geodata.types import CLOSED_STATES, OPEN_STATES

SHOWN = 8
STATES = (*OPEN_STATES, *CLOSED_STATES)
CAMERA_STATES = ("online", "offline", "fault")
SENSOR_STATES = ("danger", "warning", "watch", "notice", "normal", "silent", "fault")
OPEN_FILTER = "state=" + "+".join(OPEN_STATES)


def answer(terms: Terms, profile: Profile, it: Dossier) -> tuple[Any, ...]:
    """What one drill changes: the panel, the breadcrumb, the data's age, the time strip and the place itself."""
    place = {
        "area": it.area.code,
        "level": it.area.level,
        "chain": [area.code for area in it.chain],
        "bbox": list(it.bbox),
    }
    return (
        dossier(terms, profile, it),
        crumbs(terms, it),
        _as_of(terms, profile, it),
        strip(it, profile),
        place,
    )


def dossier(terms: Terms, profile: Profile, it: Dossier) -> list[Component]:
    """All parts of the panel."""
    now = it.summary.tickets
    if not any(it.summary.as_of[key] for key in ("tickets", "areas")):
        return [
            _place(terms, profile, it),
            states.empty(terms("dossier.no_data"), terms("dossier.no_data_hint")),
        ]
    parts = [_place(terms, profile, it), _figures(terms, it)]
    if now.total:
        parts += [_trend(terms, it), _by_state(terms, now), _by_category(terms, now), _by_source(terms, now)]
    else:
        parts.append(states.empty(terms("dossier.no_tickets"), terms("dossier.no_tickets_hint")))
    return [*parts, _below(terms, it), _overdue(terms, profile, it), _devices(terms, it), _ground(terms, it)]


def crumbs(terms: Terms, it: Dossier) -> html.Ol:
    """The way down to the area; every step leads back up."""
    links: list[Component] = []
    if len(it.chain) > 1:
        up = html.Button(
            icon("back"),
            className="plain",
            title=terms("bar.up"),
            **act("back"),
            **aria(label=terms("bar.up")),
        )
        links.append(html.Li(up, className="crumb-up"))
    for area in it.chain[:-1]:
        links.append(
            html.Li(html.Button(terms.pick(area.name, area.name_en), **act("drill", code=area.code)))
        )
    here = html.Span(terms.pick(it.area.name, it.area.name_en), **aria(current="location"))
    return html.Ol([*links, html.Li(here)])


def _as_of(terms: Terms, profile: Profile, it: Dossier) -> str:
    newest = it.summary.as_of["tickets"]
    return terms("bar.live", at=short_clock(newest, profile.zone)) if newest else terms("bar.live_none")


def _place(terms: Terms, profile: Profile, it: Dossier) -> html.Div:
    window = it.question.window
    title = [
        html.H2(terms.pick(it.area.name, it.area.name_en)),
        html.Span(_level(terms, profile, it.area.level), className="level"),
        html.Span(terms("brand.demo"), className="chip", title=terms("brand.demo_why")) if it.demo else None,
    ]
    said = [html.Span(span(window.first, window.last)), html.Span(it.area.code)]
    if it.question.hours:
        first, last = (short_clock(moment, profile.zone) for moment in it.question.hours)
        said[0] = html.Span(terms("dossier.hours_only", span=f"{first} – {last}"))
    return html.Div(
        [html.Div(title, className="place-line"), html.Div(said, className="place-more")], className="place"
    )


def _level(terms: Terms, profile: Profile, level: str) -> str:
    return profile.level(level).title.in_(terms.language)


def _figures(terms: Terms, it: Dossier) -> html.Div:
    now = it.summary.tickets
    before = now.previous or now
    open_now, open_before = (
        sum(each.by_state.get(state, 0) for state in OPEN_STATES) for each in (now, before)
    )
    share, share_before = _share(now.located, now.total), _share(before.located, before.total)
    points = terms("dossier.points")
    return html.Div(
        [
            figure(terms, Figure("total", terms("dossier.tickets"), count(now.total), terms("dossier.pieces"),
                                 change(now.total, before.total), count(before.total), "")),
            figure(terms, Figure("overdue", terms("dossier.overdue"), count(now.overdue), before=terms("dossier.overdue_now"),
                                 filter="overdue=1", note=terms("dossier.overdue_why"), alarm=bool(now.overdue))),
            figure(terms, Figure("on_time", terms("dossier.on_time"), percent(now.on_time_rate),
                                 change=change_in_points(now.on_time_rate, before.on_time_rate, "up", points),
                                 before=percent(before.on_time_rate), filter="due=late",
                                 note=terms("dossier.on_time_why" if now.due else "dossier.on_time_none"))),
            figure(terms, Figure("open", terms("dossier.open"), count(open_now), change=change(open_now, open_before),
                                 before=count(open_before), filter=OPEN_FILTER, note=terms("dossier.open_why"))),
            figure(terms, Figure("located", terms("dossier.located"), percent(share),
                                 change=change_in_points(share, share_before, "up", points), before=percent(share_before),
                                 filter="place=located",
                                 note=terms("dossier.located_why", default=count(now.default_point), unlocated=count(now.unlocated)))),
        ],
        className="figures",
    )  # fmt: skip


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _trend(terms: Terms, it: Dossier) -> html.Details:
    label = terms("dossier.trend_label", days=it.question.window.days, top=count(max(n for _, n in it.days)))
    return section(
        "trend", terms("dossier.trend"), trend(it.days, it.days_before, label), terms("dossier.trend_aside")
    )


def _by_state(terms: Terms, now: Figures) -> html.Details:
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


def _by_category(terms: Terms, now: Figures) -> html.Details:
    return section(
        "category",
        terms("dossier.by_category"),
        _named(terms, now, "categories", "within"),
        terms("dossier.vs_before"),
    )


def _by_source(terms: Terms, now: Figures) -> html.Details:
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


def _below(terms: Terms, it: Dossier) -> Component | None:
    if not it.below:
        return None
    items = [
        Bar(terms.pick(each.area.name, each.area.name_en), each.tickets, change(each.tickets, each.before), "drill",
            (("code", each.area.code),), always=True)
        for each in it.below
    ]  # fmt: skip
    return section("below", terms("dossier.by_area"), bars(items), terms("dossier.vs_before"))


def _overdue(terms: Terms, profile: Profile, it: Dossier) -> html.Details:
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


def _devices(terms: Terms, it: Dossier) -> html.Details:
    cameras, sensors = it.summary.cameras, it.summary.sensors
    if not cameras.total + sensors.total:
        return section("devices", terms("dossier.devices"), states.empty(terms("dossier.no_devices")))
    body = [
        *_device(terms, "cameras", cameras, "camera_state", CAMERA_STATES),
        *_device(terms, "sensors", sensors, "sensor_state", SENSOR_STATES),
    ]
    online = percent(_share(cameras.by_state.get("online", 0), cameras.total))
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


def _ground(terms: Terms, it: Dossier) -> html.Details:
    km2, residents, now = it.summary.area_km2, it.summary.people.get("residents"), it.summary.tickets
    per_thousand = now.total / residents * 1000 if residents else None
    cameras = it.summary.cameras.total / km2 if km2 else None
    values = [
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
