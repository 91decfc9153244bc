"""What stands where no page is."""

from __future__ import annotations

from dash import html

from app.terms import Terms


def page(terms: Terms) -> html.Main:
    """One sentence and the way back."""
    go = html.A(terms("not_found.go"), href="/command", className="button")
    return html.Main(
        [html.H1(terms("not_found.title")), html.P(terms("not_found.hint"), className="quiet"), html.P(go)],
        className="page-plain",
    )
