"""Which planes of counts a cube keeps, and which of them add up to a set of categories and hours."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

HOURS = 24
ALL, OWN, ALL_HOURS, OWN_HOURS = "all", "own", "all_hours", "own_hours"


@dataclass(frozen=True, slots=True)
class Term:
    """Planes of one level, added (sign 1) or taken away (sign −1)."""

    level: str
    planes: NDArray[np.int64]
    sign: int = 1


@dataclass(frozen=True, slots=True)
class Branch:
    """An inner node: the numbers of all categories at and below it that hold tickets."""

    level: str
    plane: int
    members: frozenset[int]


class Tree:
    """Categories with tickets, by number, and the branches above them that have a plane of their own."""

    def __init__(self, keys: Sequence[int], parents: Mapping[int, int | None]) -> None:
        self.keys = list(keys)
        self._number = {key: number for number, key in enumerate(self.keys)}
        self.branches = _branches(self.keys, parents)

    def tables(self) -> Iterator[tuple[str, NDArray[np.int32]]]:
        """For each level the plane of (category number, hour), −1 where it has none."""
        count = len(self.keys)
        own = np.repeat(np.arange(count, dtype=np.int32)[:, None], HOURS, axis=1)
        hours = np.repeat(np.arange(HOURS, dtype=np.int32)[None, :], count, axis=0)
        yield ALL, np.zeros((count, HOURS), np.int32)
        yield OWN, own
        for level in sorted({branch.level for branch in self.branches}):
            table = np.full((count, HOURS), -1, np.int32)
            for branch in self.branches:
                if branch.level == level:
                    table[list(branch.members)] = branch.plane
            yield level, table
        yield ALL_HOURS, hours
        yield OWN_HOURS, own * HOURS + hours

    def terms(self, categories: Iterable[int] | None, hours: Sequence[int] | None) -> list[Term]:
        """The planes that add up to these categories (keys; None: all) in these hours (None: all)."""
        every = frozenset(range(len(self.keys)))
        wanted = (
            every
            if categories is None
            else frozenset(self._number[k] for k in categories if k in self._number)
        )
        if hours is not None:
            return self._by_hour(wanted, every, hours)
        added, taken = self._cover(wanted), self._cover(every - wanted)
        if _size(taken) + 1 < _size(added):
            return [_term(ALL, [0]), *(Term(term.level, term.planes, -1) for term in taken)]
        return added

    def _by_hour(self, wanted: frozenset[int], every: frozenset[int], hours: Sequence[int]) -> list[Term]:
        others = [hour for hour in range(HOURS) if hour not in set(hours)]
        if len(others) < len(hours):
            return [
                *self.terms([self.keys[n] for n in wanted], None),
                *self._hours(wanted, every, others, -1),
            ]
        return self._hours(wanted, every, hours, 1)

    def _hours(
        self, wanted: frozenset[int], every: frozenset[int], hours: Sequence[int], sign: int
    ) -> list[Term]:
        if wanted == every:
            return [_term(ALL_HOURS, hours, sign)]
        return [_term(OWN_HOURS, [n * HOURS + hour for n in sorted(wanted) for hour in hours], sign)]

    def _cover(self, wanted: frozenset[int]) -> list[Term]:
        if len(wanted) == len(self.keys):
            return [_term(ALL, [0])]
        left, found = set(wanted), dict[str, list[int]]()
        for branch in sorted(self.branches, key=lambda b: -len(b.members)):
            if branch.members <= left:
                left -= branch.members
                found.setdefault(branch.level, []).append(branch.plane)
        if left:
            found[OWN] = sorted(left)
        return [_term(level, planes) for level, planes in found.items()]


def _size(terms: Iterable[Term]) -> int:
    return sum(len(term.planes) for term in terms)


def _term(level: str, planes: Iterable[int], sign: int = 1) -> Term:
    return Term(level, np.array(list(planes), np.int64), sign)


def _branches(keys: Sequence[int], parents: Mapping[int, int | None]) -> list[Branch]:
    """Inner nodes that hold two categories or more, but not all; deeper ones that hold the same as one above are left out."""
    members: dict[int, set[int]] = {}
    depth: dict[int, int] = {}
    for number, key in enumerate(keys):
        chain = _chain(key, parents)
        for step, node in enumerate(chain):
            members.setdefault(node, set()).add(number)
            depth[node] = step
    branches, seen, count = list[Branch](), set[frozenset[int]](), dict[str, int]()
    for node in sorted(members, key=lambda node: (depth[node], node)):
        group = frozenset(members[node])
        if 1 < len(group) < len(keys) and group not in seen:
            seen.add(group)
            level = f"depth_{depth[node]}"
            branches.append(Branch(level, count.setdefault(level, 0), group))
            count[level] += 1
    return branches


def _chain(key: int, parents: Mapping[int, int | None]) -> list[int]:
    """From the top down to the key itself; a tree that bites its tail is cut."""
    chain, node = [key], parents.get(key)
    while node is not None and node not in chain:
        chain.append(node)
        node = parents.get(node)
    return chain[::-1]
