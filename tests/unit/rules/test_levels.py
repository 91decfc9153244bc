"""The scale of four levels: monotone, patient upwards, reluctant downwards, and never flapping under noise."""

from __future__ import annotations

import json
import math
from datetime import UTC, datetime, timedelta

from hypothesis import given, strategies as some

from geodata.rules.levels import Change, Holding, Limits, Watch, highest, rank, step, step_level
from geodata.types import LEVELS, Level

T0 = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
RISING = Limits(1.0, 2.0, 4.0, 8.0)
FALLING = Limits(5.0, 3.0, 2.0, 1.0)
HOLDING = Holding(hold_s=120, release_share=0.8, release_s=300, reopen_s=1800)
values = some.floats(-1e6, 1e6, allow_nan=False)


def play(told: list[float], limits: Limits = RISING, holding: Holding = HOLDING, every_s: float = 60):
    """Step through values a minute apart; what changed and the level after each."""
    watch, seen = Watch(), []
    for at, value in enumerate(told):
        watch, change = step(watch, value, T0 + timedelta(seconds=every_s * at), limits, holding)
        seen.append((change, watch.level))
    return seen


def changes(told: list[float], **kwargs) -> list[Change]:
    return [change for change, _ in play(told, **kwargs) if change != "none"]


@given(one=values, other=values)
def test_more_is_never_a_lower_level(one: float, other: float) -> None:
    low, high = sorted((one, other))
    assert rank(RISING.level(low)) <= rank(RISING.level(high))
    assert rank(FALLING.level(low)) >= rank(FALLING.level(high))


def test_each_level_begins_at_its_limit() -> None:
    assert [RISING.level(x) for x in (0.99, 1.0, 2.0, 4.0, 8.0)] == [None, *LEVELS]
    assert [FALLING.level(x) for x in (5.01, 5.0, 3.0, 2.0, 1.0)] == [None, *LEVELS]
    assert FALLING.falling
    assert not RISING.falling
    assert RISING.level(math.nan) is None
    assert RISING.next_above("watch") == ("warning", 4.0)
    assert RISING.next_above("danger") is None
    assert Limits(warning=3.0).next_above(None) == ("warning", 3.0)


def test_a_level_is_taken_after_the_hold_time_and_not_before() -> None:
    assert play([1.5, 1.5, 1.5]) == [("none", None), ("none", None), ("raised", "notice")]
    assert changes([1.5, 1.5, 0.9, 1.5, 1.5]) == []


def test_every_level_waits_by_its_own_clock() -> None:
    """Danger that began a minute after notice is taken a minute after it, not a hold time after it."""
    assert [level for _, level in play([1.0, 9.0, 9.0, 9.0])] == [None, None, "notice", "danger"]
    assert [level for _, level in play([9.0, 9.0, 9.0])] == [None, None, "danger"]


def test_no_hold_time_takes_a_level_at_once() -> None:
    assert play([9.0], holding=Holding(0, 0.8, 0, 0)) == [("raised", "danger")]


def test_a_level_is_given_up_only_below_its_release_line_for_the_release_time() -> None:
    up = [4.0] * 3
    assert changes([*up, *[3.3] * 30]) == ["raised"]  # between release line and limit nothing changes
    assert changes([*up, *[3.1] * 5, 3.3, *[3.1] * 5]) == ["raised"]  # the release time starts afresh
    assert changes([*up, *[3.1] * 6]) == ["raised", "eased"]
    assert play([*up, *[3.1] * 6])[-1] == ("eased", "watch")
    assert changes([*up, *[0.1] * 6]) == ["raised", "cleared"]


def test_falling_limits_work_the_other_way_round() -> None:
    assert changes([1.5] * 3, limits=FALLING) == ["raised"]
    assert changes([*[2.0] * 3, *[2.3] * 30], limits=FALLING) == ["raised"]
    assert play([*[2.0] * 3, *[2.5] * 6], limits=FALLING)[-1] == ("eased", "watch")


def test_what_is_no_number_or_not_newer_changes_nothing() -> None:
    watch, _ = step(Watch(), 9.0, T0, RISING, HOLDING)
    for value, at in ((math.nan, 60), (math.inf, 60), (9.0, 0), (0.0, -60)):
        assert step(watch, value, T0 + timedelta(seconds=at), RISING, HOLDING) == (watch, "none")


def test_a_level_whose_limit_was_taken_away_is_given_up() -> None:
    watch = Watch(level="watch", last_at=T0)
    for minute in range(1, 8):
        watch, _ = step(watch, 1.5, T0 + timedelta(minutes=minute), Limits(notice=1.0, danger=8.0), HOLDING)
    assert watch.level == "notice"


@given(level=some.floats(0.5, 12.0), noise=some.lists(some.floats(-0.1, 0.1), min_size=20, max_size=200))
def test_a_steady_value_never_flaps_under_ten_percent_of_noise(level: float, noise: list[float]) -> None:
    """However the noise falls, even by a mean hand: it raises, or eases, but never both."""
    seen = changes([level * (1 + share) for share in noise])
    assert not {"eased", "cleared"} & set(seen)
    assert len(seen) <= len(LEVELS)


@given(told=some.lists(some.floats(0, 10), max_size=120), every=some.sampled_from([1, 30, 60, 400]))
def test_every_move_is_one_that_its_name_says(told: list[float], every: float) -> None:
    before: Level | None = None
    for change, after in play(told, every_s=every):
        expected = {
            "none": rank(after) == rank(before),
            "raised": before is None and after is not None,
            "grown": rank(after) > rank(before) > 0,
            "eased": rank(before) > rank(after) > 0,
            "cleared": before is not None and after is None,
        }
        assert expected[change]
        before = after


@given(told=some.lists(some.floats(0, 10), max_size=40), cut=some.integers(0, 40))
def test_a_watch_that_was_written_down_goes_on_as_if_it_had_not(told: list[float], cut: int) -> None:
    watch = kept = Watch()
    for at, value in enumerate(told):
        moment = T0 + timedelta(minutes=at)
        if at == cut:
            kept = Watch.from_dict(json.loads(json.dumps(kept.as_dict())))
        watch, change = step(watch, value, moment, RISING, HOLDING)
        kept, same = step(kept, value, moment, RISING, HOLDING)
        assert (kept, same) == (watch, change)


@given(told=some.dictionaries(some.sampled_from(LEVELS), some.floats(-1e9, 1e9)))
def test_limits_come_back_as_they_went(told: dict[str, float]) -> None:
    assert Limits.from_dict(json.loads(json.dumps(Limits.from_dict(told).as_dict()))).as_dict() == told


def test_pending_says_what_waits_and_since_when() -> None:
    watch, _ = step(Watch(), 1.0, T0, RISING, HOLDING)
    watch, _ = step(watch, 9.0, T0 + timedelta(seconds=60), RISING, HOLDING)
    assert (watch.pending, watch.pending_since) == ("danger", T0)
    watch, change = step_level(watch, None, None, T0 + timedelta(seconds=90), HOLDING)
    assert (watch.pending, watch.pending_since, change) == (None, None, "none")


def test_what_returns_in_time_is_still_the_same() -> None:
    assert HOLDING.reopens(T0, T0 + timedelta(minutes=30))
    assert not HOLDING.reopens(T0, T0 + timedelta(minutes=31))
    assert highest(None, "watch", "notice") == "watch"
    assert highest() is None
