"""Which list of tickets is asked for: the words of a figure's filter, a page and an order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, cast
from urllib.parse import parse_qs, urlencode

from geodata.queries.tickets import SORTS, Filters
from geodata.types import Question

ROWS = 50


@dataclass(frozen=True, slots=True)
class Asked:
    """One page of one list: `filter` as a figure writes it, `page` from 1."""

    filter: str
    page: int = 1
    sort: str = "received_at"
    down: bool = True

    @property
    def order(self) -> str:
        """The order as the query names it."""
        return ("-" if self.down else "") + self.sort

    @property
    def words(self) -> dict[str, tuple[str, ...]]:
        """What the filter says, by key."""
        return {key: tuple(values[-1].split()) for key, values in parse_qs(self.filter).items()}


def read_asked(store: dict[str, Any]) -> Asked:
    """The list of the browser's `list` store; what is unreadable falls back."""
    name = store.get("filter") or ""
    at_first = "due_at" if "overdue" in name or "due=" in name else "received_at"
    sort = store.get("sort") or at_first
    down = bool(store.get("down", sort != "due_at"))
    return Asked(name, max(1, int(store.get("page") or 1)), sort if sort in SORTS else at_first, down)


def filters_of(asked: Asked) -> Filters:
    """What a list's filter means to the query."""
    words = asked.words
    return Filters(
        states=words.get("state", ()),
        sources=words.get("source", ()),
        families=words.get("family", ()),
        place=words.get("place", (None,))[0],
        categories=words.get("within", ()),
        overdue="overdue" in words,
        due=cast("Literal['on_time', 'late'] | None", words.get("due", (None,))[0]),
    )


def export_link(q: Question, asked: Asked) -> str:
    """Where the whole list can be taken away as a table."""
    fields = [("from", q.window.first.isoformat()), ("to", q.window.last.isoformat())]
    if q.area:
        fields.append(("area", q.area))
    if q.hours:
        fields.append(("hours", "/".join(moment.isoformat() for moment in q.hours)))
    fields += [("category", code) for code in q.categories or ()]
    fields += [(key, value) for key, values in asked.words.items() for value in values]
    return "/api/tickets/export.csv?" + urlencode(fields)
