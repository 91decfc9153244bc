"""What the planner's tables show of one question, all levels and depths together, tells no hidden count."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

import numpy as np
import pytest
from scipy.optimize import linprog
from sqlalchemy import Connection, text

from geodata.profile import Profile
from geodata.queries.area_tree import area_tree
from geodata.queries.planning import breakdown, ranking, times
from geodata.queries.shown import Reader
from geodata.rules.suppression import LEAST, SLACK
from geodata.types import Question

LEVELS = ("district", "subdistrict", "station", "community", "grid_cell")
WINDOWS = (
    (date(2026, 2, 1), date(2026, 2, 6)),
    (date(2026, 1, 1), date(2026, 2, 28)),
    (date(2025, 12, 24), date(2025, 12, 24)),
)
Sums = Iterable[tuple[str, list[str]]]


def narrowest(seen: dict[str, int | None], true: dict[str, int], sums: Sums) -> float:
    """The least room that a hidden count is left with, for a reader who knows every sum, by linear programs."""
    hidden = [name for name, count in seen.items() if count is None]
    at = {name: n for n, name in enumerate(hidden)}
    rows, right, maybe_none = [], [], set[str]()
    for whole, parts in sums:
        room = sum(true[part] for part in parts) - len(parts)
        if all(part in at for part in parts) and (not all(true[part] for part in parts) or room < SLACK):
            maybe_none |= set(parts)  # all of them are hidden, zeros too: nobody can tell which are none
        row, known = np.zeros(len(hidden)), 0.0
        for sign, name in [(1, whole), *((-1, part) for part in parts)]:
            if name in at:
                row[at[name]] += sign
            else:
                known -= sign * true[name]
        known += true[whole] - sum(true[part] for part in parts)  # what belongs to no part: taken as known
        rows.append(row)
        right.append(known)
    bounds = [(0 if name in maybe_none or not true[name] else 1, None) for name in hidden]
    least = np.inf
    for n in range(len(hidden)):
        goal = np.eye(len(hidden))[n]
        low, high = (linprog(sign * goal, A_eq=np.array(rows), b_eq=right, bounds=bounds) for sign in (1, -1))
        assert low.status == 0, "the true counts are a solution"
        least = min(least, np.inf if high.status == 3 else -high.fun - low.fun)
    return float(least)


@pytest.mark.parametrize("window", WINDOWS)
def test_areas_of_all_levels_tell_nothing(c: Connection, gusu: Profile, window: tuple[date, date]) -> None:
    q = Question(gusu.window(*window), areas=("2-0-0", "2-0-1", "1-1-1"))
    reader = Reader(c, gusu, q, None, hides=True)
    seen: dict[str, int | None] = {}
    true: dict[str, int] = {}
    for level in LEVELS:
        shown = {row.code: row.count for row in reader.ranking(level).rows}
        real = {row.code: row.count or 0 for row in ranking(c, gusu, q, None, level).rows}
        assert set(shown) == set(real)
        assert all(count in (None, real[code]) for code, count in shown.items())
        assert all(shown[code] is None for code, count in real.items() if 0 < count < LEAST)
        seen |= shown
        true |= real
    parents = {row.code: row.parent_code for row in c.execute(text("select code, parent_code from areas"))}
    sums = [(code, [part for part in seen if parents[part] == code]) for code in seen]
    assert sum(count is None for count in seen.values()) > 5
    assert narrowest(seen, true, [(whole, parts) for whole, parts in sums if parts]) >= 1


@pytest.mark.parametrize("window", WINDOWS)
def test_categories_of_all_depths_tell_nothing(
    c: Connection, gusu: Profile, window: tuple[date, date]
) -> None:
    q = Question(gusu.window(*window), areas=("2-0-0",))
    reader = Reader(c, gusu, q, q.window.previous(), hides=True)
    seen: dict[str, int | None] = {}
    true: dict[str, int] = {}
    parents: dict[str, str | None] = {}
    for depth in (3, 2, 1):
        seen |= {row.code: row.count for row in reader.breakdown(depth)}
        true |= {row.code: row.count or 0 for row in breakdown(c, gusu, q, q.window.previous(), depth)}
        parents |= {row.code: row.parent for row in breakdown(c, gusu, q, q.window.previous(), depth)}
    assert all(seen[code] is None for code, count in true.items() if 0 < count < LEAST)
    total = times(c, gusu, q).received or 0
    seen["all"], true["all"] = (None if 0 < total < LEAST else total), total
    sums = [(code, [part for part in parents if parents[part] == code]) for code in parents]
    sums = [(whole, parts) for whole, parts in sums if parts] + [
        ("all", [code for code in parents if not parents[code]])
    ]
    assert narrowest(seen, true, sums) >= 1


def test_without_hiding_every_table_is_the_querys_own(c: Connection, gusu: Profile) -> None:
    q = Question(gusu.window(*WINDOWS[0]), areas=("2-0-0",))
    reader = Reader(c, gusu, q, q.window.previous(), hides=False)
    assert reader.ranking("community") == ranking(c, gusu, q, q.window.previous(), "community")
    assert reader.breakdown(2) == breakdown(c, gusu, q, q.window.previous(), 2)
    assert reader.times() == times(c, gusu, q)
    assert not reader.trend().hidden


def test_what_few_tickets_took_is_not_told(c: Connection, gusu: Profile) -> None:
    window = gusu.window(date(2026, 2, 2), date(2026, 2, 8))
    everywhere = ranking(c, gusu, Question(window), None, "grid_cell").rows
    few = next(row.code for row in everywhere if 0 < (row.count or 0) < LEAST and row.response_median_h)
    q = Question(window, areas=(few,))
    true, shown = times(c, gusu, q), Reader(c, gusu, q, None, hides=True).times()
    assert 0 < (true.received or 0) < LEAST
    assert true.response_median_h is not None
    assert (shown.received, shown.response_median_h, shown.response_p90_h) == (None, None, None)
    rows = Reader(c, gusu, q, None, hides=True).ranking("grid_cell").rows
    assert all(row.count in (0, None) and (row.count == 0 or row.response_median_h is None) for row in rows)


def test_the_tree_counts_every_ticket_once(c: Connection, gusu: Profile) -> None:
    q = Question(gusu.window(*WINDOWS[1]))
    tree = area_tree(c, gusu, q, q.window.previous())
    real = ranking(c, gusu, q, q.window.previous(), "district")
    assert tree.counts[:2] == [real.total, real.before_total]
    assert sum(node.counts[0] for node in tree.below.values()) == real.rows[0].count
