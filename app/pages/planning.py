"""The planner's page /planning: a question on top, its answer as a map, a ranking and figures, each leading to tickets."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from app.components.actions import act, aria, data
from app.components.field import field
from app.components.icons import icon
from app.components.markup import markup
from app.components.script_words import script_words
from app.map.view import map_view
from app.pages.planning_bar import bar, question_bar
from app.pages.planning_grid import grid
from app.pages.planning_state import MAP_LAYERS, PlanState, levels
from app.pages.state import GROUND
from app.terms import Terms, all_terms
from geodata.commands.accounts import Account
from geodata.profile import Profile
from geodata.queries.areas import Area
from geodata.queries.categories import Category
from geodata.types import Role
from layers.base import Layer

WHO: tuple[Role, ...] = ("planner", "commander", "admin")
OVERLAYS = ("subdistricts", "grid_cells", "ticket_heat")
SIDE = ("figures", "trend", "matrix", "breakdown", "times", "roads", "repeated", "chance")
IN_BROWSER = {
    "applied": ("state",),
    "viewed": ("view",),
    "picked": ("picked",),
    "listed": ("plan-answer-list",),
    "opened": ("list", "card"),
}  # functions of assets/planning/planning.js


@dataclass(frozen=True, slots=True)
class Frame:
    """What the page needs before any figure is asked."""

    profile: Profile
    account: Account
    state: PlanState
    terms: Terms
    layers: Sequence[Layer]
    categories: Sequence[Category]
    areas: Sequence[Area]
    doubtful: bool = False  # the link asked for something that is none


def page(frame: Frame) -> html.Div:
    """The whole page, its panels still in the shape of what comes."""
    terms = frame.terms
    return html.Div(
        [
            html.A(terms("plan.skip"), href="#plan-side", className="skip"),
            html.Header(className="bar", **data(markup=markup(bar(terms, frame.account)))),
            html.Div(
                className="plan-question",
                role="search",
                **data(markup=markup(question_bar(terms, frame.profile, frame.categories, frame.areas))),
                **aria(label=terms("plan.question")),
            ),
            html.Main(
                [
                    _map(frame),
                    _ranking(frame),
                    html.Section(id="card-panel", className="card-place", **aria(live="polite")),
                    html.Section(id="list-panel", className="list-place"),
                ],
                className="plan-main",
            ),
            _side(frame),
            *_stores(frame),
        ],
        id="planning",
        className="planning",
        **_facts(frame),
    )


def _map(frame: Frame) -> html.Section:
    terms, state = frame.terms, frame.state
    shown = [layer for layer in frame.layers if layer.key in (*GROUND, *OVERLAYS)]
    chart = map_view(frame.profile, shown, state.language, state.theme, state.view, snap=0.25)
    choose = html.Div(
        [
            html.Button(
                terms(f"plan_map.{key}"), title=terms(f"plan_map.{key}_why"), **act("plan-map", key=key)
            )
            for key in MAP_LAYERS
        ],
        className="plan-layers",
        role="group",
        **aria(label=terms("plan.layers")),
    )
    over = [
        html.Div(className="plan-over", **data(markup=markup(choose))),
        html.Div(id="panel-map", className="plan-reading", **aria(live="polite")),
        html.Div(id="plan-drawing", className="plan-drawing", hidden=True, role="status"),
        _note(frame),
    ]
    inner = html.Div(chart, className="map-frame", id="map-frame")
    return html.Section([inner, *over], className="plan-map", **aria(label=terms("plan.map")))


def _note(frame: Frame) -> html.Div:
    """Says that part of the link was left out."""
    if not frame.doubtful:
        return html.Div(hidden=True)
    label = frame.terms("card.close")
    close = html.Button(
        icon("close"), className="plain", title=label, **act("plan-dismiss"), **aria(label=label)
    )
    said = html.Span(frame.terms("state.link_doubtful"))
    return html.Div([icon("warning"), said, close], className="link-note", role="status")


def _ranking(frame: Frame) -> html.Section:
    terms, profile = frame.terms, frame.profile
    steps = [
        html.Button(profile.level(level).title.in_(terms.language), **act("plan-level", key=level))
        for level in levels(profile)
    ]
    head = html.Div(
        [
            html.H2(terms("plan.ranking")),
            html.Div(steps, className="segments", role="group", **aria(label=terms("plan.level"))),
            field(
                "find-row", "search", id="plan-find-row", placeholder=terms("plan.find_row"), autoComplete="off",
                required=False, **aria(label=terms("plan.find_row")),
            ),
            html.Button(
                [icon("download"), "CSV"], className="button", title=terms("plan.grid_csv"), **act("plan-grid-csv")
            ),
        ],
        className="plan-ranking-head",
    )  # fmt: skip
    return html.Section(
        [
            html.Div(className="plan-ranking-top", **data(markup=markup(head))),
            html.Div(id="panel-ranking", className="plan-ranking-said"),
            html.Div(grid(terms), className="plan-grid", id="plan-grid"),
        ],
        className="plan-ranking",
        **aria(label=terms("plan.ranking")),
    )


def _side(frame: Frame) -> html.Aside:
    panels: list[Component] = [
        html.Section(id=f"panel-{name}", className=f"plan-panel plan-{name} waiting") for name in SIDE
    ]
    return html.Aside(
        panels, id="plan-side", className="plan-side", tabIndex=-1, **aria(label=frame.terms("plan.figures"))
    )


def _stores(frame: Frame) -> list[dcc.Store]:
    state, profile = frame.state, frame.profile
    first: dict[str, Any] = {"state": state.store(profile), "plan-asked": state.asked(profile)}
    first |= dict.fromkeys(
        ("view", "picked", "fly", "list", "card", "plan-answer-list", "answer-card", "plan-later")
    )
    done = [f"done-plan-{name}" for name in IN_BROWSER] + ["done-flown", "done-carded"]
    return [dcc.Store(id=name, data=value) for name, value in first.items()] + [
        dcc.Store(id=name) for name in done
    ]


def _facts(frame: Frame) -> dict[str, Any]:
    """What the scripts must know and cannot ask for."""
    terms = frame.terms
    facts = {
        "root": frame.profile.code,
        "bbox": ",".join(map(str, frame.profile.bbox)),
        "zone": frame.profile.time_zone,
        "language": "en" if frame.profile.language == "en" else "zh",
        "today": frame.profile.today().isoformat(),
        "layers": "",
        "ground": ",".join(GROUND),
        "list": frame.state.list_filter or "",
        "card": frame.state.card or "",
        "all-categories": terms("bar.all_categories"),
        "some-categories": terms("bar.some_categories", n="{n}"),
        "weekdays": terms("time.weekdays"),
        "months": terms("time.months"),
        "month-title": terms("time.month_title", y="{y}", m="{m}"),
        "before": terms("bar.before"),
        "after": terms("bar.after"),
        "hint": terms("bar.custom_hint"),
        "plan-words": _words(terms),
    }
    return {f"data-{key}": value for key, value in facts.items()} | script_words(terms)


def _words(terms: Terms) -> str:
    """Sentences of the scripts in assets/planning, as JSON."""
    said = {
        key.removeprefix("plan_js."): both.in_(terms.language)
        for key, both in all_terms().items()
        if key.startswith("plan_js.")
    }
    return json.dumps(said, ensure_ascii=False)
