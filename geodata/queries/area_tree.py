"""The tickets of a question counted in every area of the chain at once, so that sums and parts can be held together."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, text

from geodata.cube import dossier_answers
from geodata.profile import Profile
from geodata.queries.compared import DUE_NOW, RECEIVED_BEFORE, RECEIVED_EITHER, RECEIVED_NOW, compared
from geodata.queries.ranking import whole_area
from geodata.types import Question, Window

# Every area version with the codes from the top down to itself; versions with the same way are one node.
COUNTED = f"""
    select t.area_id, count(*) filter (where {RECEIVED_NOW}) as n, count(*) filter (where {RECEIVED_BEFORE}) as before,
           0 as due
    from tickets t where {{where}} and {RECEIVED_EITHER} group by 1
    union all
    select t.area_id, 0, 0, count(*) from tickets t where {{where}} and {DUE_NOW} group by 1"""
READY = """
    select * from unnest(cast(:keys as bigint[]), cast(:counts as bigint[]), cast(:earlier as bigint[]),
        cast(:dues as bigint[])) as r (area_id, n, before, due)"""
CHAINS = """
    with counted as ({counted})
    select coalesce(w.way, array[]::text[]) as way, sum(x.n)::bigint as n, sum(x.before)::bigint as before,
           sum(x.due)::bigint as due
    from counted x left join lateral (
        select array_agg(u.ancestor_code order by u.steps desc) as way from area_ancestors u where u.area_id = x.area_id) w
        on true
    group by 1"""
EMPTY = """
    select array_agg(u.ancestor_code order by u.steps desc) as way from areas a join area_ancestors u on u.area_id = a.id
    where a.scheme = :own_scheme and a.valid_from <= :on and (a.valid_to is null or a.valid_to > :on) and {whole}
    group by a.id"""
Counted = tuple[int, int, int]
NOTHING: Counted = (0, 0, 0)


@dataclass(slots=True)
class Node:
    """An area on one way from the top: counts received now and before, and due, of itself and all below."""

    code: str
    counts: list[int] = field(default_factory=lambda: [0, 0, 0])
    below: dict[str, Node] = field(default_factory=dict)


def area_tree(c: Connection, profile: Profile, q: Question, before: Window | None) -> Node:
    """All tickets of a question as a tree of areas; those of no known area count at the top only.

    Areas that are asked about as a whole are there even without a ticket, as they are in a ranking.
    """
    where = compared(c, profile, q, before)
    ready = _from_cube(c, profile, q, before)
    statement = CHAINS.format(counted=COUNTED.format(where=where.sql) if ready is None else READY)
    found = c.execute(text(statement), where.parameters | (ready or {})).all()
    there = c.execute(
        text(EMPTY.format(whole=whole_area(q, profile))),
        where.parameters | {"own_scheme": profile.scheme, "on": q.window.last},
    ).scalars()
    counted = [(tuple(row.way), (row.n, row.before, row.due)) for row in found]
    return grow([*counted, *((tuple(way), NOTHING) for way in there)])


def _from_cube(c: Connection, profile: Profile, q: Question, before: Window | None) -> dict[str, Any] | None:
    counted = dossier_answers.areas_compared(c, profile, q, before)
    if counted is None:
        return None
    now, earlier = counted
    keys, none = sorted(now.keys() | earlier.keys()), dossier_answers.InArea()
    return {
        "keys": keys, "counts": [now.get(key, none).received for key in keys],
        "earlier": [earlier.get(key, none).received for key in keys], "dues": [now.get(key, none).due for key in keys],
    }  # fmt: skip


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
