"""Pages that are plain HTML: they open at once on a phone, and a few scripts keep them up to date."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Any

from dash import html
from dash.development.base_component import Component
from fastapi import Request
from starlette.responses import HTMLResponse

from app.components.markup import markup
from app.components.script_words import script_words
from app.terms import Terms

STYLES = ("tokens", "base", "levels", "command-case", "plain")
PAGES = (("command", "/command"), ("inbox", "/inbox"), ("shift", "/shift"))
SCRIPTS = ("fragments/ask", "fragments/morph", "fragments/press", "fragments/times", "live/live")


def plain_page(
    request: Request,
    terms: Terms,
    title: str,
    body: Sequence[Component | None],
    *,
    name: str,
    zone: str,
    theme: str = "dark",
) -> HTMLResponse:
    """A whole page `name` (its style sheet and its script, `page/` that name), in one language and theme."""
    lang = "en" if terms.language == "en" else "zh-CN"
    asked = request.query_params.get("theme", theme)
    look = "light" if asked == "light" else "dark"
    version = getattr(request.app.state, "version", "")
    styles = "".join(
        f'<link rel="stylesheet" href="/assets/{file}.css?v={escape(version)}">' for file in (*STYLES, name)
    )
    scripts = "".join(
        f'<script src="/assets/{file}.js?v={escape(version)}" defer></script>'
        for file in (*SCRIPTS, f"page/{name}")
    )
    about: dict[str, Any] = {"data-zone": zone, **script_words(terms)}
    main = html.Div(list(body), className=f"plain-page plain-{name}", **about)
    return HTMLResponse(
        f'<!DOCTYPE html><html lang="{lang}" data-theme="{look}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)} · {escape(terms('brand.name'))}</title>"
        f'<link rel="icon" href="/assets/icon.svg" type="image/svg+xml">{styles}{scripts}</head>'
        f"<body>{markup(main)}</body></html>"
    )


def top(terms: Terms, title: str, tools: Sequence[Component], *, path: str, desk: bool) -> html.Header:
    """The bar of such a page: its name, the way to the others for those who have a desk, the other language."""
    links = [
        html.A(terms(f"inbox.{key}" if key != "inbox" else "inbox.title"), href=f"{to}?lang={terms.language}")
        for key, to in PAGES
        if desk and to != path
    ]
    other = "zh" if terms.language == "en" else "en"
    swap = html.A(terms("inbox.other"), href=f"{path}?lang={other}", className="plain-other")
    brand = html.Span([html.Img(src="/assets/icon.svg", alt=""), html.H1(title)], className="plain-title")
    return html.Header([brand, *tools, html.Nav([*links, swap])], className="plain-top")
