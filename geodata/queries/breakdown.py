"""Tickets by category, at any depth of the responsibility list."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, text

from geodata.profile import Profile
from geodata.queries.compared import RECEIVED_BEFORE, RECEIVED_EITHER, RECEIVED_NOW, compared
from geodata.types import Bilingual, Question, Window

BY_CATEGORY = f"""
    with recursive up as (
        select id as leaf, id, parent_id, level from categories
        union all select up.leaf, k.id, k.parent_id, k.level from up join categories k on k.id = up.parent_id),
    head as (select distinct on (leaf) leaf, id from up where level <= :depth order by leaf, level desc),
    counted as (
        select t.category_id, count(*) filter (where {RECEIVED_NOW}) as n, count(*) filter (where {RECEIVED_BEFORE}) as before
        from tickets t where {{where}} and {RECEIVED_EITHER} group by 1)
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
    where = compared(c, profile, q, before)
    found = c.execute(text(BY_CATEGORY.format(where=where.sql)), where.parameters | {"depth": depth}).all()
    total = sum(row.n for row in found)
    return [
        BreakdownRow(
            row.code, Bilingual(row.name, row.name_en or row.name), row.n, row.before if before else None,
            row.n / total if total else None, row.scheme, row.parent,
        )
        for row in found
    ]  # fmt: skip
