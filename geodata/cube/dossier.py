"""The second roll-up: state, source, outcome and category by day and area, for the dossier; no ticket row is touched.

Tickets lie by area and then by day, so that the days of an area are one stretch and an area of any level a few of them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from geodata.cube.arrays import numbered
from geodata.cube.files import Writer, mapped
from geodata.cube.kernels import compiled
from geodata.cube.source import Lives
from geodata.queries.question import band_hours
from geodata.store.schema.tickets import TICKET_STATES

RECEIVED = ("area_ptr", "day", "category", "combination", "hour", "took")
DUE = ("area_ptr", "day", "category", "on_time", "hour")
KIND_BITS = 64  # source * 64 + kind without its bit “on time”


class Asked(NamedTuple):
    """Which tickets: days [before, first) and [first, end) since 1970, keys of categories and areas (None: all), hours."""

    before: int
    first: int
    end: int
    categories: Collection[int] | None
    areas: Collection[int] | None
    band: tuple[int, int] | None


@dataclass(slots=True)
class Tally:
    """What was counted in one span: category key → tickets, (source, kind) → tickets, and the deadlines."""

    categories: Counter[int] = field(default_factory=Counter)
    combinations: Counter[tuple[int, int]] = field(default_factory=Counter)
    due: int = 0
    on_time: int = 0


def write(lives: Lives, writer: Writer) -> dict[str, Any]:
    """Write the roll-up beside a cube; gives what its manifest must say."""
    areas, area_at = numbered(lives.areas)
    categories, category_at = numbered(lives.categories)
    combined = lives.sources.astype(np.int32) * KIND_BITS + (lives.kinds & (KIND_BITS - 1))
    combinations, combination_at = numbered(combined)
    del combined
    has_due = np.flatnonzero(lives.due_days >= 0)
    on_time = (lives.kinds >> 6).astype(np.uint8)
    columns = {"category": _narrow(category_at), "combination": _narrow(combination_at), "on_time": on_time, "hour": lives.hours,
               "took": lives.took.astype(np.int64, copy=False)}  # fmt: skip
    first = int(lives.days.min()) if len(lives.days) else 0
    first_due = int(lives.due_days[has_due].min()) if len(has_due) else 0
    columns["area_at"], columns["areas"] = area_at, areas
    lives.took = np.zeros(0, np.int64)  # the widest column, and nothing else asks for it
    _lay(writer, "received", columns, (lives.days, first, slice(None)))
    del columns["took"]
    _lay(writer, "due", columns, (lives.due_days, first_due, has_due))
    return {
        "areas": areas.tolist(), "categories": categories.tolist(), "combinations": combinations.tolist(),
        "first_day": first, "first_due_day": first_due, "tickets": len(lives.days),
    }  # fmt: skip


def _lay(writer: Writer, name: str, columns: dict[str, Any], by: tuple[Any, int, Any]) -> None:
    """Lay the tickets chosen by area and day; the columns beside follow."""
    days, first, which = by
    area_at, days = columns["area_at"][which], days[which].astype(np.int32) - first
    span = int(days.max(initial=0)) + 1
    wide = np.int32 if len(columns["areas"]) * span < 1 << 31 else np.int64
    order = np.argsort(area_at.astype(wide) * wide(span) + days, kind="stable")
    ends = np.cumsum(np.bincount(area_at, minlength=len(columns["areas"])))
    writer.put(f"{name}.area_ptr", np.concatenate([[0], ends]).astype(np.int64))
    writer.put(f"{name}.day", days[order])
    for part in (RECEIVED if name == "received" else DUE)[2:]:
        writer.put(f"{name}.{part}", columns[part][which][order])


def _narrow(values: NDArray[Any]) -> NDArray[Any]:
    return values.astype(np.uint16 if values.max(initial=0) < 1 << 16 else np.uint32)


class Roll:
    """The roll-up, memory-mapped."""

    def __init__(self, folder: Path, manifest: dict[str, Any]) -> None:
        facts = manifest["facts"].get("dossier")
        self.there = facts is not None
        if facts is None:
            return
        self._facts = facts
        self._area_at = {key: number for number, key in enumerate(facts["areas"])}
        self._categories = np.array(facts["categories"], np.int64)
        self._combinations = facts["combinations"]
        *counted, self._took = (mapped(folder / f"received.{part}.npy") for part in RECEIVED)
        self._received = tuple(counted)
        self._due = tuple(mapped(folder / f"due.{part}.npy") for part in DUE)

    def tally(self, asked: Asked) -> tuple[Tally, Tally]:
        """Tickets of the span asked about and of the one before."""
        categories = np.zeros((2, max(len(self._categories), 1)), np.int64)
        combinations = np.zeros((2, max(len(self._combinations), 1)), np.int64)
        due = np.zeros((2, 2), np.int64)
        compiled().tally(self._received, *self._bound(asked, "first_day"), categories, combinations)
        compiled().tally_due(self._due, *self._bound(asked, "first_due_day"), due)
        now, before = (self._named(categories[when], combinations[when], due[when]) for when in (1, 0))
        return now, before

    def hours(self, asked: Asked) -> NDArray[np.int64]:
        """Tickets of each day of the span asked about and each hour of its local clock, (days, 24)."""
        found = np.zeros((asked.end - asked.first, 24), np.int64)
        compiled().tally_hours(self._received, *self._bound(asked, "first_day"), found)
        return found

    def by_area(self, asked: Asked) -> dict[int, tuple[int, int]]:
        """For each area key (0: none) tickets of the span asked about and of the one before."""
        bound = self._bound(asked, "first_day")
        found = np.zeros((2, 1, len(bound[0])), np.int64)
        compiled().tally_areas(self._received, *bound, found)
        keys = np.array(self._facts["areas"], np.int64)[bound[0]].tolist()
        return {key: (now, before) for key, before, now in zip(keys, *found[:, 0].tolist(), strict=True)}

    def due_by_area(self, asked: Asked) -> dict[int, tuple[int, int]]:
        """For each area key (0: none) tickets due in the span asked about and how many of them were closed by then."""
        bound = self._bound(asked, "first_due_day")
        found = np.zeros((2, 2, len(bound[0])), np.int64)
        compiled().tally_areas(self._due, *bound, found)
        keys = np.array(self._facts["areas"], np.int64)[bound[0]].tolist()
        return {
            key: (late + timely, timely) for key, late, timely in zip(keys, *found[1].tolist(), strict=True)
        }

    def took(self, asked: Asked, group_of: Mapping[int, int] | None, groups: int) -> list[NDArray[np.int64]]:
        """Microseconds from receipt to closing of each ticket received in the span and closed, a group of areas each.

        `group_of` gives the group of an area key, and leaves out those that are in none; None is one group of all.
        """
        keys = self._facts["areas"]
        group_at = np.array([0 if group_of is None else group_of.get(key, -1) for key in keys], np.int64)
        bound, ends = self._bound(asked, "first_day"), np.zeros(groups, np.int64)
        compiled().gather_took(self._received, self._took, *bound, group_at, ends, np.zeros(0, np.int64))
        ends = np.cumsum(ends)
        found, begins = np.empty(int(ends[-1]) if groups else 0, np.int64), np.concatenate([[0], ends[:-1]])
        if len(found):
            compiled().gather_took(
                self._received, self._took, *bound, group_at, begins.astype(np.int64), found
            )
        return np.split(found, ends[:-1])

    def warm(self) -> None:
        """Ask each kind of question once, about nothing."""
        if self.there:
            nothing = Asked(0, 0, 0, None, (), None)
            self.tally(nothing)
            self.hours(nothing)
            self.by_area(nothing)
            self.due_by_area(nothing)
            self.took(nothing, None, 1)

    def _bound(self, asked: Asked, begin: str) -> tuple[NDArray[np.int64], tuple[int, int, int], Any, Any]:
        """Areas, days, categories and hours as the loops take them."""
        first = self._facts[begin]
        days = asked.before - first, asked.first - first, asked.end - first
        return self._areas(asked.areas), days, self._wanted(asked.categories), _hours(asked.band)

    def _named(
        self, categories: NDArray[np.int64], combinations: NDArray[np.int64], due: NDArray[np.int64]
    ) -> Tally:
        found = Tally(due=int(due.sum()), on_time=int(due[1]))
        for at in np.flatnonzero(categories):
            found.categories[int(self._categories[at])] = int(categories[at])
        for at in np.flatnonzero(combinations):
            found.combinations[divmod(self._combinations[at], KIND_BITS)] = int(combinations[at])
        return found

    def _areas(self, asked: Collection[int] | None) -> NDArray[np.int64]:
        if asked is None:
            return np.arange(len(self._area_at), dtype=np.int64)
        return np.array(sorted(self._area_at[key] for key in asked if key in self._area_at), np.int64)

    def _wanted(self, asked: Collection[int] | None) -> NDArray[np.bool_]:
        if asked is None:
            return np.ones(max(len(self._categories), 1), np.bool_)
        wanted = np.zeros(max(len(self._categories), 1), np.bool_)
        wanted[: len(self._categories)] = np.isin(self._categories, list(asked))
        return wanted


def words(kind: int) -> tuple[str, str, int]:
    """State, family and place (0 located, 1 default point, 2 not located) of a kind."""
    return TICKET_STATES[kind & 7], "city" if kind & 8 else "service", kind >> 4 & 3


def _hours(band: tuple[int, int] | None) -> NDArray[np.bool_]:
    if band is None:
        return np.ones(24, np.bool_)
    wanted = np.zeros(24, np.bool_)
    wanted[band_hours(band)] = True
    return wanted
