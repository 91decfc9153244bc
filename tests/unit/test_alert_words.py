"""How an alert is worded, and that it never words what is not known."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from app import alert_words
from app.terms import Terms, all_terms
from geodata.queries.alerts import AlertCard
from geodata.store.schema.alerts import ALERT_STATES
from geodata.store.schema.rules import RULES

NOW = datetime(2026, 11, 22, 4, tzinfo=UTC)
CROWD = AlertCard(
    1, "crowd_density:guanqian", "crowd_density", "warning", "warning", "raised", "place", "guanqian", "观前街",
    "Guanqian Street", None, (), 120.6, 31.3, 2.412, 2.0, "persons/m²",
    {"people": 3210.4, "people_per_min": 84.6, "minutes_to_next": 6.4}, NOW, NOW, NOW, None, None, 0, 0, None, None,
    None, None, None, None, 1,
)  # fmt: skip
ZH, EN = Terms("zh"), Terms("en")


def test_a_crowd_in_both_languages() -> None:
    assert alert_words.title(ZH, CROWD) == "观前街：人群过密"
    assert alert_words.title(EN, CROWD) == "Guanqian Street: crowd too dense"
    assert alert_words.sentence(ZH, CROWD) == (
        "人群密度 2.41 人/m²，门限 2 人/m²；现场约 3,210 人；每分钟增加 85 人；按此趋势约 6 分钟后到危险级。"
    )
    assert alert_words.sentence(EN, CROWD) == (
        "density 2.41 persons/m², threshold 2 persons/m²; about 3,210 people there; 85 more a minute; "
        "at this pace danger in about 6 min."
    )


def test_a_drill_says_so_where_nothing_else_does() -> None:
    assert alert_words.headline(ZH, replace(CROWD, drill_id=3)) == "【演练】观前街：人群过密（预警）"
    assert alert_words.headline(EN, CROWD) == "Guanqian Street: crowd too dense (warning)"


def test_what_is_not_known_is_not_said() -> None:
    assert alert_words.sentence(ZH, replace(CROWD, value=None, facts={})) == ""
    assert alert_words.sentence(ZH, replace(CROWD, threshold=None, facts={})) == "人群密度 2.41 人/m²。"
    worst = replace(CROWD, level="danger", facts={"minutes_to_next": 3, "people": None})
    assert "分钟后" not in alert_words.sentence(ZH, worst)


@pytest.mark.parametrize(
    ("value", "unit", "told"), [(45, "s", "45 秒"), (5, "min", "5 分钟"), (3, "h", "3 小时")]
)
def test_silence_is_told_as_a_span(value: float, unit: str, told: str) -> None:
    silent = replace(CROWD, rule="feed_silence", value=value, unit=unit, threshold=None, facts={})
    assert alert_words.sentence(ZH, silent) == f"已 {told}没有数据。".replace(told, f"{told} ")


def test_tickets_tell_hours_and_what_is_usual() -> None:
    burst = replace(
        CROWD,
        rule="ticket_burst",
        value=12,
        threshold=None,
        unit="tickets",
        facts={"window_h": 3.0, "usual": 2.4},
    )
    assert alert_words.sentence(ZH, burst) == "近 3 小时；新增工单 12 件；平时 2.4 件。"
    late = replace(
        CROWD,
        rule="ticket_deadline",
        value=5,
        threshold=3,
        unit="tickets",
        facts={"near": 2, "near_h": 4.0, "latest_h": 30.5},
    )
    assert alert_words.sentence(EN, late) == (
        "overdue 5 tickets, threshold 3 tickets; the latest by 30.5 h; 2 more fall due within 4 h."
    )


def test_capacity_is_said_where_it_is_known() -> None:
    full = replace(CROWD, value=None, facts={"people": 900, "capacity": 1200})
    assert alert_words.sentence(ZH, full) == "现场约 900 人，核定容量 1,200 人。"


def test_muted_and_back_to_normal_are_said() -> None:
    quiet = replace(CROWD, value=None, muted="换传感器", facts={"normal_since": "2026"})
    assert alert_words.sentence(ZH, quiet) == "读数已恢复正常；维护期间静默：换传感器。"


def test_every_rule_and_state_has_words() -> None:
    known = all_terms().keys()
    assert {f"alert_title.{rule}" for rule in RULES} <= known
    assert {f"alert_state.{state}" for state in ALERT_STATES} <= known
