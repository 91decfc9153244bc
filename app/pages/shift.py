"""The shift's log /shift: who is on duty, what stands open, and what one shift hands to the next."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dash import html
from dash.development.base_component import Component
from fastapi import APIRouter, Request
from sqlalchemy import Connection
from starlette.responses import HTMLResponse

from app.components import admin_parts, running_time, states
from app.components.actions import act, data
from app.components.field import field
from app.components.levels import mark
from app.components.live_state import live_state
from app.http.guard import required_account
from app.http.house import House, Lang, TheHouse
from app.pages.fragment_answers import piece
from app.pages.panel import Asker
from app.pages.plain import plain_page, top
from app.terms import Terms, language_of
from geodata.commands.shift_log import MAY
from geodata.queries import areas, duty, shift_log
from geodata.queries.shift_log import HandOver
from geodata.types import Level, Role

WHO: tuple[Role, ...] = ("commander", "planner", "operator", "admin")

router = APIRouter(include_in_schema=False)


@router.get("/shift")
def page(request: Request, house: TheHouse, lang: Lang = None) -> HTMLResponse:
    """The frame; the form stands in it, so that nothing that is typed is lost when the rest is asked again."""
    terms = Terms(language_of(lang or house.profile.language))
    title = terms("shift.title")
    head = top(terms, title, [live_state(terms)], path="/shift", desk=True)
    form = [_form(terms)] if required_account().role in MAY else []
    main = html.Main(
        [html.Div(form), html.Div(id="shift", className="shift waiting")], className="shift-frame"
    )
    return plain_page(request, terms, title, [head, main], name="shift", zone=house.profile.time_zone)


@router.get("/fragments/shift")
def book(house: TheHouse, lang: Lang = None) -> HTMLResponse:
    """Who is on duty, what stands open now, and the entries."""

    def fill(c: Connection, asker: Asker) -> list[Component]:
        scope = asker.account.area_code
        names = {
            area.code: asker.terms.pick(area.name, area.name_en)
            for area in areas.list_areas(c, house.profile.scheme, house.profile.today())
        }
        on_duty = duty.on_duty(c, asker.now, area_code=scope)
        open_now = shift_log.standing(c, house.profile, scope)
        return [
            _part(asker.terms, "open", _standing(asker.terms, open_now)),
            _part(asker.terms, "on_duty", admin_parts.duty(asker.terms, house.profile.zone, on_duty, names)),
            _part(asker.terms, "log", _entries(asker, house, shift_log.entries(c, house.profile, scope))),
        ]

    return piece(house, lang, fill, WHO)


def _part(terms: Terms, key: str, body: Component) -> html.Section:
    return html.Section([html.H2(terms(f"shift.{key}")), body], **data(key=key))


def _standing(terms: Terms, told: dict[str, Any]) -> Component:
    if not any(told[key] for key in ("alerts", "incidents", "feeds")):
        return states.empty(terms("shift.nothing"))
    rows = [_line(terms, one["level"], f"{one['number']} {one['title']}", f"/command?incident={one['id']}",
                  terms(f"incident_state.{one['state']}")) for one in told["incidents"]]  # fmt: skip
    for one in told["alerts"]:
        name, rule = terms.pick(one["subject_name"], one["subject_name_en"]), terms(f"rule.{one['rule']}")
        said = terms(f"alert_state.{one['state']}")
        rows.append(_line(terms, one["level"], f"{name} · {rule}", f"/command?alert={one['id']}", said))
    rows += [
        html.Li([mark(terms, "silent"), html.Span(terms.pick(one["title"], one["title_en"]))])
        for one in told["feeds"]
    ]
    return html.Ul(rows, className="standing")


def _line(terms: Terms, level: Level, name: str, to: str, said: str) -> html.Li:
    link = html.A(name, href=f"{to}&lang={terms.language}")
    return html.Li([mark(terms, level), link, html.Span(said, className="quiet")])


def _entries(asker: Asker, house: House, found: Sequence[HandOver]) -> Component:
    terms = asker.terms
    if not found:
        return states.empty(terms("shift.empty"))
    items = []
    for one in found:
        by = terms.either("role", one.by or "")
        who = terms("shift.from_to", by=by, to=terms.either("role", one.to)) if one.to else by
        counts = {key: len(one.standing.get(key, ())) for key in ("alerts", "incidents", "feeds")}
        head = html.P(
            [html.Strong(who), " ", running_time.at(one.at, house.profile.zone, asker.now)],
            className="entry-head",
        )
        items.append(
            html.Li(
                [
                    head,
                    html.P(one.body, className="entry-body"),
                    html.P(terms("shift.stood", **counts), className="quiet"),
                ],
                **data(key=f"entry-{one.id}"),
            )
        )
    return html.Ol(items, className="entries")


def _form(terms: Terms) -> html.Form:
    return html.Form(
        [
            html.H2(terms("shift.hand")),
            html.Label(
                [
                    terms("shift.body"),
                    html.Textarea("", name="body", rows="8", maxLength="4000", required=True),
                ]
            ),
            html.Label([terms("shift.to"), field("to", required=False, maxLength="40")]),
            html.P(terms("shift.noted"), className="quiet"),
            html.P("", className="said-note", hidden=True, role="alert"),
            html.Button(terms("shift.send"), type="submit", className="button primary"),
        ],
        className="hand-over",
        **act("shift-note"),
    )
