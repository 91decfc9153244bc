"""Tickets by category, at any depth of the responsibility list."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, text

from geodata.cube import dossier_answers
from geodata.profile import Profile
from geodata.queries.compared import RECEIVED_BEFORE, RECEIVED_EITHER, RECEIVED_NOW, compared
from geodata.types import Bilingual, Question, Window

COUNTED = f"""
    select t.category_id, count(*) filter (where {RECEIVED_NOW}) as n, count(*) filter (where {RECEIVED_BEFORE}) as before
    from tickets t where {{where}} and {RECEIVED_EITHER} group by 1"""
READY = """
    select * from unnest(cast(:keys as bigint[]), cast(:counts as bigint[]), cast(:earlier as bigint[]))
        as r (category_id, n, before)"""
BY_CATEGORY = """
    with recursive up as (
        select id as leaf, id, parent_id, level from categories
        union all select up.leaf, k.id, k.parent_id, k.level from up join categories k on k.id = up.parent_id),
    head as (select distinct on (leaf) leaf, id from up where level <= :depth order by leaf, level desc),
    counted as ({counted})
    select k.code, k.scheme, k.name, k.name_en, p.code as parent, sum(x.n)::bigint as n, sum(x.before)::bigint as before
    from counted x join head h on h.leaf = x.category_id join categories k on k.id = h.id
    left join categories p on p.id = k.parent_id
    group by k.id, p.code order by sum(x.n) desc, k.code, k.scheme"""


@dataclass(frozen=True, slots=True)
class BreakdownRow:
    """One category; equal codes of two trees (`scheme`) are two rows. `share` is of all tickets of the question."""

    code: str
    title: Bilingual
    count: int | None
    before: int | None
    share: float | None
    scheme: str = ""
    parent: str | None = None
    hidden: bool = False
    before_hidden: bool = False


def breakdown(
    c: Connection, profile: Profile, q: Question, before: Window | None, depth: int = 1
) -> list[BreakdownRow]:
    """Count the tickets of a question by the category `depth` steps from the top, or by their own where that is higher."""
    counted, values = _from_cube(c, profile, q, before) or _from_rows(c, profile, q, before)
    found = c.execute(text(BY_CATEGORY.format(counted=counted)), values | {"depth": depth}).all()
    total = sum(row.n for row in found)
    return [
        BreakdownRow(
            row.code, Bilingual(row.name, row.name_en or row.name), row.n, row.before if before else None,
            row.n / total if total else None, row.scheme, row.parent,
        )
        for row in found
    ]  # fmt: skip


def _from_rows(
    c: Connection, profile: Profile, q: Question, before: Window | None
) -> tuple[str, dict[str, Any]]:
    where = compared(c, profile, q, before)
    return COUNTED.format(where=where.sql), dict(where.parameters)


def _from_cube(
    c: Connection, profile: Profile, q: Question, before: Window | None
) -> tuple[str, dict[str, Any]] | None:
    found: list[dict[int, int]] = []
    for window in (q.window, before):
        ready = dossier_answers.groups(c, profile, replace(q, window=window)) if window else (([], []),)
        if ready is None:
            return None
        groups, _ = ready[0]
        found.append({group.category_id: group.n for group in groups if group.category_id is not None})
    now, earlier = found
    keys = sorted(now.keys() | earlier.keys())
    values = {"keys": keys, "counts": [now.get(key, 0) for key in keys], "earlier": [earlier.get(key, 0) for key in keys]}  # fmt: skip
    return READY, values
