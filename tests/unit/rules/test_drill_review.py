"""The after-action report: steps in their order, what was late, what nobody did; missing is never zero."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from geodata.rules.drill_review import AlertFacts, CheckOf, DispatchFacts, IncidentFacts, review

T0 = datetime(2026, 11, 22, 4, tzinfo=UTC)
CHECKS = [
    CheckOf("look", "看", "Look", 2),
    CheckOf("guide", "引导", "Guide", 5),
    CheckOf("tell", "告知", "Tell", 5),
    CheckOf("ease", "恢复", "Ease", None),
]


def at(seconds: float) -> datetime:
    return T0 + timedelta(seconds=seconds)


def alert(escalation: int = 0, taken_s: float | None = 150) -> AlertFacts:
    taken = None if taken_s is None else at(taken_s)
    return AlertFacts("crowd_density", "观前街", None, "danger", "crowd_street", at(120), taken, escalation)


def incident() -> IncidentFacts:
    ticked = {"look": at(180 + 60), "guide": at(180 + 301), "ease": at(900)}
    sent = (
        DispatchFacts("无人机", None, "refused", at(200), at(210), None),
        DispatchFacts("网格", "Grid", "arrived", at(205), at(230), at(500)),
    )
    return IncidentFacts("D1", "crowd_street", at(180), at(1000), ticked, sent)


def test_every_step_has_its_time_since_the_first_reading_and_since_the_step_before() -> None:
    told = review(T0, [alert()], [incident()], CHECKS)
    assert [(step["step"], step["after_s"], step["took_s"]) for step in told["steps"]] == [
        ("first_reading", 0, None), ("alert", 120, 120), ("acknowledged", 150, 30), ("incident", 180, 30),
        ("dispatched", 200, 20), ("accepted", 230, 30), ("arrived", 500, 270), ("resolved", 1000, 500),
    ]  # fmt: skip


def test_late_and_undone_are_told_apart_and_a_check_without_limit_is_never_late() -> None:
    told = review(T0, [alert()], [incident()], CHECKS)
    assert [(item["check"], item["took_min"]) for item in told["late"]] == [("guide", 5.0)]
    assert [item["check"] for item in told["undone"]] == ["tell"]
    assert {item["check"]: item["state"] for item in told["incidents"][0]["checks"]} == {
        "look": "done", "guide": "late", "tell": "undone", "ease": "done"
    }  # fmt: skip


def test_an_alert_that_was_carried_up_was_taken_late() -> None:
    told = review(T0, [alert(escalation=1)], [], CHECKS)
    assert told["late"] == [
        {"step": "acknowledged", "subject": {"zh": "观前街", "en": "观前街"}, "escalation": 1, "took_s": 30.0}
    ]


def test_what_did_not_happen_has_no_time_and_is_undone() -> None:
    told = review(None, [alert(taken_s=None)], [], CHECKS)
    steps = {step["step"]: step for step in told["steps"]}
    assert steps["alert"]["at"] == at(120).isoformat()
    assert steps["alert"]["after_s"] is None  # nobody knows when the first reading came
    assert [item["step"] for item in told["undone"]] == [
        "first_reading", "acknowledged", "incident", "dispatched", "accepted", "arrived", "resolved"
    ]  # fmt: skip


def test_a_team_that_refused_has_not_accepted() -> None:
    refused = IncidentFacts(
        "D1", None, at(1), None, {}, (DispatchFacts("甲", None, "refused", at(2), at(3), None),)
    )
    steps = {step["step"]: step["at"] for step in review(T0, [], [refused], [])["steps"]}
    assert steps["dispatched"] == at(2).isoformat()
    assert steps["accepted"] is None
