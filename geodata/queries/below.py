"""How the areas one level below another compare: tickets of a question, of the window before, and per km²."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, text

from geodata.cube import dossier_answers
from geodata.profile import Profile
from geodata.queries.areas import Area, children
from geodata.queries.question import condition, span
from geodata.types import Question

COUNTED = """
    select u.ancestor_code as code, sum(n) filter (where now)::bigint as now, sum(n) filter (where not now)::bigint as before
    from (select t.area_id, t.received_at >= :start as now, count(*) as n
          from tickets t where {where} and t.received_at >= :before and t.received_at < :end
          and (t.received_at >= :start or t.received_at < :before_end) group by 1, 2) counted
    join area_ancestors u on u.area_id = counted.area_id
    where u.ancestor_code = any(:codes) group by 1"""


@dataclass(frozen=True, slots=True)
class Below:
    """One area below with its tickets now and in the window before."""

    area: Area
    tickets: int
    before: int
    per_km2: float | None


def below(c: Connection, profile: Profile, q: Question) -> list[Below]:
    """The areas one level down, most tickets first; tickets without an area are in none of them."""
    areas = children(c, profile, q.area or profile.code, q.window.last)
    counts = _from_cube(c, profile, q, areas)
    if counts is None:
        counts = _from_rows(c, profile, q, areas)
    return sorted(
        (_below(area, *counts.get(area.code, (0, 0))) for area in areas),
        key=lambda each: (-each.tickets, each.area.code),
    )


Counts = dict[str, tuple[int, int]]  # by area code: now, before


def _from_cube(c: Connection, profile: Profile, q: Question, areas: Sequence[Area]) -> Counts | None:
    counted = dossier_answers.by_area(c, profile, q)
    if counted is None:
        return None
    found: Counts = {}
    held = "select area_id, ancestor_code from area_ancestors where ancestor_code = any(:codes)"
    for key, code in c.execute(text(held), {"codes": [area.code for area in areas]}):
        now, before = counted.get(key, (0, 0))
        sums = found.get(code, (0, 0))
        found[code] = (sums[0] + now, sums[1] + before)
    return found


def _from_rows(c: Connection, profile: Profile, q: Question, areas: Sequence[Area]) -> Counts:
    where = condition(c, profile, q, timed=False)
    start, end = span(q)
    back = q.window.start - q.window.previous().start
    spans = {"start": start, "end": end, "before": start - back, "before_end": end - back}
    rows = c.execute(
        text(COUNTED.format(where=where.sql)), where.parameters | spans | {"codes": [a.code for a in areas]}
    )
    return {row.code: (row.now or 0, row.before or 0) for row in rows}


def _below(area: Area, tickets: int, before: int) -> Below:
    return Below(area, tickets, before, tickets / area.area_km2 if area.area_km2 else None)
