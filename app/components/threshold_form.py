"""Changing a threshold: its numbers, what they would have raised in the last 30 days beside what is raised now, history."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from dash import html
from dash.development.base_component import Component

from app.components import running_time
from app.components.actions import act, aria, data
from app.components.field import field
from app.components.icons import icon
from app.components.levels import mark
from app.components.threshold_table import figure, subject_name, unit
from app.terms import Terms
from geodata.queries.backtest import Backtest, Told
from geodata.queries.thresholds import ThresholdRow
from geodata.types import LEVELS


def threshold_form(
    terms: Terms,
    zone: ZoneInfo,
    now: datetime,
    rule: str,
    subject: str,
    *,
    name: str | None,
    limits: Mapping[str, Any],
    history: Sequence[ThresholdRow],
    may: bool,
    previews: bool,
) -> html.Article:
    """The whole form; the preview comes as one types."""
    levels = [
        _number(terms, key, limits.get(key), mark(terms, key), may=may) for key in LEVELS if key in limits
    ]
    others = [
        key
        for key, value in limits.items()
        if key not in (*LEVELS, "unit") and isinstance(value, int | float)
    ]
    fine = [_number(terms, key, limits[key], terms.either("limit", key), may=may) for key in others]
    close = html.Button(
        icon("close"),
        type="button",
        className="plain",
        **act("case-close"),
        **aria(label=terms("case.close")),
    )
    head = html.Header(
        [
            html.Div(
                [
                    html.P(terms(f"rule.{rule}"), className="quiet"),
                    html.H2(subject_name(terms, subject, name), tabIndex=-1),
                ]
            ),
            close,
        ],
        className="sheet-head",
    )
    body: list[Component | None] = [
        html.P(terms("admin.levels_in", unit=unit(terms, limits)), className="quiet"),
        html.Div(levels, className="level-fields"),
        html.Details([html.Summary(terms("admin.fine")), html.Div(fine, className="fine-fields")])
        if fine
        else None,
        html.Div(id="preview", className="preview", **aria(live="polite")) if previews and may else None,
        html.P(terms("admin.no_preview"), className="quiet") if may and not previews else None,
    ]
    if may:
        body += [
            html.Label([terms("admin.why"), field("why", maxLength="300")]),
            html.P("", className="said-note", hidden=True, role="alert"),
            html.Div(
                [
                    html.Button(
                        terms("admin.set"), type="submit", className="button primary", **data(press="set")
                    ),
                    html.Button(
                        terms("admin.back"),
                        type="button",
                        className="button plain-button",
                        **act("threshold-reset"),
                    ),
                ],
                className="sheet-does",
            ),
        ]
    form = html.Form(
        [part for part in body if part is not None],
        id="threshold-form",
        **act("threshold-set", rule=rule, subject=subject),
        **data(previews="yes" if previews and may else "no", shown=_shown(limits)),
    )
    return html.Article(
        [head, form, _history(terms, zone, now, history)], className="sheet", **data(key=f"{rule}:{subject}")
    )


def _shown(limits: Mapping[str, Any]) -> str:
    return ",".join(f"{key}={value:g}" for key, value in limits.items() if isinstance(value, int | float))


def _number(terms: Terms, key: str, value: Any, label: Component | str, *, may: bool) -> html.Label:  # noqa: ARG001
    box = field(
        key,
        "number",
        required=False,
        step="any",
        value=figure(value) if value is not None else "",
        disabled=not may,
    )
    return html.Label([label, box])


def preview(terms: Terms, it: Backtest) -> list[Component]:
    """Two counts over the same days, by level and by day, so that the difference is seen before it is set."""
    title = html.H3(terms("admin.would_have", days=it.days, n=it.subjects))
    since = html.P(
        terms("admin.no_data") if it.since is None else "", className="quiet", hidden=it.since is not None
    )
    most = max([*it.now.by_day, *it.then.by_day, 1])
    return [
        title,
        since,
        html.Div([_side(terms, "now", it.now, most), _side(terms, "then", it.then, most)], className="sides"),
    ]


def _side(terms: Terms, which: str, told: Told, most: int) -> html.Div:
    bars = [html.I(style={"height": f"{count / most * 100:.0f}%"}, title=str(count)) for count in told.by_day]
    levels = [html.Li([mark(terms, level), html.Span(str(told.by_level.get(level, 0)))]) for level in LEVELS]
    return html.Div(
        [
            html.P(terms(f"admin.{which}"), className="quiet"),
            html.P(html.Strong(str(told.total)), className="side-total"),
            html.Div(bars, className="side-days", role="img", **aria(label=terms("admin.by_day"))),
            html.Ul(levels),
        ],
        className=f"side side-{which}",
    )


def _history(terms: Terms, zone: ZoneInfo, now: datetime, rows: Sequence[ThresholdRow]) -> html.Section:
    items = [
        html.Li(
            [
                running_time.at(row.valid_from, zone, now),
                html.Strong(terms("admin.shipped") if row.author == "system" else row.author),
                html.Span(" / ".join(figure(row.limits.get(level)) for level in LEVELS), className="numbers"),
                html.Span(row.why or "", className="quiet"),
            ]
        )
        for row in rows
    ]
    inner: Component = html.Ol(items) if items else html.P(terms("admin.no_history"), className="quiet")
    return html.Section([html.H3(terms("admin.history")), inner], className="sheet-history")
