"""The dossier's ticket groups from the second roll-up and what changed since it was built."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import Connection

from geodata.cube.answers import answerable, keys_of, of_kind
from geodata.cube.arrays import day_number
from geodata.cube.dossier import KIND_BITS, Asked, Tally, words
from geodata.cube.shelf import opened
from geodata.cube.tail import Changes
from geodata.profile import Profile
from geodata.types import Question


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


def groups(c: Connection, profile: Profile, q: Question) -> tuple[Groups, Groups] | None:
    """The groups of a window and of the window before; None when the roll-up cannot answer."""
    stands = opened(c, profile) if answerable(profile, q) else None
    if stands is None or not stands.roll.there:
        return None
    keys = keys_of(c, profile, q)
    first, end = day_number(q.window.first), day_number(q.window.last) + 1
    asked = Asked(first - q.window.days, first, end, keys.categories, keys.areas, q.band)
    now, before = stands.roll.tally(asked)
    if len(stands.changes):
        chosen = stands.changes.where(of_kind(stands.changes, keys, q.band))
        _add(now, chosen, asked.first, asked.end)
        _add(before, chosen, asked.before, asked.first)
    return _groups(now), _groups(before)


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
