"""Classes of heat begin at 1, ascend, and hold fewer cells the higher they are."""

from __future__ import annotations

from hypothesis import given, strategies as st

from geodata.queries.heat import breaks

COUNTS = st.lists(st.integers(1, 5000), min_size=1, max_size=400)


@given(COUNTS, st.integers(2, 9))
def test_limits_begin_at_one_and_ascend(counts: list[int], classes: int) -> None:
    limits = breaks(counts, classes)
    assert limits[0] == 1
    assert limits == sorted(set(limits))
    assert len(limits) <= classes
    assert limits[-1] <= max(1, *counts)


def test_the_highest_of_seven_classes_holds_two_percent() -> None:
    counts = list(range(1, 1001))
    limits = breaks(counts)
    held = [
        sum(low <= n < high for n in counts) for low, high in zip(limits, [*limits[1:], 10_000], strict=True)
    ]
    assert held == sorted(held, reverse=True)
    assert held[-1] == 21, "a forty-ninth of a thousand"


def test_nothing_has_no_classes() -> None:
    assert breaks([]) == []
