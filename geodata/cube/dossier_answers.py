"""The dossier's ticket groups from the second roll-up and what changed since it was built."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection

from geodata.cube.answers import answerable, keys_of, of_kind
from geodata.cube.arrays import day_number
from geodata.cube.dossier import KIND_BITS, Asked, Roll, Tally, words
from geodata.cube.shelf import opened
from geodata.cube.source import HOUR_US
from geodata.cube.tail import Changes
from geodata.profile import Profile
from geodata.types import Question, Window


class Group(NamedTuple):
    """Tickets of a category, or of one source, family, state and place; named like the rows of the statement."""

    n: int
    category_id: int | None = None
    source_id: int | None = None
    family: str | None = None
    state: str | None = None
    is_default_point: bool = False
    quality: str | None = None


class Due(NamedTuple):
    """Tickets due in a span, and how many of them were closed by then."""

    due: int
    on_time: int


Groups = tuple[list[Group], list[Due]]


class _Stands(NamedTuple):
    """The roll-up with a question in its terms, and the changes since that are of its kind."""

    roll: Roll
    asked: Asked
    changes: Changes


def _stands(c: Connection, profile: Profile, q: Question) -> _Stands | None:
    """None when the roll-up cannot answer."""
    stands = opened(c, profile) if answerable(profile, q) else None
    if stands is None or not stands.roll.there:
        return None
    keys = keys_of(c, profile, q)
    first, end = day_number(q.window.first), day_number(q.window.last) + 1
    asked = Asked(first - q.window.days, first, end, keys.categories, keys.areas, q.band)
    changes = stands.changes
    return _Stands(
        stands.roll, asked, changes.where(of_kind(changes, keys, q.band)) if len(changes) else changes
    )


def groups(c: Connection, profile: Profile, q: Question) -> tuple[Groups, Groups] | None:
    """The groups of a window and of the window before; None when the roll-up cannot answer."""
    stands = _stands(c, profile, q)
    if stands is None:
        return None
    asked = stands.asked
    now, before = stands.roll.tally(asked)
    _add(now, stands.changes, asked.first, asked.end)
    _add(before, stands.changes, asked.before, asked.first)
    return _groups(now), _groups(before)


def hours(c: Connection, profile: Profile, q: Question) -> NDArray[np.int64] | None:
    """Tickets of each day of the window and each hour of the local clock, (days, 24); None as above."""
    stands = _stands(c, profile, q)
    if stands is None:
        return None
    found, changes = stands.roll.hours(stands.asked), stands.changes
    inside = (changes.days >= stands.asked.first) & (changes.days < stands.asked.end)
    at = changes.days[inside] - stands.asked.first, changes.hours[inside]
    np.add.at(found, at, changes.n[inside])
    return found


def by_area(c: Connection, profile: Profile, q: Question) -> dict[int, tuple[int, int]] | None:
    """For each area key (0: none) tickets of the window and of the one before; None as above."""
    stands = _stands(c, profile, q)
    if stands is None:
        return None
    found, asked = stands.roll.by_area(stands.asked), stands.asked
    rows = zip(
        *(x.tolist() for x in (stands.changes.areas, stands.changes.days, stands.changes.n)), strict=True
    )
    for area, day, n in rows:
        now, before = found.get(area, (0, 0))
        if asked.first <= day < asked.end:
            found[area] = (now + n, before)
        elif asked.before <= day < asked.first:
            found[area] = (now, before + n)
    return found


class InArea(NamedTuple):
    """Tickets of an area and a window: received, due, and closed by when they were due."""

    received: int = 0
    due: int = 0
    on_time: int = 0


def areas(c: Connection, profile: Profile, q: Question) -> dict[int, InArea] | None:
    """What lies in each area (by key; 0: none) that holds any; None when the roll-up cannot answer."""
    stands = _stands(c, profile, q)
    if stands is None:
        return None
    asked, counts = (
        stands.asked,
        {key: [now, 0, 0] for key, (now, _) in stands.roll.by_area(stands.asked).items()},
    )
    for key, (due, on_time) in stands.roll.due_by_area(asked).items():
        counts.setdefault(key, [0, 0, 0])[1:] = [due, on_time]
    changes = stands.changes
    columns = (changes.areas, changes.days, changes.due_days, changes.kinds, changes.n)
    for key, day, due_day, kind, n in zip(*(x.tolist() for x in columns), strict=True):
        found = counts.setdefault(key, [0, 0, 0])
        found[0] += n * (asked.first <= day < asked.end)
        found[1] += n * (asked.first <= due_day < asked.end)
        found[2] += n * (asked.first <= due_day < asked.end and kind >= KIND_BITS)
    return {key: InArea(*found) for key, found in counts.items() if any(found)}


def areas_compared(
    c: Connection, profile: Profile, q: Question, before: Window | None
) -> tuple[dict[int, InArea], dict[int, InArea]] | None:
    """The same of the window and of another (nothing without one)."""
    now = areas(c, profile, q)
    earlier = areas(c, profile, replace(q, window=before)) if before else {}
    return None if now is None or earlier is None else (now, earlier)


def took_h(
    c: Connection, profile: Profile, q: Question, group_of: Mapping[int, int] | None = None, groups: int = 1
) -> list[NDArray[np.float64]] | None:
    """Hours from receipt to closing of what was received in the window and is closed, by groups of areas; None as above."""
    stands = _stands(c, profile, q)
    if stands is None:
        return None
    changes, asked = stands.changes, stands.asked
    closed = changes.where((changes.days >= asked.first) & (changes.days < asked.end) & (changes.took >= 0))
    group_at = [0 if group_of is None else group_of.get(area, -1) for area in closed.areas.tolist()]
    found = stands.roll.took(asked, group_of, groups)
    for group in set(group_at) - {-1}:
        mine = closed.where(np.array(group_at) == group)
        found[group] = _changed(found[group], mine.took, mine.n)
    return [took / HOUR_US for took in found]


def _changed(found: NDArray[np.int64], took: NDArray[np.int64], n: NDArray[np.int64]) -> NDArray[np.int64]:
    """Values with others `n` times more or, where negative, less."""
    keys, at = np.unique(took, return_inverse=True)
    times = np.zeros(len(keys), np.int64)
    np.add.at(times, at, n)
    more, less = np.repeat(keys, np.maximum(times, 0)), np.repeat(keys, np.maximum(-times, 0))
    if len(less):
        found = np.sort(found)
        first = np.searchsorted(found, less)
        found = np.delete(found, first + np.arange(len(less)) - np.searchsorted(less, less))
    return np.concatenate([found, more])


def _add(tally: Tally, changes: Changes, first: int, end: int) -> None:
    rows = zip(
        *(column.tolist() for column in (
            changes.n, changes.days, changes.due_days, changes.categories, changes.sources, changes.kinds)),
        strict=True,
    )  # fmt: skip
    for n, day, due_day, category, source, kind in rows:
        if first <= day < end:
            tally.categories[category] += n
            tally.combinations[source, kind % KIND_BITS] += n
        if first <= due_day < end:
            tally.due += n
            tally.on_time += n if kind >= KIND_BITS else 0


def _groups(tally: Tally) -> Groups:
    found = [Group(category_id=key, n=n) for key, n in tally.categories.items() if n]
    for (source, kind), n in tally.combinations.items():
        if n:
            state, family, place = words(kind)
            quality = "none" if place == 2 else "given"
            found.append(
                Group(
                    n, None, source, family=family, state=state, is_default_point=place == 1, quality=quality
                )
            )
    return found, [Due(tally.due, tally.on_time)] if tally.due else []
