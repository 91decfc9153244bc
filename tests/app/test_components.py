"""Components are pure: what they print for numbers, times, changes, bars, trends and the five states."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from dash import html
from dash.development.base_component import Component

from app.components import numbers, states
from app.components.actions import act, aria
from app.components.bars import Bar, bars, parts
from app.components.figures import Figure, figure
from app.components.icons import icon
from app.components.markup import markup
from app.components.spark import spark
from app.components.times import clock, length, relative, span
from app.components.trend import nice_top, thinned, trend
from app.terms import Terms, all_terms, language_of

SHANGHAI = ZoneInfo("Asia/Shanghai")
NOON = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
ZH, EN = Terms("zh"), Terms("en")


def walk(node: object) -> Iterator[Component]:
    """Every component of a tree."""
    if isinstance(node, Component):
        yield node
        yield from walk(getattr(node, "children", None))
    elif isinstance(node, list | tuple):
        for each in node:
            yield from walk(each)


def words(node: object) -> str:
    """All text of a tree."""
    if isinstance(node, str):
        return node
    if isinstance(node, Component):
        return words(getattr(node, "children", None))
    return " ".join(words(each) for each in node) if isinstance(node, list | tuple) else ""


@pytest.mark.parametrize(("value", "text"), [(None, "—"), (0, "0"), (1234567, "1,234,567"), (12.6, "13")])
def test_counts_are_separated_and_missing_is_not_zero(value: float | None, text: str) -> None:
    assert numbers.count(value) == text


def test_shares_have_one_decimal() -> None:
    assert numbers.percent(0.98763) == "98.8%"
    assert numbers.percent(None) == "—"
    assert numbers.share(1, 0) is None


@pytest.mark.parametrize(
    ("now", "before", "good", "expected"),
    [
        (110, 100, "neither", ("up", "+10.0%", "even")),
        (90, 100, "up", ("down", "−10.0%", "bad")),
        (90, 100, "down", ("down", "−10.0%", "good")),
        (100, 100, "up", ("same", "0.0%", "even")),
        (5, 0, "up", ("unknown", "—", "even")),
        (None, 5, "up", ("unknown", "—", "even")),
    ],
)
def test_change_has_sign_and_says_whether_it_is_good(
    now: float | None, before: float | None, good: numbers.Good, expected: tuple[str, str, str]
) -> None:
    found = numbers.change(now, before, good)
    assert (found.direction, found.text, found.news) == expected


def test_change_of_a_share_is_in_points() -> None:
    found = numbers.change_in_points(0.985, 0.99, "up", " pts")
    assert (found.text, found.news) == ("−0.5 pts", "bad")


def test_times_stand_in_the_zone_of_the_district() -> None:
    assert clock(NOON, SHANGHAI) == "2026-11-22 12:00"
    assert clock(None, SHANGHAI) == "—"
    assert span(date(2026, 10, 24), date(2026, 11, 22)) == "2026-10-24 – 11-22"
    assert span(date(2025, 12, 1), date(2026, 1, 2)) == "2025-12-01 – 2026-01-02"
    assert span(date(2026, 1, 2), date(2026, 1, 2)) == "2026-01-02"


@pytest.mark.parametrize(
    ("minutes", "said"),
    [(0, "刚刚"), (5, "5 分钟前"), (150, "2 小时前"), (3000, "2 天前"), (-90, "1 小时后")],
)
def test_how_long_ago(minutes: int, said: str) -> None:
    assert relative(NOON - timedelta(minutes=minutes), NOON, ZH) == said


def test_how_late() -> None:
    assert length(NOON - timedelta(hours=30), NOON, EN) == "30 h"
    assert length(NOON - timedelta(days=9), NOON, ZH) == "9 天"


def test_a_figure_opens_its_list_unless_it_is_missing() -> None:
    known = figure(ZH, Figure("overdue", "超期", "40", filter="overdue=1"))
    assert known.to_plotly_json()["props"]["data-filter"] == "overdue=1"
    missing = figure(ZH, Figure("on_time", "按时", "—", filter="due=late"))
    props = missing.to_plotly_json()["props"]
    assert "data-do" not in props
    assert props["data-tip"] == ZH("state.missing")


def test_bars_share_one_scale_and_nothing_cannot_be_pressed() -> None:
    drawn = bars(
        [Bar("甲", 200, do="list", about=(("filter", "within=1"),)), Bar("乙", 50), Bar("丙", 0, do="list")]
    )
    fills = [c.style["transform"] for c in walk(drawn) if getattr(c, "className", "") == "bar-fill"]
    assert fills == ["scaleX(1.0000)", "scaleX(0.2500)", "scaleX(0.0000)"]
    assert len([c for c in walk(drawn) if type(c).__name__ == "Button"]) == 1


def test_parts_print_their_share_of_the_whole() -> None:
    said = words(parts([Bar("办结", 3, tone="closed"), Bar("接报", 1, tone="received")]))
    assert "75.0%" in said
    assert "25.0%" in said


def test_trend_thins_a_year_and_breaks_the_line_of_a_running_day() -> None:
    days = [(date(2026, 1, 1) + timedelta(days=n), 10) for n in range(365)]
    assert 40 <= len(thinned(days)) <= 62
    assert all(point.value == 60 for point in thinned(days))
    running = [
        c
        for c in walk(trend(days[:30], days[30:60], "", unfinished=True))
        if "running" in getattr(c, "className", "")
    ]
    assert running[0].d.startswith("M")
    whole = [c for c in walk(trend(days[:30], days[30:60], "")) if "running" in getattr(c, "className", "")]
    assert whole[0].d == ""


@pytest.mark.parametrize(
    ("most", "top"), [(0, 5), (5, 5), (6, 6), (11, 12), (101, 120), (2800, 3000), (10000, 10000)]
)
def test_the_scale_ends_on_a_round_number(most: int, top: int) -> None:
    assert nice_top(most) == top


def test_trend_of_nothing_is_drawn() -> None:
    assert isinstance(trend([], [], ""), Component)


def test_spark_draws_the_levels_within_reach_only() -> None:
    week = [(NOON + timedelta(hours=n), 1.0 + n % 3 * 0.1) for n in range(48)]
    drawn = [getattr(c, "className", "") for c in walk(spark(week, [("notice", 1.25), ("danger", 9.0)]))]
    assert any("spark-notice" in name for name in drawn)
    assert not any("spark-danger" in name for name in drawn)


def test_every_state_is_designed() -> None:
    assert "30" in words(states.stale(ZH, "11-22 09:30", states.empty("无")))
    assert words(states.failed(ZH, "读不到")).count(ZH("state.retry")) == 1
    assert ZH("state.whole") in words(states.failed(ZH, "没有", again=False))
    assert ZH("state.denied") in words(states.denied(ZH))


def test_attributes_say_what_a_click_means() -> None:
    assert act("drill", code="320508", lon=None) == {"data-do": "drill", "data-code": "320508"}
    assert aria(pressed=False, label="图层") == {"aria-pressed": "false", "aria-label": "图层"}


# Words that only one of the languages needs before or behind a figure.
SILENT_IN_ONE = {"dossier.pieces", "wall.escalates_before", "wall.escalates_after", "wall.ticket_unit"}


def test_every_term_speaks_both_languages() -> None:
    silent = {key for key, both in all_terms().items() if not both.zh or not both.en}
    assert silent <= SILENT_IN_ONE
    assert language_of("en-GB") == "en"
    assert language_of(None) == "zh"
    assert EN.either("ticket_state", "handling") == "In hand"
    assert EN.either("ticket_state", "never heard of") == "never heard of"


def test_markup_writes_what_react_would_and_escapes_what_people_wrote() -> None:
    """Titles and addresses come from outside; none of them may become an element."""
    drawn = html.Div(
        [
            html.Button("<b>&", className="a", disabled=True, tabIndex=0, **act("list", filter='x"y<z')),
            html.Img(src="/i.svg", alt=""),
            None,
            html.Span(3, style={"flexGrow": 2, "--mark": "var(--jade)"}, hidden=False),
        ]
    )
    assert markup(drawn) == (
        '<div><button class="a" data-do="list" data-filter="x&quot;y&lt;z" disabled tabindex="0">&lt;b&gt;&amp;</button>'
        '<img alt="" src="/i.svg"><span style="flex-grow:2;--mark:var(--jade)">3</span></div>'
    )
    assert 'viewBox="0 0 16 16"' in markup(icon("up"))
