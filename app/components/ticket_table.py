"""The table of tickets: a page of rows, sortable by its heads, each row opening the ticket's card."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from dash import html
from dash.development.base_component import Component

from app.components.actions import act, aria
from app.components.icons import icon
from app.components.numbers import MISSING
from app.components.times import short_clock
from app.terms import Terms
from geodata.queries.tickets import TicketRow

COLUMNS = (
    ("number", "13%"), ("received_at", "8%"), ("category", "15%"), ("title_column", "20%"), ("address", "19%"),
    ("source", "9%"), ("unit", "9%"), ("due_at", "8%"), ("state", "8%"),
)  # fmt: skip
UNSORTED = ("title_column",)


@dataclass(frozen=True, slots=True)
class Order:
    """The column by which rows stand, and which way."""

    column: str
    down: bool


def ticket_table(terms: Terms, zone: ZoneInfo, tickets: Sequence[TicketRow], order: Order) -> html.Table:
    """Rows as they come, under heads that sort."""
    columns = html.Colgroup([html.Col(style={"width": width}) for _, width in COLUMNS])
    heads = html.Tr([_head(terms, name, order) for name, _ in COLUMNS])
    body = html.Tbody([_row(terms, zone, ticket) for ticket in tickets])
    return html.Table([columns, html.Thead(heads), body], className="tickets")


def _head(terms: Terms, name: str, order: Order) -> html.Th:
    label = terms(f"list.{name}")
    if name in UNSORTED:
        return html.Th(label)
    mine = order.column == name
    sign = icon("down" if order.down else "up") if mine else None
    button = html.Button([label, sign], title=terms("list.sort"), **act("sort", key=name))
    sort = ("descending" if order.down else "ascending") if mine else "none"
    return html.Th(button, **aria(sort=sort))


def _row(terms: Terms, zone: ZoneInfo, ticket: TicketRow) -> html.Tr:
    names = ticket.category_names_en if terms.language == "en" else ticket.category_names
    state = html.Span(
        [html.Span(className=f"key tone-{ticket.state}"), terms.either("ticket_state", ticket.state)],
        className="state-mark",
    )
    cells: list[Component] = [
        html.Td(ticket.number, className="number"),
        html.Td(short_clock(ticket.received_at, zone)),
        _cell(names[-1], " › ".join(names)),
        _cell(ticket.title),
        _cell(ticket.address),
        _cell(ticket.source_name),
        _cell(ticket.unit),
        html.Td(
            short_clock(ticket.due_at, zone),
            className="late" if ticket.overdue else "",
            title=terms("list.overdue") if ticket.overdue else None,
        ),
        html.Td(state),
    ]
    label = terms("list.open_ticket", number=ticket.number)
    about = act("card", kind="ticket", key=ticket.number, lon=ticket.lon, lat=ticket.lat)
    return html.Tr(cells, tabIndex=0, **about, **aria(label=label))


def _cell(text: str | None, hover: str | None = None) -> html.Td:
    return html.Td(text or MISSING, title=hover or text)
