"""The designed states of a panel besides having something to show: empty, stale, failed, denied.

The fifth, loading, is the shape of what comes, drawn by the style sheet while a panel is still empty.
"""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component

from app.components.actions import act
from app.components.icons import icon
from app.terms import Terms


def empty(why: str, hint: str | None = None) -> html.Div:
    """Nothing to show: why, and what to try."""
    return html.Div(
        [html.P(why), html.P(hint, className="quiet") if hint else None], className="state state-empty"
    )


def stale(terms: Terms, since: str, body: Component) -> html.Div:
    """What was last known, greyed, and since when."""
    note = html.P([icon("warning"), terms("state.stale", since=since)], className="state-note")
    return html.Div([note, html.Div(body, className="stale-body")], className="state-stale")


def failed(terms: Terms, sentence: str, *, again: bool = True) -> html.Div:
    """One sentence on what went wrong, and a retry; or the way back where trying again cannot help."""
    button: Component = html.Button(terms("state.retry"), className="button", **act("retry"))
    if not again:
        button = html.A(terms("state.whole"), href="/command", className="button")
    return html.Div(
        [html.P([icon("warning"), sentence]), button], className="state state-failed", role="alert"
    )


def denied(terms: Terms, sentence: str | None = None) -> html.Div:
    """The account may not see this."""
    return html.Div([html.P(sentence or terms("state.denied"))], className="state state-denied", role="alert")
