"""The planner's tables as a reader may see them: the queries' answers with small counts hidden and none left to reckon.

A hidden figure is None and its row says `hidden`; so are figures that would tell it: its change, rates and share.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

from sqlalchemy import Connection

from geodata.profile import Profile
from geodata.queries import categories, planning
from geodata.queries.area_tree import Node, area_tree
from geodata.queries.breakdown import BreakdownRow
from geodata.queries.categories import Category
from geodata.queries.ranking import Ranking, RankRow
from geodata.queries.response_times import Times
from geodata.queries.trend import Trend
from geodata.rules.suppression import LEAST, Part, hide, shown
from geodata.types import Bilingual, Question, Window

NOW, BEFORE, DUE = range(3)
DEEPEST = 9  # more levels than any responsibility list has


@dataclass(frozen=True, slots=True)
class ShownTrend(Trend):
    """A trend whose hidden days are told apart from missing ones: both are None, but only the hidden are listed."""

    hidden: frozenset[date] = frozenset()
    hidden_before: frozenset[date] = frozenset()


@dataclass(frozen=True, slots=True)
class Reader:
    """One question as one reader sees it; with `hides` off every answer is the query's own."""

    c: Connection
    profile: Profile
    q: Question
    before: Window | None
    hides: bool
    rasters: Path | None = None
    _kept: dict[str, object] = field(default_factory=dict)

    def ranking(self, level: str) -> Ranking:
        """The areas of a level."""
        found = planning.ranking(self.c, self.profile, self.q, self.before, level, rasters=self.rasters)
        if not self.hides:
            return found
        tree = area_tree(self.c, self.profile, self.q, self.before)
        codes = {row.code for row in found.rows}
        now, before, due = (_hidden_codes(tree, column, codes) for column in (NOW, BEFORE, DUE))
        return replace(
            found,
            rows=sorted((_rank_row(row, now, before, due) for row in found.rows), key=_hidden_last),
            total=_small(found.total), before_total=_small(found.before_total),
            elsewhere=shown(found.elsewhere, "" in now),
            elsewhere_before=shown(found.elsewhere_before, "" in before),
        )  # fmt: skip

    def trend(self) -> ShownTrend:
        """Day by day."""
        found = planning.trend(self.c, self.profile, self.q, self.before)
        if not self.hides:
            return ShownTrend(found.days, found.counts, found.before_days, found.before_counts)
        days, _ = _weekdays(found.days, found.counts, self._hours())
        earlier, _ = _weekdays(found.before_days, found.before_counts, None)
        return ShownTrend(
            found.days, _without(found.days, found.counts, days),
            found.before_days, _without(found.before_days, found.before_counts, earlier), days, earlier,
        )  # fmt: skip

    def matrix(self) -> list[list[int | None]]:
        """Weekday by hour; hidden ones are None."""
        hours = self._hours()
        if not self.hides:
            return [list(row) for row in hours]
        found = planning.trend(self.c, self.profile, self.q, None)
        _, hidden = _weekdays(found.days, found.counts, hours)
        return [
            [shown(n, (day, hour) in hidden) for hour, n in enumerate(row)] for day, row in enumerate(hours)
        ]

    def breakdown(self, depth: int = 1) -> list[BreakdownRow]:
        """The categories at a depth."""
        found = planning.breakdown(self.c, self.profile, self.q, self.before, depth)
        if not self.hides:
            return found
        entries = categories.tree(self.c)
        itself = planning.breakdown(self.c, self.profile, self.q, self.before, DEEPEST)
        now = _hidden_categories(_kinds(entries, {_code(row): row.count or 0 for row in itself}), depth)
        before = _hidden_categories(_kinds(entries, {_code(row): row.before or 0 for row in itself}), depth)
        empty = _unlisted(entries, depth, now - {_code(row) for row in found})
        return sorted((_category(row, now, before) for row in [*found, *empty]), key=_category_hidden_last)

    def times(self) -> Times:
        """How long tickets take; counts of 1 to 4 are hidden, and what would tell them."""
        found = planning.times(self.c, self.profile, self.q)
        return _times(found) if self.hides else found

    def _hours(self) -> list[list[int]]:
        if "hours" not in self._kept:
            self._kept["hours"] = planning.matrix(self.c, self.profile, self.q)
        return self._kept["hours"]  # type: ignore[return-value]


