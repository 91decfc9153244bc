"""What is hidden stays hidden: an adversary with a linear program tries to reckon it back."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from scipy.optimize import linprog

from geodata.rules.suppression import LEAST, SLACK, Part, applies, hide, hide_cells, hide_flat

LEAF = st.integers(0, 3) | st.integers(0, 12) | st.integers(5, 400)
TREE = st.recursive(LEAF, lambda below: st.lists(below, min_size=1, max_size=5), max_leaves=24)


def grown(shape: object) -> Part:
    """A tree of counts from nested lists of leaves."""
    if isinstance(shape, int):
        return Part(shape)
    parts = [grown(one) for one in shape]  # type: ignore[attr-defined]
    whole = Part(sum(part.count for part in parts))
    whole.divided(parts)
    return whole


def every(part: Part) -> list[Part]:
    return [part, *(one for way in part.ways for below in way for one in every(below))]


def too_small(whole: Part, way: list[Part]) -> bool:
    """Whether a sum that is shown had so little in it that all its parts were hidden."""
    return not whole.hidden and all(part.hidden for part in way)


def spans(root: Part) -> dict[int, tuple[float, float]]:
    """The least and the most that each hidden count can be, for a reader who knows every sum and the rules."""
    parts = every(root)
    hidden = [part for part in parts if part.hidden]
    at = {id(part): n for n, part in enumerate(hidden)}
    maybe_none = {
        id(p)
        for whole in parts
        for way in whole.ways
        if too_small(whole, way)
        for one in way
        for p in every(one)
    }
    sums, right = [], []
    for whole in parts:
        for way in whole.ways:
            row, known = np.zeros(len(hidden)), 0.0
            for sign, part in [(1.0, whole), *((-1.0, one) for one in way)]:
                if part.hidden:
                    row[at[id(part)]] += sign
                else:
                    known -= sign * part.count
            sums.append(row)
            right.append(known)
    bounds = [(0 if id(part) in maybe_none else 1, None) for part in hidden]
    found = {}
    for n, part in enumerate(hidden):
        ends = []
        for sign in (1, -1):
            goal = np.zeros(len(hidden))
            goal[n] = sign
            solved = linprog(goal, A_eq=np.array(sums) if sums else None, b_eq=right or None, bounds=bounds)
            ends.append(sign * solved.fun if solved.status == 0 else np.inf)
        found[id(part)] = (ends[0], ends[1])
    return found


@settings(max_examples=250, deadline=None)
@given(TREE)
def test_no_hidden_count_can_be_reckoned_back(shape: object) -> None:
    root = grown(shape)
    hide(root)
    hidden = {id(part): part for part in every(root) if part.hidden}
    for key, (least, most) in spans(root).items():
        part = hidden[key]
        assert least <= part.count <= most + 1e-6
        assert most - least >= 1 - 1e-6, (part.count, least, most)


@settings(max_examples=250, deadline=None)
@given(TREE)
def test_every_small_count_is_hidden_and_no_more_than_needed(shape: object) -> None:
    root = grown(shape)
    hide(root)
    parts = every(root)
    assert all(part.hidden for part in parts if 0 < part.count < LEAST)
    if all(part.count == 0 or part.count >= LEAST for part in parts):
        assert not any(part.hidden for part in parts)


def test_a_lonely_small_count_takes_its_smallest_neighbour_along() -> None:
    assert hide_flat([40, 3, 9, 200, 0]) == [False, True, True, False, False]
    assert hide_flat([40, 9, 0]) == [False] * 3
    assert hide_flat([3, 2, 50]) == [True, True, False]


def test_ones_alone_are_too_few_to_hide_behind_each_other() -> None:
    assert hide_flat([1, 1, 30, 8]) == [True, True, False, True]
    assert hide_flat([1, 1, 1, 1, 1, 0]) == [True] * 6


def test_a_small_sum_is_hidden_itself() -> None:
    root = Part(3)
    root.divided([Part(2), Part(1), Part(0)])
    hide(root)
    assert root.hidden


def test_a_hidden_area_does_not_show_through_its_parts() -> None:
    quiet, busy, other = Part(3), Part(50), Part(900)
    quiet.divided([Part(3), Part(0)])
    inside = busy.divided([Part(49), Part(1)])
    root = Part(953)
    root.divided([quiet, busy, other])
    hide(root)
    assert [quiet.hidden, busy.hidden, other.hidden] == [True, True, False]
    assert inside[1].hidden
    assert all(most - least >= SLACK for least, most in spans(root).values())


def test_a_zero_stays_shown_where_what_is_beside_it_can_hide_without_it() -> None:
    inside, root = Part(6), Part(7)
    below = inside.divided([Part(0), Part(1), Part(5)])
    root.divided([Part(0), Part(1), inside])
    hide(root)
    assert [part.hidden for part in below] == [False, True, True]


def test_days_and_hours_of_one_weekday_do_not_give_each_other_away() -> None:
    monday = Part(20)
    days, hours = monday.divided([Part(3), Part(9), Part(8)]), monday.divided([Part(2), Part(18)])
    root = Part(120)
    root.divided([monday, Part(100)])
    hide(root)
    assert not monday.hidden
    assert [part.hidden for part in days] == [True, False, True]
    assert [part.hidden for part in hours] == [True, True]


def test_what_is_left_over_counts_as_a_part() -> None:
    area = Part(10)
    parts = area.divided([Part(8)])
    hide(area)
    assert parts[0].hidden, "the two tickets that no part is known for would be the difference"
    with pytest.raises(ValueError, match="more than their sum"):
        Part(3).divided([Part(4)])


@given(st.lists(LEAF, max_size=40))
def test_hexagons_are_hidden_as_any_other_row(counts: list[int]) -> None:
    assert hide_cells(np.array(counts, np.int64)).tolist() == hide_flat(counts)


def test_who_sees_what() -> None:
    assert applies("planner", resolution=10)
    assert applies("screen", resolution=11)
    assert not applies("planner", resolution=9)
    assert not applies("commander", resolution=11)
    assert applies("planner")
    assert applies("commander", leaves=True)
    assert applies("admin", resolution=9, leaves=True)
