"""The tables of legal moves: every pair of state and move is either in the table or refused."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta

import pytest

from geodata.rules import alert_life, incident_life, review
from geodata.rules.alert_life import IllegalMove
from geodata.store.schema.alerts import ALERT_OPEN, ALERT_STATES, INCIDENT_STATES
from geodata.store.schema.response import DISPATCH_STATES

ALERT_MOVES = [*sorted({move for _, move, _, _ in alert_life.LIFE}), "dance", ""]
LEGAL = {
    ("raised", "acknowledge"): "acknowledged", ("raised", "false_alarm"): "false_alarm",
    ("raised", "deal"): "dealt_with", ("raised", "open_incident"): "incident",
    ("acknowledged", "false_alarm"): "false_alarm", ("acknowledged", "deal"): "dealt_with",
    ("acknowledged", "open_incident"): "incident",
}  # fmt: skip


@pytest.mark.parametrize(("state", "move"), list(itertools.product(ALERT_STATES, ALERT_MOVES)))
def test_what_people_may_do_with_an_alert(state: str, move: str) -> None:
    if (state, move) in LEGAL:
        assert alert_life.may(state, move, "person") == LEGAL[state, move]
        assert move in alert_life.open_to_people(state)
    else:
        with pytest.raises(IllegalMove, match=rf"An alert that is {state} cannot {move}\."):
            alert_life.may(state, move, "person")
        assert move not in alert_life.open_to_people(state)


def test_the_table_of_alerts_is_whole() -> None:
    assert set(alert_life.MOVES) == set(ALERT_STATES)
    assert set(alert_life.CLOSED) == set(ALERT_STATES) - set(ALERT_OPEN)
    pairs = [(state, move) for state, move, _, _ in alert_life.LIFE]
    assert len(set(pairs)) == len(pairs)
    assert {after for _, _, after, _ in alert_life.LIFE} <= set(ALERT_STATES)
    for state in ALERT_OPEN:  # the rules may always tell what they measure
        assert {"grow", "ease", "clear"} <= set(alert_life.MOVES[state])
    assert alert_life.MOVES["false_alarm"] == {} == alert_life.MOVES["dealt_with"]


def test_only_its_incident_deals_with_an_alert_that_has_one() -> None:
    assert alert_life.may("incident", "deal", "incident") == "dealt_with"
    assert alert_life.may("incident", "clear", "system") == "incident"
    for who in ("person", "system"):
        with pytest.raises(IllegalMove):
            alert_life.may("incident", "deal", who)  # type: ignore[arg-type]


INCIDENT = {
    "opened": {"verify", "dispatch", "resolve"}, "verified": {"dispatch", "handle", "resolve"},
    "dispatched": {"handle", "resolve"}, "handling": {"resolve"}, "resolved": {"review"}, "reviewed": set(),
}  # fmt: skip
AFTER = {
    "verify": "verified",
    "dispatch": "dispatched",
    "handle": "handling",
    "resolve": "resolved",
    "review": "reviewed",
}


@pytest.mark.parametrize(
    ("state", "move"), list(itertools.product(INCIDENT_STATES, [*AFTER, "open", "reopen"]))
)
def test_what_may_be_done_with_an_incident(state: str, move: str) -> None:
    if move in INCIDENT[state]:
        assert incident_life.may(state, move) == AFTER[move]
    else:
        with pytest.raises(IllegalMove, match="An incident that is"):
            incident_life.may(state, move)
    assert set(incident_life.open_moves(state)) == INCIDENT[state]


DISPATCH = {
    "sent": {"deliver", "accept", "refuse"}, "delivered": {"accept", "refuse"}, "accepted": {"arrive", "refuse"},
    "arrived": {"done"}, "refused": set(), "done": set(),
}  # fmt: skip


@pytest.mark.parametrize(
    ("state", "move"),
    list(itertools.product(DISPATCH_STATES, ["deliver", "accept", "refuse", "arrive", "done", "x"])),
)
def test_what_may_be_done_with_a_dispatch(state: str, move: str) -> None:
    if move in DISPATCH[state]:
        assert incident_life.may_dispatch(state, move) in DISPATCH_STATES
    else:
        with pytest.raises(IllegalMove, match="A dispatch that is"):
            incident_life.may_dispatch(state, move)
    assert set(incident_life.open_dispatch_moves(state)) == DISPATCH[state] - {"deliver"}


def test_the_tables_know_the_states_of_the_store() -> None:
    assert incident_life.STATES == INCIDENT_STATES
    assert incident_life.DISPATCH_STATES == DISPATCH_STATES
    assert set(incident_life.MOVES) == set(INCIDENT_STATES)


START = datetime(2026, 11, 22, 4, tzinfo=UTC)


def after(minutes: float) -> datetime:
    return START + timedelta(minutes=minutes)


def test_a_review_tells_how_long_each_step_took() -> None:
    told = review.steps(
        {
            "opened": after(2),
            "raised": START,
            "acknowledged": after(1),
            "verified": None,
            "resolved": after(9),
        }
    )
    assert [(s.step, s.since_before_s, s.since_first_s) for s in told] == [
        ("raised", 0, 0), ("acknowledged", 60, 60), ("opened", 60, 120), ("resolved", 420, 540),
    ]  # fmt: skip
    assert review.steps({}) == []


def test_what_was_late_against_the_plan() -> None:
    listed = [("a", 5.0), ("b", 5.0), ("c", 5.0), ("d", None), ("e", 30.0), ("f", None)]
    done = {"a": after(4), "b": after(7.5), "d": after(3)}
    told = {item.item: item for item in review.due(listed, done, START, after(20))}
    assert (told["a"].late_min, told["a"].after_min) == (0, 4)
    assert told["b"].late_min == 2.5
    assert (told["c"].late_min, told["c"].done_at) == (15, None)
    assert told["d"].late_min == 0
    assert told["e"].late_min is None
    assert told["f"].late_min is None
    assert [item.item for item in review.late(list(told.values()))] == ["c", "b"]
