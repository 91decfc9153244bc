"""The five figures a commander reads first: how many, what is overdue, in time, open, and on the map."""

from __future__ import annotations

from dash import html

from app.components.figures import Figure, figure
from app.components.numbers import change, change_in_points, count, percent, share
from app.pages.dossier_data import Dossier
from app.terms import Terms
from geodata.queries.tickets import Figures
from geodata.types import OPEN_STATES

OPEN_FILTER = "state=" + "+".join(OPEN_STATES)


def figures(terms: Terms, it: Dossier) -> html.Div:
    """The first one large, the others two by two; each opens the list behind it."""
    now = it.summary.tickets
    before = now.previous or now
    each = (
        _total(terms, now, before),
        _overdue(terms, now),
        _on_time(terms, now, before),
        _open(terms, now),
        _located(terms, now, before),
    )
    return html.Div([figure(terms, one) for one in each], className="figures")


def _total(terms: Terms, now: Figures, before: Figures) -> Figure:
    moved = change(now.total, before.total)
    return Figure(
        "total",
        terms("dossier.tickets"),
        count(now.total),
        terms("dossier.pieces"),
        moved,
        count(before.total),
        filter="",
    )


def _overdue(terms: Terms, now: Figures) -> Figure:
    return Figure(
        "overdue", terms("dossier.overdue"), count(now.overdue), before=terms("dossier.overdue_now"), filter="overdue=1",
        note=terms("dossier.overdue_why"), alarm=bool(now.overdue),
    )  # fmt: skip


def _on_time(terms: Terms, now: Figures, before: Figures) -> Figure:
    late = count(now.due - now.closed_on_time)
    return Figure(
        "on_time", terms("dossier.on_time"), percent(now.on_time_rate),
        change=change_in_points(now.on_time_rate, before.on_time_rate, "up", terms("dossier.points")),
        before=percent(before.on_time_rate), filter="due=late",
        note=terms("dossier.on_time_why", due=count(now.due), late=late) if now.due else terms("dossier.on_time_none"),
    )  # fmt: skip


def _open(terms: Terms, now: Figures) -> Figure:
    waiting = sum(now.by_state.get(state, 0) for state in OPEN_STATES)
    part = terms("dossier.open_share", share=percent(share(waiting, now.total)))
    return Figure(
        "open",
        terms("dossier.open"),
        count(waiting),
        before=part,
        filter=OPEN_FILTER,
        note=terms("dossier.open_why"),
    )


def _located(terms: Terms, now: Figures, before: Figures) -> Figure:
    part, part_before = share(now.located, now.total), share(before.located, before.total)
    return Figure(
        "located", terms("dossier.located"), percent(part), change=change_in_points(part, part_before, "up", terms("dossier.points")),
        before=percent(part_before), filter="place=located",
        note=terms("dossier.located_why", default=count(now.default_point), unlocated=count(now.unlocated)),
    )  # fmt: skip
