"""The ticket list behind a figure: a drawer over the map with the same count, paged on the server."""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component

from app.components import states
from app.components.actions import act, aria
from app.components.icons import icon
from app.components.numbers import count
from app.components.ticket_table import Order, ticket_table
from app.components.times import span
from app.pages.list_asked import ROWS, Asked, export_link
from app.terms import Terms
from geodata.profile import Profile
from geodata.queries.tickets import TicketPage
from geodata.types import Question


def ticket_list(
    terms: Terms, profile: Profile, q: Question, asked: Asked, *, found: TicketPage, said: str, export: str | None = None
) -> list[Component]:  # fmt: skip
    """The drawer's parts; `export` is where all of it can be taken away, when that is not the tickets' own door."""
    window = terms("dossier.overdue_now") if "overdue" in asked.words else span(q.window.first, q.window.last)
    head = html.Div(
        [
            html.H2(
                [
                    terms("list.title"),
                    html.Span(terms("list.total", n=count(found.total)), className="unit", id="list-total"),
                ]
            ),
            html.Span(f"{said} · {window}", className="list-what"),
            html.Div(_tools(terms, asked, found, export or export_link(q, asked)), className="list-tools"),
        ],
        className="list-head",
    )
    if not found.total:
        return [head, states.empty(terms("list.empty"), terms("list.empty_hint"))]
    table = ticket_table(terms, profile.zone, found.tickets, Order(asked.sort, asked.down))
    return [head, html.Div(table, className="list-scroll")]


def in_drawer(terms: Terms, why: html.Div) -> list[Component]:
    """A state of the drawer, which can still be closed."""
    return [
        html.Div(
            [html.H2(terms("list.title")), html.Div(_close(terms), className="list-tools")],
            className="list-head",
        ),
        why,
    ]


def _close(terms: Terms) -> html.Button:
    label = terms("list.close")
    return html.Button(
        icon("close"), className="plain", title=label, **act("close", what="list"), **aria(label=label)
    )


def _tools(terms: Terms, asked: Asked, found: TicketPage, export: str) -> list[Component]:
    pages = max(1, -(-found.total // ROWS))
    first = (asked.page - 1) * ROWS + 1
    shown = terms(
        "list.range", first=count(min(first, found.total)), last=count(min(first + ROWS - 1, found.total))
    )
    return [
        html.Span(shown, title=terms("list.pages", page=count(asked.page), pages=count(pages))),
        _turn(terms("list.previous"), "back", asked.page - 1, pages),
        _turn(terms("list.next"), "next", asked.page + 1, pages),
        html.A(
            [icon("download"), terms("list.export")],
            href=export,
            download="",
            className="button",
        ),
        _close(terms),
    ]


def _turn(label: str, sign: str, page: int, pages: int) -> html.Button:
    return html.Button(
        icon(sign),
        className="plain",
        disabled=not 1 <= page <= pages,
        title=label,
        **act("page", page=page),
        **aria(label=label),
    )
