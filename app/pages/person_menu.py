"""The menu of who is signed in: name, role, the other pages the account may open, and signing out."""

from __future__ import annotations

from dash import html

from app.components.actions import aria
from app.components.icons import icon
from app.http import uploads
from app.pages import admin, inbox, shift, wall_fragments
from app.terms import Terms
from geodata.commands.accounts import Account

OTHER_PAGES = {
    "planning": ("planner", "commander", "admin"),
    "inbox": inbox.WHO,
    "shift": shift.WHO,
    "data": uploads.WHO,
    "admin": admin.WHO,
    "wall": wall_fragments.WHO,
}


def person_menu(terms: Terms, account: Account, here: str) -> html.Details:
    """The menu as the page `here` shows it."""
    head = html.Summary(icon("person"), className="plain", **aria(label=terms("bar.person")))
    out = html.Form(
        html.Button(terms("bar.sign_out"), type="submit", className="button"),
        action="/sign-out",
        method="post",
    )
    body = [
        html.P(account.name, className="strong"),
        html.P(terms.either("role", account.role), className="quiet"),
        _elsewhere(terms, account, here),
        out,
    ]
    return html.Details(
        [head, html.Div(body, className="popover-body person")],
        className="popover popover-right",
        id="person",
    )


def _elsewhere(terms: Terms, account: Account, here: str) -> html.Nav:
    links = (
        [html.A(terms("plan.command"), href=f"/command?lang={terms.language}")] if here != "command" else []
    )
    links += [
        html.A(terms(f"queue.{key}"), href=f"/{key}?lang={terms.language}")
        for key, roles in OTHER_PAGES.items()
        if account.role in roles and key != here
    ]
    return html.Nav(links, className="person-links")