def _small(count: int | None) -> int | None:
    return None if count is not None and 0 < count < LEAST else count


def _rank_row(row: RankRow, now: set[str], before: set[str], due: set[str]) -> RankRow:
    gone, gone_before, few_due = (row.code in codes for codes in (now, before, due))
    return replace(
        row,
        count=shown(row.count, gone), before=shown(row.before, gone_before),
        change_pct=shown(row.change_pct, gone or gone_before),
        per_km2=shown(row.per_km2, gone), per_1000=shown(row.per_1000, gone), share=shown(row.share, gone),
        response_median_h=shown(row.response_median_h, gone),
        due=shown(row.due, few_due), on_time_rate=shown(row.on_time_rate, few_due),
        hidden=gone, before_hidden=gone_before,
    )  # fmt: skip


def _hidden_last(row: RankRow) -> tuple[bool, int, str]:
    """The order must not tell what is hidden: hidden rows stand last but before none, by code."""
    return row.count is None, -(row.count or 0), row.code


def _category_hidden_last(row: BreakdownRow) -> tuple[bool, int, str, str]:
    return row.count is None, -(row.count or 0), row.code, row.scheme


def _hidden_codes(tree: Node, column: int, listed: set[str]) -> set[str]:
    """Codes whose count is hidden; the empty code where the tickets of no listed area are."""
    root, parts = _as_parts(tree, column)
    hide(root)
    found = {code for code, of in parts if any(part.hidden for part in of)}
    if _loose_hidden(tree, root, listed):
        found.add("")
    return found


def _as_parts(tree: Node, column: int) -> tuple[Part, list[tuple[str, list[Part]]]]:
    by_code: dict[str, list[Part]] = {}

    def turn(node: Node) -> Part:
        part = Part(node.counts[column])
        by_code.setdefault(node.code, []).append(part)
        part.divided([turn(below) for below in node.below.values()])
        return part

    return turn(tree), list(by_code.items())


def _loose_hidden(tree: Node, root: Part, listed: set[str]) -> bool:
    """Whether the tickets outside the listed areas are few, or hold something hidden."""

    def walk(node: Node, part: Part) -> tuple[int, bool]:
        if node.code in listed:
            return 0, False
        below = [part.ways[0][n] for n in range(len(node.below))] if part.ways else []
        pairs = [walk(one, of) for one, of in zip(node.below.values(), below, strict=True)]
        rest = part.ways[0][len(node.below) :] if part.ways else [part]
        count = sum(n for n, _ in pairs) + sum(one.count for one in rest)
        return count, any(hidden for _, hidden in pairs) or any(one.hidden for one in rest)

    count, hidden = walk(tree, root)
    return hidden or 0 < count < LEAST


def _weekdays(
    days: list[date], counts: list[int | None], hours: list[list[int]] | None
) -> tuple[frozenset[date], frozenset[tuple[int, int]]]:
    """Which days and which hours of the week are hidden; both add up to the weekdays, these to the whole."""
    by_day = {day: Part(count) for day, count in zip(days, counts, strict=True) if count is not None}
    weekdays, of_hours = [], dict[tuple[int, int], Part]()
    for number in range(7):
        mine = [part for day, part in by_day.items() if day.weekday() == number]
        weekday = Part(sum(part.count for part in mine))
        weekday.divided(mine)
        if hours and sum(hours[number]) == weekday.count:
            of_hours |= {(number, hour): Part(n) for hour, n in enumerate(hours[number])}
            weekday.divided(of_hours[number, hour] for hour in range(24))
        weekdays.append(weekday)
    root = Part(sum(part.count for part in weekdays))
    root.divided(weekdays)
    hide(root)
    return (
        frozenset(day for day, part in by_day.items() if part.hidden),
        frozenset(at for at, part in of_hours.items() if part.hidden),
    )


