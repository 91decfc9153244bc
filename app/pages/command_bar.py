"""The bar at the top: name, where one is, when, which categories, search, how new the data is, clock and person."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from app.components.actions import act, aria, data
from app.components.category_tree import category_tree
from app.components.icons import icon
from app.components.live_state import live_state
from app.components.markup import markup
from app.pages.command_alerts import tools as case_tools
from app.pages.person_menu import person_menu
from app.terms import Terms
from geodata.commands.accounts import Account
from geodata.queries.categories import Category

WINDOWS = ("today", "7d", "30d", "month")


def bar(terms: Terms, account: Account, categories: Sequence[Category]) -> html.Header:
    """The whole bar, written as HTML by the browser: it has no callback of its own."""
    brand = html.A(
        [html.Img(src="/assets/icon.svg", alt=""), terms("brand.name")], href="/command", className="brand"
    )
    crumbs = html.Nav(id="crumbs", className="crumbs", **aria(label=terms("bar.area")))
    tools: list[Component] = [_when(terms), _what(terms, categories), _search(terms), _live(terms)]
    tools += [
        live_state(terms),
        *case_tools(terms, account),
        *_switches(terms),
        person_menu(terms, account, "command"),
    ]
    inside = markup([brand, crumbs, html.Div(tools, className="bar-tools")])
    return html.Header(className="bar", **data(markup=inside))


def _when(terms: Terms) -> html.Div:
    presets = html.Div(
        [_window(terms, name) for name in WINDOWS],
        className="segments",
        role="group",
        **aria(label=terms("bar.window")),
    )
    again = html.Div([_window(terms, name) for name in WINDOWS], className="segments segments-narrow")
    days = html.Summary(
        [icon("calendar"), html.Span(id="when-days", className="tabular")], **aria(label=terms("bar.custom"))
    )
    body = html.Div([again, html.Div(id="calendar", className="calendar")], className="popover-body")
    return html.Div([presets, html.Details([days, body], className="popover", id="when")], className="when")


def _window(terms: Terms, name: str) -> html.Button:
    return html.Button(terms(f"bar.{name}"), **act("window", name=name), **data(close="yes"))


def _what(terms: Terms, categories: Sequence[Category]) -> html.Details:
    head = html.Summary(
        [icon("filter"), html.Span(terms("bar.all_categories"), id="what-chosen"), icon("chevron")],
        **aria(label=terms("bar.categories")),
    )
    return html.Details(
        [head, html.Div(category_tree(terms, categories), className="popover-body")],
        className="popover",
        id="what",
    )


def _search(terms: Terms) -> html.Div:
    box = dcc.Input(
        id="search",
        type="search",
        autoComplete="off",
        placeholder=terms("bar.search"),
        spellCheck="false",
    )
    label = html.Label(terms("bar.search_short"), htmlFor="search", className="unseen")
    found = html.Div(id="found", className="found", role="listbox", **aria(label=terms("search.results")))
    return html.Div([label, icon("search"), box, html.Kbd("/"), found], className="search", role="search")


def _live(terms: Terms) -> html.Button:
    body = [html.Span(className="live-dot"), html.Span(id="live", className="tabular"), icon("refresh")]
    return html.Button(body, className="live", title=terms("bar.refresh"), **act("refresh"))


def _switches(terms: Terms) -> list[Component]:
    return [
        html.Time(id="clock", className="clock tabular"),
        html.Button(
            terms("bar.language"), className="plain", title=terms("bar.language_hint"), **act("language")
        ),
        _icon_button("theme", terms("bar.theme"), **act("theme")),
        _icon_button("panel", terms("bar.dossier"), **act("fold", what="dossier")),
    ]


def _icon_button(name: str, label: str, **about: Any) -> html.Button:
    return html.Button(icon(name), className="plain", title=label, **aria(label=label), **about)
