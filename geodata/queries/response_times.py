"""How long tickets take and how many are late."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple

import numpy as np
from sqlalchemy import Connection, text

from geodata.cube import dossier_answers
from geodata.profile import Profile
from geodata.queries.compared import DUE_NOW, RECEIVED_NOW, RESPONSE_H, compared
from geodata.queries.summary import overdue
from geodata.types import CLOSED_STATES, Question

TIMED = f"""
    select r.received, r.open, r.closed, r.response_h, d.due, d.on_time
    from (select count(*) as received, count(*) filter (where t.closed_at is null) as open,
                 count(*) filter (where t.closed_at is not null) as closed,
                 percentile_cont(array[0.5, 0.9]) within group (order by {RESPONSE_H})
                     filter (where t.closed_at is not null) as response_h
          from tickets t where {{where}} and {RECEIVED_NOW}) r
    cross join (select count(*) as due, count(*) filter (where t.closed_at <= t.due_at) as on_time
                from tickets t where {{where}} and {DUE_NOW}) d"""


class _Row(NamedTuple):
    """What TIMED gives."""

    received: int
    open: int
    closed: int
    response_h: tuple[float, float] | None
    due: int
    on_time: int


@dataclass(frozen=True, slots=True)
class Times:
    """Receipt to closing of what was received in the window and is closed, hours; None where nothing is.

    `on_time_rate` is closed by the deadline / `due` in the window; `open` were received in the window and are not closed;
    `overdue` are open and late now, whenever received.
    """

    response_median_h: float | None
    response_p90_h: float | None
    on_time_rate: float | None
    due: int | None
    open: int | None
    overdue: int | None
    received: int | None = None
    closed: int | None = None
    on_time: int | None = None


def times(c: Connection, profile: Profile, q: Question, *, now: datetime | None = None) -> Times:
    """Measure the tickets of a question; what is overdue is so as of now."""
    where = compared(c, profile, q, None)
    row = _from_cube(c, profile, q) or c.execute(text(TIMED.format(where=where.sql)), where.parameters).one()
    median, p90 = row.response_h or (None, None)
    return Times(
        response_median_h=median, response_p90_h=p90,
        on_time_rate=row.on_time / row.due if row.due else None,
        due=row.due, open=row.open, overdue=overdue(c, where, now or datetime.now(UTC)),
        received=row.received, closed=row.closed, on_time=row.on_time,
    )  # fmt: skip


def _from_cube(c: Connection, profile: Profile, q: Question) -> _Row | None:
    took, ready = dossier_answers.took_h(c, profile, q), dossier_answers.groups(c, profile, q)
    if took is None or ready is None:
        return None
    groups, due = ready[0]
    states = [(group.state, group.n) for group in groups if group.state is not None]
    received, closed = sum(n for _, n in states), sum(n for state, n in states if state in CLOSED_STATES)
    response = tuple(np.quantile(took[0], (0.5, 0.9)).tolist()) if len(took[0]) else None
    return _Row(
        received, received - closed, closed, response, sum(each.due for each in due),
        sum(each.on_time for each in due),
    )  # fmt: skip
