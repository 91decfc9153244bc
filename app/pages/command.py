"""The commander's page /command: the map is the page; what is known of the chosen area stands beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from app.components.actions import act, aria, data
from app.components.icons import icon
from app.components.script_words import script_words
from app.map.view import map_view
from app.pages.command_alerts import case_panel, queue
from app.pages.command_bar import bar
from app.pages.command_layers import layer_panel
from app.pages.state import DEFAULT_LAYERS, GROUND, PageState
from app.pages.wiring import IN_BROWSER
from app.terms import Terms
from geodata.commands.accounts import Account
from geodata.profile import Profile
from geodata.queries.categories import Category
from layers.base import Layer


@dataclass(frozen=True, slots=True)
class Frame:
    """What the page needs before any figure is asked: who, where, which overlays and categories there are."""

    profile: Profile
    account: Account
    state: PageState
    terms: Terms
    layers: Sequence[Layer]
    categories: Sequence[Category]
    doubtful: bool = False  # the link asked for something that is none


def page(frame: Frame) -> html.Div:
    """The whole page, its panels still in the shape of what comes."""
    return html.Div(
        [
            html.A(frame.terms("bar.skip"), href="#dossier", className="skip"),
            bar(frame.terms, frame.account, frame.categories),
            html.Main([_map(frame), *_over_map(frame)], className="stage"),
            _strip(frame.terms),
            _dossier(frame.terms),
            case_panel(frame.terms),
            *_stores(frame),
        ],
        id="command",
        className="command",
        **_facts(frame),
    )


def _map(frame: Frame) -> html.Div:
    state = frame.state
    inner = map_view(frame.profile, frame.layers, state.language, state.theme, state.view)
    return html.Div(inner, className="map-frame", id="map-frame")


def _over_map(frame: Frame) -> list[Component]:
    terms = frame.terms
    lost = html.Div(
        [icon("warning"), html.Span([terms("state.lost", since=""), html.Span(id="lost-since")])],
        className="lost-note",
        role="alert",
    )
    return [
        *queue(terms),
        layer_panel(terms, frame.layers, frame.state),
        lost,
        _note(frame),
        html.Section(id="card-panel", className="card-place", **aria(live="polite")),
        html.Section(id="list-panel", className="list-place"),
    ]


def _note(frame: Frame) -> html.Div:
    """Says that part of the link was left out."""
    if not frame.doubtful:
        return html.Div(hidden=True)
    label = frame.terms("card.close")
    close = html.Button(icon("close"), className="plain", title=label, **act("dismiss"), **aria(label=label))
    said = html.Span(frame.terms("state.link_doubtful"))
    return html.Div([icon("warning"), said, close], className="link-note", role="status")


def _strip(terms: Terms) -> html.Footer:
    canvas = html.Div(
        id="strip-canvas", className="strip-canvas", tabIndex=0, role="slider",
        **aria(label=terms("strip.title"), description=terms("strip.hint"), valuetext=terms("strip.none")), **data(pieces=terms("strip.pieces", n="{n}"), none=terms("strip.none")),
    )  # fmt: skip
    head = html.Div(
        [
            html.Span(
                terms("strip.title"),
                id="strip-title",
                **data(hour=terms("strip.title"), day=terms("strip.title_day")),
            ),
            html.Span(id="strip-read", className="strip-read"),
            html.Button(
                [icon("close"), terms("strip.clear")],
                id="strip-clear",
                className="strip-clear",
                **act("strip-clear"),
            ),
        ],
        className="strip-head",
    )
    return html.Footer([head, canvas], className="strip")


def _dossier(terms: Terms) -> html.Aside:
    return html.Aside(
        id="dossier",
        className="dossier",
        tabIndex=-1,
        **aria(label=terms("dossier.title")),
    )


def _stores(frame: Frame) -> list[dcc.Store]:
    kept = frame.state.store()
    first = {
        "state": kept,
        "view": None,
        "picked": None,
        "fly": None,
        "list": None,
        "card": None,
        "find": None,
    }
    first |= {f"answer-{panel}": None for panel in ("list", "card", "found")}
    return [dcc.Store(id=name, data=data) for name, data in first.items()] + [
        dcc.Store(id=f"done-{name}") for name in IN_BROWSER
    ]


def _facts(frame: Frame) -> dict[str, Any]:
    """What the scripts must know and cannot ask for."""
    facts = {
        "root": frame.profile.code,
        "zone": frame.profile.time_zone,
        "language": "en" if frame.profile.language == "en" else "zh",
        "today": frame.state.today.isoformat(),
        "layers": ",".join(DEFAULT_LAYERS),
        "ground": ",".join(GROUND),
        "list": frame.state.list_filter or "",
        "card": frame.state.card or "",
        "all-categories": frame.terms("bar.all_categories"),
        "some-categories": frame.terms("bar.some_categories", n="{n}"),
        "weekdays": frame.terms("time.weekdays"),
        "months": frame.terms("time.months"),
        "month-title": frame.terms("time.month_title", y="{y}", m="{m}"),
        "before": frame.terms("bar.before"),
        "after": frame.terms("bar.after"),
        "hint": frame.terms("bar.custom_hint"),
    }
    return {f"data-{key}": value for key, value in facts.items()} | script_words(frame.terms)
