"""Parts of a panel that fold, each with a title, a quiet word beside it and its body."""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component

from app.components.actions import data


def section(
    key: str,
    title: str,
    body: Component | list[Component],
    aside: Component | str | None = None,
    *,
    opened: bool = True,
) -> html.Details:
    """A folding section; the browser remembers by key what was folded."""
    head = html.Summary(
        [html.H3(title), html.Span(aside, className="section-aside")], className="section-head"
    )
    return html.Details(
        [head, html.Div(body, className="section-body")],
        open=opened,
        className="section",
        **data(section=key),
    )


def rows(pairs: list[tuple[str, Component | str]], name: str = "") -> html.Dl:
    """Terms and their values, one a line."""
    lines = [html.Div([html.Dt(term), html.Dd(value)]) for term, value in pairs]
    return html.Dl(lines, className=f"rows {name}")
