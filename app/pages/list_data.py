"""One page of the ticket list behind a figure, read and made into its drawer."""

from __future__ import annotations

from datetime import datetime

from dash.development.base_component import Component
from sqlalchemy import Connection

from app.http.layers import layer_for_reader
from app.pages.command_list import ticket_list
from app.pages.list_asked import ROWS, Asked, filters_of
from app.terms import Terms
from geodata.profile import Profile
from geodata.queries import areas, categories, tickets
from geodata.queries.tickets import TicketPage
from geodata.types import OPEN_STATES, Question


def page(c: Connection, profile: Profile, q: Question, asked: Asked, now: datetime) -> TicketPage:
    """The rows of one page."""
    offset = (asked.page - 1) * ROWS
    return tickets.page(
        c, profile, q, filters_of(asked), now=now, sort=asked.order, offset=offset, limit=ROWS
    )


def drawer(
    c: Connection, profile: Profile, terms: Terms, q: Question, asked: Asked, *, now: datetime
) -> list[Component]:
    """One page of a list, ready to be shown; denied to a role that may not see single tickets."""
    layer_for_reader("tickets")
    found = page(c, profile, q, asked, now)
    area = areas.get_area(c, profile, q.area or profile.code, on=q.window.last)
    what, where = title(c, terms, asked, found), terms.pick(area.name, area.name_en)
    return ticket_list(terms, profile, q, asked, found=found, said=f"{where} · {what}")


def title(c: Connection, terms: Terms, asked: Asked, found: TicketPage) -> str:
    """What the list shows, in words."""
    words = asked.words
    if "overdue" in words:
        return terms("filter.overdue")
    if words.get("state") == OPEN_STATES:
        return terms("filter.open")
    said = [terms.either("ticket_state", state) for state in words.get("state", ())]
    said += [terms(f"filter.{'on_time' if how == 'on_time' else 'late'}") for how in words.get("due", ())]
    said += [terms.either("filter", place) for place in words.get("place", ())]
    said += _category_names(c, terms, words.get("within", ())) if "within" in words else []
    said += [found.tickets[0].source_name if found.tickets else key for key in words.get("source", ())]
    return " · ".join(said) or terms("list.all")


def _category_names(c: Connection, terms: Terms, codes: tuple[str, ...]) -> list[str]:
    return [terms.pick(each.name, each.name_en) for each in categories.tree(c) if each.code in codes][:1]
