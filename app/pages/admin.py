"""The administrator's page /admin: thresholds with their effect, maintenance, feeds, duty, webhooks, escalation."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Annotated, Any

from dash import html
from dash.development.base_component import Component
from fastapi import APIRouter, Query, Request
from sqlalchemy import Connection
from starlette.responses import HTMLResponse

from app.components import admin_parts as parts, admin_roster, admin_teams
from app.components.actions import act, aria
from app.components.admin_roster import Roster
from app.components.live_state import live_state
from app.components.threshold_form import preview, threshold_form
from app.components.threshold_table import threshold_table
from app.http.guard import required_account
from app.http.house import House, Lang, TheHouse
from app.pages.fragment_answers import piece
from app.pages.panel import Asker
from app.pages.plain import plain_page, top
from app.terms import Terms, language_of
from geodata.commands import maintenance, thresholds as commands
from geodata.commands.webhooks import list_webhooks
from geodata.errors import BadArgument
from geodata.queries import (
    areas,
    assignable,
    backtest,
    duty,
    escalation,
    feeds,
    teams,
    threshold_subjects,
    thresholds,
)
from geodata.queries.responsible import nearest_teams
from geodata.rules.defaults import DEFAULTS
from geodata.types import Role

WHO: tuple[Role, ...] = ("operator", "admin")
SECTIONS = ("thresholds", "feeds", "maintenance", "duty", "escalation", "webhooks")
TEAMS_MOST = 500
DAYS_AHEAD = timedelta(days=31)
SERVED = ("subdistrict", "station")  # levels that have a duty of their own

router = APIRouter(include_in_schema=False)


@router.get("/admin")
def page(request: Request, house: TheHouse, lang: Lang = None) -> HTMLResponse:
    """The frame; its sections come as one piece and are asked again when something changes."""
    terms = Terms(language_of(lang or house.profile.language))
    required_account()
    title = terms("admin.title")
    nav = html.Nav(
        [html.A(terms(f"admin.{key}"), href=f"#{key}") for key in SECTIONS],
        className="admin-nav",
        **aria(label=title),
    )
    head = top(terms, title, [live_state(terms)], path="/admin", desk=True)
    body = html.Div([nav, html.Main(id="admin", className="admin waiting")], className="admin-frame")
    sheet = html.Aside(id="sheet", className="sheet-place", hidden=True, **aria(label=terms("admin.edit")))
    return plain_page(
        request, terms, title, [head, body, sheet], name="admin", zone=house.profile.time_zone, theme="light"
    )


@router.get("/fragments/admin")
def sections(house: TheHouse, lang: Lang = None) -> HTMLResponse:
    """All sections."""

    def fill(c: Connection, asker: Asker) -> list[Component]:
        bodies = {
            "thresholds": _thresholds(c, house, asker),
            "feeds": [parts.feeds(asker.terms, house.profile.zone, asker.now, feeds.list_feeds(c, house.profile.today(), with_drills=True))],
            "maintenance": parts.windows(asker.terms, house.profile.zone, asker.now, maintenance.list_windows(c), may=_may(asker)),
            "duty": _duty(c, house, asker),
            "escalation": admin_roster.escalation(
                asker.terms, house.profile.zone, asker.now, escalation.waits(c),
                told=escalation.history(c), may=_rules(asker),
            ),
            "webhooks": parts.webhooks(asker.terms, list_webhooks(c), may=asker.account.role == "admin"),
        }  # fmt: skip
        return [
            html.Section([html.H2(asker.terms(f"admin.{key}")), *bodies[key]], id=key, **{"data-key": key})  # type: ignore[arg-type]
            for key in SECTIONS
        ]

    return piece(house, lang, fill, WHO)


@router.get("/fragments/threshold")
def form(house: TheHouse, rule: str, subject: str = "*", lang: Lang = None) -> HTMLResponse:
    """The numbers of one rule for one subject, to be changed."""

    def fill(c: Connection, asker: Asker) -> Component:
        found = threshold_subjects.known(c, rule, subject)
        return threshold_form(
            asker.terms, house.profile.zone, asker.now, rule, subject,
            name=asker.terms.pick(found.name, found.name_en) if found else None,
            limits=threshold_subjects.effective(c, rule, subject),
            history=thresholds.history(c, rule, subject), may=_may(asker), previews=rule in backtest.KNOWN,
        )  # fmt: skip

    return piece(house, lang, fill, WHO)


@router.get("/fragments/threshold/preview")
def effect(
    house: TheHouse,
    rule: str,
    limits: Annotated[str, Query(max_length=2000)],
    subject: str = "*",
    lang: Lang = None,
) -> HTMLResponse:
    """What changed numbers would have raised, beside what is raised now."""

    def fill(c: Connection, asker: Asker) -> list[Component]:
        checked = commands.check(rule, subject, read_limits(limits))
        return preview(asker.terms, backtest.compare(c, house.profile, rule, subject, checked, now=asker.now))

    return piece(house, lang, fill, WHO)


def read_limits(told: str) -> dict[str, Any]:
    """The numbers as the form tells them: a JSON object."""
    try:
        found = json.loads(told)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise BadArgument("limits", "limits must be a JSON object of numbers.")
    return found


def _may(asker: Asker) -> bool:
    return asker.account.role in WHO and asker.account.area_code is None


def _rules(asker: Asker) -> bool:
    """Whether the asker may change who is on duty and how long is waited: app/http/roster.py asks the same."""
    return asker.account.role == "admin" and asker.account.area_code is None


def _thresholds(c: Connection, house: House, asker: Asker) -> list[Component]:
    terms = asker.terms
    rules = dict.fromkeys(rule for rule, _ in DEFAULTS)
    subjects = {rule: threshold_subjects.of_rule(c, rule) for rule in rules}
    names = {
        (rule, one.key): terms.pick(one.name, one.name_en) for rule, each in subjects.items() for one in each
    }
    options = [
        html.Optgroup(
            [html.Option(f"{names[rule, one.key]} · {one.key}", value=f"{rule}:{one.key}") for one in each],
            label=terms(f"rule.{rule}"),
        )
        for rule, each in subjects.items()
    ]
    pick = html.Form(
        [
            html.Label([terms("admin.pick"), html.Select(options, name="which")]),
            html.Button(terms("admin.pick_open"), type="submit", className="button"),
        ],
        className="line-form",
        **act("threshold-pick"),
    )
    held = threshold_table(terms, house.profile.zone, asker.now, thresholds.listed(c), names, may=_may(asker))
    return [html.P(terms("admin.thresholds_about"), className="quiet"), held, pick]


def _duty(c: Connection, house: House, asker: Asker) -> list[Component]:
    profile = house.profile
    listed = areas.list_areas(c, profile.scheme, profile.today())
    names = {area.code: asker.terms.pick(area.name, area.name_en) for area in listed}
    served = {area.code for area in listed if area.level in SERVED}
    west, south, east, north = profile.bbox
    found = nearest_teams(c, (west + east) / 2, (south + north) / 2, limit=TEAMS_MOST)
    whole = Roster(
        duty.shifts(c, asker.now, asker.now + DAYS_AHEAD), duty.changes(c), assignable.posts(c, None), found,
        {code: name for code, name in names.items() if code in served},
    )  # fmt: skip
    return [
        *admin_roster.roster(asker.terms, profile.zone, asker.now, whole, may=_rules(asker)),
        html.H3(asker.terms("admin.teams")),
        *admin_teams.teams(asker.terms, teams.teams(c), names, may=_rules(asker)),
    ]
