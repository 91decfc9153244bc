"""The tickets of a question counted in every area of the chain at once, so that sums and parts can be held together."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from sqlalchemy import Connection, text

from geodata.profile import Profile
from geodata.queries.compared import DUE_NOW, RECEIVED_BEFORE, RECEIVED_EITHER, RECEIVED_NOW, compared
from geodata.types import Question, Window

# Every area version with the codes from the top down to itself; versions with the same way are one node.
CHAINS = f"""
    with counted as (
        select t.area_id, count(*) filter (where {RECEIVED_NOW}) as n, count(*) filter (where {RECEIVED_BEFORE}) as before,
               count(*) filter (where {DUE_NOW}) as due
        from tickets t where {{where}} and ({RECEIVED_EITHER} or {DUE_NOW}) group by 1)
    select coalesce(w.way, array[]::text[]) as way, sum(x.n)::bigint as n, sum(x.before)::bigint as before,
           sum(x.due)::bigint as due
    from counted x left join lateral (
        select array_agg(u.ancestor_code order by u.steps desc) as way from area_ancestors u where u.area_id = x.area_id) w
        on true
    group by 1"""
Counted = tuple[int, int, int]


@dataclass(slots=True)
class Node:
    """An area on one way from the top: counts received now and before, and due, of itself and all below."""

    code: str
    counts: list[int] = field(default_factory=lambda: [0, 0, 0])
    below: dict[str, Node] = field(default_factory=dict)


def area_tree(c: Connection, profile: Profile, q: Question, before: Window | None) -> Node:
    """All tickets of a question as a tree of areas; those of no known area count at the top only."""
    where = compared(c, profile, q, before)
    found = c.execute(text(CHAINS.format(where=where.sql)), where.parameters).all()
    return grow((tuple(row.way), (row.n, row.before, row.due)) for row in found)


def grow(counted: Iterable[tuple[tuple[str, ...], Counted]]) -> Node:
    """A tree from ways and the counts at their ends."""
    root = Node("")
    for way, counts in counted:
        node = root
        _add(node, counts)
        for code in way:
            node = node.below.setdefault(code, Node(code))
            _add(node, counts)
    return root


def _add(node: Node, counts: Counted) -> None:
    for n, count in enumerate(counts):
        node.counts[n] += count