def _without(days: list[date], counts: list[int | None], hidden: Iterable[date]) -> list[int | None]:
    gone = set(hidden)
    return [shown(count, day in gone) for day, count in zip(days, counts, strict=True)]


Code = tuple[str, str]


@dataclass(slots=True)
class _Kind:
    """A category in its tree: all tickets below it, and those that name it itself."""

    level: int
    whole: Part
    itself: Part
    below: list[Part] = field(default_factory=list)


def _code(row: BreakdownRow) -> Code:
    return row.scheme, row.code


def _hidden_categories(kinds: dict[Code, _Kind], depth: int) -> set[Code]:
    """Which rows of the breakdown at a depth are hidden: a category that ends above it stands for itself alone."""
    tops = [kind.whole for kind in kinds.values() if kind.level == 1]
    for kind in kinds.values():
        if kind.below:
            kind.whole.divided([*kind.below, kind.itself])
    root = Part(sum(part.count for part in tops))
    root.divided(tops)
    hide(root)
    return {
        code
        for code, kind in kinds.items()
        if (kind.itself if kind.below and kind.level < depth else kind.whole).hidden
    }


def _unlisted(entries: list[Category], depth: int, hidden: set[Code]) -> list[BreakdownRow]:
    """Categories without a ticket that are hidden with those beside them: they stand in the list, or they were no cover."""
    codes = {entry.id: entry.code for entry in entries}
    return [
        BreakdownRow(entry.code, Bilingual(entry.name, entry.name_en or entry.name), 0, None, None, entry.scheme,
                     codes.get(entry.parent_id or 0))
        for entry in entries if entry.level == depth and (entry.scheme, entry.code) in hidden
    ]  # fmt: skip


def _kinds(entries: list[Category], itself: dict[Code, int]) -> dict[Code, _Kind]:
    """The tree of categories with the tickets of each and of all below it."""
    by_id = {
        entry.id: _Kind(entry.level, Part(0), Part(itself.get((entry.scheme, entry.code), 0)))
        for entry in entries
    }
    for entry in sorted(entries, key=lambda entry: -entry.level):
        kind = by_id[entry.id]
        kind.whole.count = kind.itself.count + sum(part.count for part in kind.below)
        if entry.parent_id:
            by_id[entry.parent_id].below.append(kind.whole)
    return {(entry.scheme, entry.code): by_id[entry.id] for entry in entries}


def _category(row: BreakdownRow, now: set[Code], before: set[Code]) -> BreakdownRow:
    gone, gone_before = (_code(row) in codes for codes in (now, before))
    return replace(
        row, count=shown(row.count, gone), share=shown(row.share, gone),
        before=shown(row.before, gone_before), hidden=gone, before_hidden=gone_before,
    )  # fmt: skip


def _times(found: Times) -> Times:
    """Received is open and closed; what was due is on time or late, and a rate of few would tell who."""
    received = Part(found.received or 0)
    split = received.divided([Part(found.open or 0), Part(found.closed or 0)])
    hide(received)
    few = (found.closed or 0) < LEAST
    few_due = 0 < (found.due or 0) < LEAST
    return replace(
        found,
        received=shown(found.received, received.hidden), open=shown(found.open, split[0].hidden),
        closed=shown(found.closed, split[1].hidden),
        response_median_h=shown(found.response_median_h, few), response_p90_h=shown(found.response_p90_h, few),
        due=shown(found.due, few_due), on_time_rate=shown(found.on_time_rate, few_due),
        on_time=shown(found.on_time, few_due or 0 < (found.on_time or 0) < LEAST), overdue=_small(found.overdue),
    )  # fmt: skip
