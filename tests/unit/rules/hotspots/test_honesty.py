"""A small form of the bench of hotspots: what is promised in docs/hotspots.md must not get worse unseen."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from tests.benchmarks.hotspot_scores import rates, score
from tests.benchmarks.synthetic_district import EMERGING, FEWEST, SPATIAL, district


@pytest.fixture(scope="module")
def told() -> dict[str, float]:
    """Rates over twenty districts."""
    total: Counter[str] = Counter()
    for seed in range(20):
        total.update(score(seed, 3.0))
    return dict(rates(total))


def test_a_district_holds_what_was_planted() -> None:
    made = district(3)
    for one in made.planted:
        mine = (made.category == one.category) & np.isin(made.piece, one.pieces)
        assert all((mine & (made.month == month)).sum() >= FEWEST for month in one.months)
        assert one.times >= 3.0
    assert {one.category for one in made.planted} == {*SPATIAL, *EMERGING}
    again = district(3)
    assert np.array_equal(made.piece, again.piece)


@pytest.mark.slow
def test_roads_held_against_their_past_are_found_and_seldom_false(told: dict[str, float]) -> None:
    assert told["roads_usual_recovered"] >= 0.90
    assert told["roads_usual_false"] <= 0.10


@pytest.mark.slow
def test_cells_are_seldom_false_where_something_explains_the_rest(told: dict[str, float]) -> None:
    assert told["gi_history_false"] <= 0.06
    assert told["gi_history_recovered"] >= 0.4
    assert told["emerging_tickets_false"] <= 0.08
