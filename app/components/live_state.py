"""Whether the page hears the server: filled by assets/live/live.js, because only the browser knows."""

from __future__ import annotations

from dash import html

from app.components.actions import aria, data
from app.terms import Terms


def live_state(terms: Terms) -> html.Span:
    """Says that the page is live, or 连接中断 since when."""
    words = {
        "live-state": "",
        "on": terms("live.on"),
        "off": terms("live.off", since="{since}"),
        "out": terms("live.out"),
    }
    return html.Span("", className="live-state", role="status", **data(**words), **aria(live="polite"))
