"""Tickets by day of the week and hour of the day."""

from __future__ import annotations

import numpy as np
from sqlalchemy import Connection, text

from geodata.cube import dossier_answers
from geodata.profile import Profile
from geodata.queries.question import condition
from geodata.types import Question

BY_HOUR = """
    select extract(isodow from at)::int as weekday, extract(hour from at)::int as hour, count(*) as n
    from (select t.received_at at time zone :hour_zone as at from tickets t where {where}) local group by 1, 2"""


def matrix(c: Connection, profile: Profile, q: Question) -> list[list[int]]:
    """Seven rows from Monday on of 24 hours each, in the district's time."""
    ready = dossier_answers.hours(c, profile, q)
    if ready is not None:
        week = np.zeros((7, 24), np.int64)
        np.add.at(week, (q.window.first.weekday() + np.arange(len(ready))) % 7, ready)
        return [[int(n) for n in day] for day in week]
    where = condition(c, profile, q)
    found = c.execute(
        text(BY_HOUR.format(where=where.sql)), where.parameters | {"hour_zone": profile.time_zone}
    )
    counted = {(row.weekday, row.hour): int(row.n) for row in found}
    return [[counted.get((weekday, hour), 0) for hour in range(24)] for weekday in range(1, 8)]
