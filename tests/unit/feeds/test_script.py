"""Scripts: where a value stands at each second, when tickets come, and which scenarios there are."""

from __future__ import annotations

from dataclasses import replace

import pytest

from etl.feeds.scenarios import GUANQIAN, SHARES, names, scenario
from etl.feeds.script import Ramp, Script, due, script_of, value_at
from geodata.errors import Refused
from geodata.plans import Play, load_plans
from geodata.rules.fruin import limits_of
from geodata.types import LEVELS

RAMPS = [Ramp(10, 20, 100), Ramp(50, 0, 40)]


@pytest.mark.parametrize(("at_s", "value"), [
    (9.9, None), (10, 20), (20, 60), (30, 100), (49, 100), (50, 40), (500, 40),
])  # fmt: skip
def test_a_value_goes_evenly_from_what_is_usual_to_what_is_told(at_s: float, value: float | None) -> None:
    assert value_at(RAMPS, at_s, usual=20) == (None if value is None else pytest.approx(value))


def test_a_ramp_cut_short_hands_on_where_it_stands() -> None:
    assert value_at([Ramp(0, 100, 100), Ramp(50, 50, 0)], 75, usual=0) == pytest.approx(25)


def test_a_place_that_no_step_names_is_left_to_the_day() -> None:
    script = Script("x", 60, (Play(0, "crowd", 0, {"place": "a", "people": 5}),))
    assert script.people("a", 30, usual=1) == 5
    assert script.people("b", 30, usual=1) is None
    assert script.people("a", 60, usual=1) is None  # it is over


def test_tickets_come_once_each_however_often_one_asks() -> None:
    play = Play(10, "tickets", 20, {"category": "*", "count": 5})
    found = [moment for at in range(40) for moment in due(play, at - 1, at)]
    assert found == [10, 15, 20, 25, 30]
    assert due(replace(play, told={"category": "*", "count": 1}), 9, 10) == [10]


def test_within_three_minutes_guanqian_passes_every_level_and_stays_past_each_hold_time() -> None:
    script = scenario(GUANQIAN, {"guanqian": 1000})
    limits = limits_of("walking")
    danger = limits.danger or 0.0

    def level(at_s: float) -> str | None:
        return limits.level((script.people("guanqian", at_s, 100) or 0) / 1000 * danger)

    seen = [level(at) for at in range(181)]
    assert [name for name in LEVELS if name in seen[:1]] == []
    assert set(LEVELS[1:]) <= set(seen)
    assert level(180) == "danger"
    assert {level(at) for at in range(180, 480)} == {"danger"}
    assert level(script.lasts_s - 1) is None
    assert max(at_s + over_s for at_s, over_s, _ in SHARES) + 300 < script.lasts_s  # the release time fits in


def test_every_plan_with_a_script_is_a_scenario_and_an_unknown_one_is_refused() -> None:
    assert set(names()) == {GUANQIAN} | {plan.key for plan in load_plans().values() if plan.script}
    assert scenario("crowd_street", {}) == script_of(load_plans()["crowd_street"])
    with pytest.raises(Refused, match="no scenario “nowhere”; there are guanqian"):
        scenario("nowhere", {})
    with pytest.raises(Refused, match="no crowd place"):
        scenario(GUANQIAN, {})
