"""The band that marks whatever belongs to a drill 演练, so that nobody takes it for true."""

from __future__ import annotations

from dash import html

from app.terms import Terms


def drill_band(terms: Terms, *, drill: bool) -> html.P | None:
    """A hatched band with the word; None for what is true."""
    return html.P(terms("case.drill_band"), className="drill-band", role="note") if drill else None
