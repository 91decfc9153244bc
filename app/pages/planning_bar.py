"""The top of the planner's page: the bar with what one has saved and takes away, and the question in words to press."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from dash import html
from dash.development.base_component import Component

from app.components.actions import act, aria, data
from app.components.category_tree import category_tree
from app.components.field import field
from app.components.icons import STROKES, icon
from app.pages.person_menu import person_menu
from app.terms import Terms
from geodata.commands.accounts import Account
from geodata.profile import Profile
from geodata.queries.areas import Area
from geodata.queries.categories import Category

WINDOWS = ("7d", "30d", "90d", "month", "last_month", "12m")
BANDS = (
    ("all", ""),
    ("morning", "7-9"),
    ("day", "8-18"),
    ("evening", "17-20"),
    ("late", "18-23"),
    ("night", "22-6"),
)
RADII_M = (100, 200, 300, 500, 1000)
EXPORTS = ("xlsx", "csv", "gpkg", "parquet", "png", "html")


def bar(terms: Terms, account: Account) -> list[Component]:
    """Name, page, then what can be done with the whole question."""
    brand = html.A(
        [html.Img(src="/assets/icon.svg", alt=""), terms("brand.name")], href="/planning", className="brand"
    )
    tools: list[Component] = [
        _saved(terms),
        _jobs(terms),
        _exports(terms),
        *_switches(terms),
        person_menu(terms, account, "planning"),
    ]
    return [
        brand,
        html.H1(terms("plan.title"), className="plan-title"),
        html.Div(tools, className="bar-tools"),
    ]


def question_bar(
    terms: Terms, profile: Profile, categories: Sequence[Category], areas: Sequence[Area]
) -> list[Component]:
    """Where, when, against what, about what, at which hours: each a button that says what is chosen."""
    return [
        _where(terms, profile, areas),
        _when(terms),
        _versus(terms),
        _what(terms, categories),
        _band(terms),
        html.Span(id="plan-busy", className="plan-busy", role="status", **aria(live="polite")),
        html.Button(
            [icon("refresh"), terms("plan.clear")], className="plain plan-clear", **act("plan-clear")
        ),
    ]


def _popover(
    key: str, sign: str, label: str, body: Sequence[Component], *, right: bool = False
) -> html.Details:
    head = html.Summary(
        [icon(sign), html.Span(label, className="plan-label"), html.Span(id=f"{key}-chosen", className="plan-chosen"),
         icon("chevron")],
    )  # fmt: skip
    name = "popover plan-popover" + (" popover-right" if right else "")
    return html.Details([head, html.Div(list(body), className="popover-body")], className=name, id=key)


def _where(terms: Terms, profile: Profile, areas: Sequence[Area]) -> html.Details:
    below: dict[str | None, list[Area]] = defaultdict(list)
    for area in areas:
        below[area.parent_code].append(area)
    tops = below[profile.code] or below[None]
    tree = [_branch(terms, area, below) for area in tops]
    facts = data(areas=json.dumps(tree, ensure_ascii=False), sign=STROKES["next"], unfold=terms("bar.unfold"))
    listed = html.Div(
        [
            field("find", "search", id="where-find", placeholder=terms("plan.find_area"), autoComplete="off",
                  className="find-box", required=False, **aria(label=terms("plan.find_area"))),
            html.Button(terms("plan.whole"), className="tree-all", **act("plan-whole")),
            html.Div(id="where-tree", className="tree", **facts),
        ],
        className="where-list",
    )  # fmt: skip
    own = html.Div([_by_hand(terms), _buffer(terms), _upload(terms), _shapes(terms)], className="where-own")
    return _popover("where", "target", terms("plan.where"), [listed, own])


def _branch(terms: Terms, area: Area, below: dict[str | None, list[Area]]) -> list[Any]:
    children = [_branch(terms, child, below) for child in below.get(area.code, [])]
    return [area.code, terms.pick(area.name, area.name_en), children]


def _by_hand(terms: Terms) -> html.Div:
    return html.Div(
        [
            html.H3(terms("plan.by_hand")),
            html.Button([icon("draw"), terms("plan.draw")], className="button", **act("plan-draw")),
            html.Button([icon("target"), terms("plan.pick")], className="button", **act("plan-pick")),
        ],
        className="where-part",
    )


def _buffer(terms: Terms) -> html.Div:
    radii = [html.Option(f"{radius:,} m", value=str(radius)) for radius in RADII_M]
    return html.Div(
        [
            html.H3(terms("plan.around")),
            html.Div(
                [
                    field("near", "search", id="near-find", placeholder=terms("plan.near"), autoComplete="off",
                          className="find-box", required=False, **aria(label=terms("plan.near"))),
                    html.Select(radii, id="near-radius", **aria(label=terms("plan.radius"))),
                ],
                className="where-line",
            ),
            html.Div(id="near-found", className="near-found", role="listbox", **aria(label=terms("search.results"))),
        ],
        className="where-part",
    )  # fmt: skip


def _upload(terms: Terms) -> html.Form:
    return html.Form(
        [
            html.H3(terms("plan.upload")),
            html.Label(
                [
                    icon("download"),
                    html.Span(terms("plan.upload_file")),
                    field(
                        "file",
                        "file",
                        id="shape-file",
                        accept=".geojson,.json,.zip,.kml,.kmz,.gpkg,.fgb,.parquet,.topojson",
                        required=False,
                    ),
                ],
                className="button where-file",
            ),
            html.P(terms("plan.upload_hint"), className="quiet"),
            html.P("", className="said-note", hidden=True, role="alert"),
        ],
        className="where-part",
        id="where-upload",
    )


def _shapes(terms: Terms) -> html.Div:
    head = html.H3(terms("plan.my_shapes"))
    return html.Div(
        [head, html.Ul(id="my-shapes", className="plan-kept")],
        className="where-part where-kept",
        id="where-kept",
    )


def _when(terms: Terms) -> html.Details:
    ready = [
        html.Button(terms(f"plan_window.{name}"), **act("plan-window", name=name), **data(close="yes"))
        for name in WINDOWS
    ]
    body = [
        html.Div(ready, className="segments plan-windows", role="group", **aria(label=terms("bar.window"))),
        html.Div(id="calendar", className="calendar"),
    ]
    return _popover("when", "calendar", terms("plan.when"), body)


def _versus(terms: Terms) -> html.Details:
    ready = [
        html.Button(
            [html.Strong(terms(f"plan_vs.{key}")), html.Span(id=f"vs-{key}-days", className="quiet tabular")],
            className="plan-choice",
            **act("plan-versus", key=key),
            **data(close="yes"),
        )
        for key in ("before", "year")
    ]
    own = html.Form(
        [
            html.Strong(terms("plan_vs.own")),
            html.Label([html.Span(terms("plan_vs.from")), field("from", "date")]),
            html.Label([html.Span(terms("plan_vs.to")), field("to", "date")]),
            html.Button(terms("plan_vs.use"), type="submit", className="button"),
            html.P("", className="said-note", hidden=True, role="alert"),
        ],
        className="plan-own-days",
        id="vs-own",
        **act("plan-versus-own"),
    )
    return _popover("versus", "same", terms("plan.versus"), [*ready, own])


def _what(terms: Terms, categories: Sequence[Category]) -> html.Details:
    return _popover("what", "filter", terms("plan.what"), category_tree(terms, categories))


def _band(terms: Terms) -> html.Details:
    ready = [
        html.Button(
            [html.Strong(terms(f"plan_band.{name}")), html.Span(_hours(band), className="quiet tabular")],
            className="plan-choice",
            **act("plan-band", band=band),
            **data(close="yes"),
        )
        for name, band in BANDS
    ]
    hours = [html.Option(f"{hour:02d}:00", value=str(hour)) for hour in range(25)]
    own = html.Form(
        [
            html.Label([html.Span(terms("plan_band.from")), html.Select(hours[:24], name="from")]),
            html.Label([html.Span(terms("plan_band.to")), html.Select(hours[1:], name="to")]),
            html.Button(terms("plan_band.use"), type="submit", className="button"),
        ],
        className="plan-own-days",
        id="band-own",
        **act("plan-band-own"),
    )
    return _popover("band", "clock", terms("plan.band"), [*ready, own])


def _hours(band: str) -> str:
    if not band:
        return "0–24"
    first, last = band.split("-")
    return f"{first}–{last}"


def _saved(terms: Terms) -> html.Details:
    form = html.Form(
        [
            field("name", id="save-name", placeholder=terms("plan.save_name"), maxLength="80", autoComplete="off",
                  **aria(label=terms("plan.save_name"))),
            html.Button(terms("plan.save"), type="submit", className="button"),
            html.P("", className="said-note", hidden=True, role="alert"),
        ],
        className="plan-save",
        **act("plan-save"),
    )  # fmt: skip
    copy = html.Button(
        [icon("link"), html.Span(terms("plan.copy"))], className="plan-choice", **act("plan-copy")
    )
    kept = [html.H3(terms("plan.saved")), html.Ul(id="my-questions", className="plan-kept")]
    head = html.Summary([icon("star"), html.Span(terms("plan.questions"))])
    return html.Details(
        [head, html.Div([form, copy, *kept], className="popover-body")],
        className="popover popover-right",
        id="saved",
    )


def _jobs(terms: Terms) -> html.Details:
    head = html.Summary(
        [icon("clock"), html.Span(terms("plan.jobs")), html.Span(id="jobs-open", className="badge-count")]
    )
    body = [
        html.P(terms("plan.jobs_why"), className="quiet"),
        html.Ul(id="my-jobs", className="plan-kept", **aria(live="polite")),
    ]
    return html.Details(
        [head, html.Div(body, className="popover-body")], className="popover popover-right", id="jobs"
    )


def _exports(terms: Terms) -> html.Details:
    kinds = [
        html.A(
            [
                html.Strong(terms(f"plan_export.{kind}")),
                html.Span(terms(f"plan_export.{kind}_why"), className="quiet"),
            ],
            className="plan-choice",
            href=f"/exports/{kind}",
            download="",
            **data(export=kind),
        )
        for kind in EXPORTS
    ]
    body = [*kinds, html.P(terms("plan_export.small"), className="quiet plan-export-note")]
    head = html.Summary([icon("download"), html.Span(terms("plan.export"))], className="plan-primary")
    return html.Details(
        [head, html.Div(body, className="popover-body")], className="popover popover-right", id="take-away"
    )


def _switches(terms: Terms) -> list[Component]:
    label = terms("bar.theme")
    return [
        html.Button(
            terms("bar.language"), className="plain", title=terms("bar.language_hint"), **act("language")
        ),
        html.Button(icon("theme"), className="plain", title=label, **aria(label=label), **act("theme")),
    ]
