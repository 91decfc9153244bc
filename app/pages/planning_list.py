"""The tickets behind a mark of the planner's page: what the mark's words mean, and the drawer with its rows.

Words: area=CODE day=2026-11-03 (or two days joined by _) slot=0-13 cell=8a… road=KEY event=NUMBER within=CODE
due=late open=1 overdue=1 before=1 (the window compared with); joined by &.
"""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import urlencode

from dash.development.base_component import Component

from app.components import states
from app.http.layers import layer_for_reader
from app.pages import planning_answers as answers
from app.pages.command_list import in_drawer, ticket_list
from app.pages.list_asked import ROWS, Asked, filters_of
from app.pages.planning_data import Ask
from app.pages.planning_state import days_of
from geodata.errors import BadArgument, NotFound
from geodata.queries import areas, categories, tickets
from geodata.queries.repeated import RepeatedRow, repeated
from geodata.queries.tickets import Filters
from geodata.rules.suppression import LEAST
from geodata.space.hexes import from_text
from geodata.types import Question

Found = tuple[Question, Filters]


def drawer(ask: Ask, asked: Asked) -> list[Component]:
    """One page of a list, ready to be shown; fewer tickets than may be told singly stay untold."""
    layer_for_reader("tickets")
    q, filters = narrowed(ask, asked)
    found = tickets.page(
        ask.c,
        ask.profile,
        q,
        filters,
        now=ask.now,
        sort=asked.order,
        offset=(asked.page - 1) * ROWS,
        limit=ROWS,
    )
    if answers.hides(ask) and 0 < found.total < LEAST:
        return in_drawer(ask.terms, states.empty(ask.terms("plan.list_few"), ask.terms("plan.small")))
    said = title(ask, asked, q)
    return ticket_list(
        ask.terms, ask.profile, q, asked, found=found, said=said, export=export_link(ask, asked)
    )


def narrowed(ask: Ask, asked: Asked) -> Found:
    """The question and filters that a mark's words mean."""
    words = {key: values[0] for key, values in asked.words.items() if values}
    q = ask.earlier if "before" in words else ask.question
    if "day" in words:
        first, _, last = words["day"].partition("_")
        q = replace(q, window=ask.profile.window(*days_of(first, last or first, ask.profile.today())))
    if "area" in words:
        q = _in_area(ask, q, words["area"])
    filters = replace(
        filters_of(asked),
        open="open" in words,
        cell=_cell(words.get("cell")),
        slot=_slot(words.get("slot")),
        stretch=words.get("road"),
        numbers=event(ask, words["event"]).ticket_numbers if "event" in words else (),
    )
    if "road" in words:
        filters = replace(filters, place="located")
    return q, filters


def _in_area(ask: Ask, q: Question, code: str) -> Question:
    """An area of the ranking, met together with the areas of the question where it has any."""
    if not areas.exists(ask.c, ask.profile, code, ask.profile.scheme):
        raise NotFound(f"There is no area with the code “{code[:40]}” here.")
    mine = q.area
    if mine and mine != ask.profile.code and not areas.contains(ask.c, mine, code):
        return q
    return replace(q, area=code, scheme=ask.profile.scheme)


def event(ask: Ask, key: str) -> RepeatedRow:
    """A repeated demand of the question by its key."""
    rows = answers.remembered(ask, "repeated", lambda: repeated(ask.c, ask.profile, ask.question)).rows
    found = next((row for row in rows if row.key == key), None)
    if found is None:
        raise NotFound("This event is no longer among the repeated demands; look at the list again.")
    return found


def _cell(text: str | None) -> int | None:
    if not text:
        return None
    try:
        return from_text(text)
    except ValueError:
        raise BadArgument("cell", "This is no H3 cell.") from None


def _slot(text: str | None) -> tuple[int, int] | None:
    day, _, hour = (text or "").partition("-")
    if not (day.isdecimal() and hour.isdecimal() and int(day) < 7 and int(hour) < 24):
        return None
    return int(day), int(hour)


def title(ask: Ask, asked: Asked, q: Question) -> str:
    """What the list shows, in words."""
    terms, words = ask.terms, {key: values[0] for key, values in asked.words.items() if values}
    said = []
    if "area" in words:
        area = areas.get_area(ask.c, ask.profile, words["area"], on=q.window.last)
        said.append(terms.pick(area.name, area.name_en))
    if "within" in words:
        tree = categories.tree(ask.c)
        said += [terms.pick(one.name, one.name_en) for one in tree if one.code == words["within"]][:1]
    if slot := _slot(words.get("slot")):
        said.append(f"{terms('time.weekdays').split(',')[slot[0]]} {slot[1]:02d}:00–{slot[1] + 1:02d}:00")
    said += [
        terms(f"plan_list.{key}")
        for key in ("cell", "road", "event", "open", "overdue", "before")
        if key in words
    ]
    said += [terms(f"filter.{'on_time' if words['due'] == 'on_time' else 'late'}")] if "due" in words else []
    return " · ".join(said) or terms("list.all")


def export_link(ask: Ask, asked: Asked) -> str:
    """Where the whole list can be taken away."""
    return f"/fragments/planning/tickets.csv?{ask.words}&{urlencode({'list': asked.filter})}"
