"""A large figure with its small unit, its change on the period before, and the list behind it."""

from __future__ import annotations

from dataclasses import dataclass

from dash import html
from dash.development.base_component import Component

from app.components.actions import act, data
from app.components.icons import icon
from app.components.numbers import MISSING, Change
from app.terms import Terms


@dataclass(frozen=True, slots=True)
class Figure:
    """What a figure says; `filter` names the list of tickets behind it, `note` is read on hover."""

    key: str
    label: str
    value: str
    unit: str = ""
    change: Change | None = None
    before: str | None = None
    filter: str | None = None
    note: str | None = None
    alarm: bool = False


def figure(terms: Terms, it: Figure) -> Component:
    """A figure as a button when a list stands behind it, else as text."""
    number = html.Span(
        [
            html.Span(it.value, className="figure-number"),
            html.Span(it.unit, className="unit") if it.unit else None,
        ],
        className="figure-value",
    )
    parts = [html.Span(it.label, className="figure-label"), number, _moved(terms, it)]
    name = f"figure figure-{it.key}" + (" alarm" if it.alarm else "")
    tip = it.note or (terms("state.missing") if it.value == MISSING else None)
    about = data(figure=it.key, tip=tip)
    if it.filter is None or it.value == MISSING:
        return html.Div(parts, className=name, **about)
    return html.Button(parts, className=name, **about, **act("list", filter=it.filter))


def moved(change: Change, hover: str | None = None) -> html.Span:
    """An arrow and a sign; a dash where there was nothing to compare with."""
    if change.direction == "unknown":
        return html.Span(MISSING, className="change even", title=hover)
    sign = icon({"up": "up", "down": "down", "same": "same"}[change.direction])
    return html.Span([sign, change.text], className=f"change {change.news}", title=hover)


def _moved(terms: Terms, it: Figure) -> Component | None:
    if it.change is None:
        return html.Span(it.before or "\u00a0", className="change even")
    hover = terms("figure.before", value=it.before) if it.before else terms("figure.no_before")
    return moved(it.change, hover)
