"""The data operator's page /data: steps at the left, one question beside them, and what the file holds at the right.

The question and the steps are HTML of the server, asked for again by assets/data/data-page.js; the map and the table
are laid out once and filled by it. Where one stands is in the address, so that a reload goes on.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import dash_ag_grid as dag
from dash import dcc, html
from dash.development.base_component import Component

from app.components.actions import act, aria, data
from app.components.icons import icon
from app.components.markup import markup
from app.components.script_words import script_words
from app.http.uploads import WHO
from app.map.view import map_view
from app.pages.person_menu import person_menu
from app.pages.planning_grid import THEME
from app.pages.state import GROUND
from app.terms import Terms, all_terms
from geodata.commands.accounts import Account
from geodata.profile import Profile
from layers.base import Layer

__all__ = ["WHO", "Frame", "page"]
FINDINGS = (
    ("severity", 104),
    ("row", 76),
    ("column", 130),
    ("value", 170),
    ("message", 300),
    ("action", 190),
)


@dataclass(frozen=True, slots=True)
class Frame:
    """What the page needs before anything is asked."""

    profile: Profile
    account: Account
    terms: Terms
    theme: str
    layers: Sequence[Layer]


def page(frame: Frame) -> html.Div:
    """The whole page, its question still in the shape of what comes."""
    terms = frame.terms
    shown = [layer for layer in frame.layers if layer.key in GROUND]
    return html.Div(
        [
            html.A(terms("data.skip"), href="#data-side", className="skip"),
            html.Header(className="bar", **data(markup=markup(_bar(frame)))),
            html.Div(id="data-side", className="data-side waiting", tabIndex=-1),
            html.Section(
                [
                    html.Div(map_view(frame.profile, shown, terms.language, frame.theme, snap=0.25), id="map-frame", className="map-frame"),
                    html.Div(id="data-legend", className="data-legend", hidden=True),
                ],
                className="data-map", **aria(label=terms("data.map")),
            ),
            html.Section(_grid(), className="data-table", id="data-table", **aria(label=terms("data.table"))),
            *(dcc.Store(id=name) for name in ("view", "picked")),
        ],
        id="data-page", className="data-page", **_facts(frame),
    )  # fmt: skip


def _bar(frame: Frame) -> list[Component]:
    terms = frame.terms
    brand = html.A(
        [html.Img(src="/assets/icon.svg", alt=""), terms("brand.name")],
        href=f"/data?lang={terms.language}",
        className="brand",
    )
    theme = terms("bar.theme")
    tools: list[Component] = [
        html.Button(
            terms("bar.language"), className="plain", title=terms("bar.language_hint"), **act("data-language")
        ),
        html.Button(icon("theme"), className="plain", title=theme, **aria(label=theme), **act("data-theme")),
        person_menu(frame.terms, frame.account, "data"),
    ]
    return [
        brand,
        html.H1(terms("data.title"), className="data-title"),
        html.Div(tools, className="bar-tools"),
    ]


def _grid() -> dag.AgGrid:
    """The table of rows or of findings; its columns and rows come with the step."""
    options = {
        "theme": {"function": " ".join(THEME.split())},
        "animateRows": False,
        "suppressDragLeaveHidesColumns": True,
        "enableCellTextSelection": True,
        "tooltipShowDelay": 400,
        "rowSelection": {"mode": "singleRow", "checkboxes": False, "enableClickSelection": True},
    }
    return dag.AgGrid(
        id="data-grid", columnDefs=[], rowData=None, dashGridOptions=options,
        defaultColDef={"sortable": True, "resizable": True, "suppressMovable": True, "minWidth": 64},
        style={"height": "100%", "width": "100%"}, className="data-ag",
    )  # fmt: skip


def _facts(frame: Frame) -> dict[str, Any]:
    terms = frame.terms
    words = {
        key.removeprefix("data_js."): both.in_(terms.language)
        for key, both in all_terms().items()
        if key.startswith(("data_js.", "plan_grid."))
    }
    columns = [
        {
            "field": name,
            "headerName": terms(f"data_column.{name}"),
            "width": width,
            **({"flex": 1} if name == "message" else {}),
        }
        for name, width in FINDINGS
    ]
    facts = {
        "root": frame.profile.code,
        "bbox": ",".join(map(str, frame.profile.bbox)),
        "lang": terms.language,
        "ground": ",".join(GROUND),
        "data-words": json.dumps(words, ensure_ascii=False),
        "columns": json.dumps(columns, ensure_ascii=False),
        "number": terms("data_column.number"),
    }
    return {f"data-{key}": value for key, value in facts.items()} | script_words(terms)
