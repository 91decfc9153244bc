"""Camera tiles say what is known of each camera, in both languages."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from app.components.camera_panel import own_picture, panel
from app.components.cards import camera_card
from app.components.markup import markup
from app.terms import Terms
from geodata.queries.cameras import Camera
from geodata.queries.cameras_near import Seeing

ZONE = ZoneInfo("Asia/Shanghai")
SEEN_AT = datetime(2026, 3, 1, 4, 5, tzinfo=UTC)
ONE = Seeing(
    "C1",
    "观前街<1>",
    "ptz",
    "online",
    54.4,
    71.6,
    sees=True,
    blocked=False,
    score=0.4,
    has_stream=True,
    picture="hls",
    last_seen_at=SEEN_AT,
    lon=120.6,
    lat=31.3,
)
CAMERA = Camera(
    "C9",
    "平江路 9",
    "dome",
    "online",
    90.0,
    90.0,
    30.0,
    date(2024, 1, 2),
    SEEN_AT,
    "1",
    "网格",
    120.6,
    31.3,
    "drawn",
)


def test_a_tile_says_name_distance_direction_and_that_it_sees() -> None:
    text = markup(panel(Terms("en"), [ONE], alert=7, zone=ZONE))
    for word in ("观前街&lt;1&gt;", "54 m away", "rotate(72 8 8)", "sees it", "Online", 'data-camera="C1"',
                 'data-picture="hls"', 'data-alert="7"', 'data-zone="Asia/Shanghai"', "muted"):  # fmt: skip
        assert word in text
    assert "可见现场" in markup(panel(Terms("zh"), [ONE]))


@pytest.mark.parametrize(
    ("blocked", "word"), [(False, "nearest only, does not"), (True, "a building is in the way")]
)
def test_one_that_does_not_see_says_so(blocked: bool, word: str) -> None:
    text = markup(panel(Terms("en"), [replace(ONE, sees=False, blocked=blocked)]))
    assert word in text
    assert "sees it" not in text


def test_a_dead_camera_is_not_asked_and_says_since_when() -> None:
    text = markup(panel(Terms("en"), [replace(ONE, state="offline")], zone=ZONE))
    assert 'data-picture="none"' in text
    assert "No picture" in text
    assert "Last seen 2026-03-01 12:05" in text


def test_a_silent_one_is_asked_again() -> None:
    assert 'data-picture="hls"' in markup(panel(Terms("en"), [replace(ONE, state="silent")]))


def test_without_a_stream_or_without_any_camera() -> None:
    text = markup(panel(Terms("en"), [replace(ONE, picture=None, has_stream=False, last_seen_at=None)]))
    assert "No stream is connected" in text
    assert "Never heard" in text
    assert "There is no camera near here" in markup(panel(Terms("en"), []))


def test_four_at_most() -> None:
    text = markup(panel(Terms("zh"), [ONE] * 6))
    assert text.count("data-camera=") == 4
    assert "camera-grid-4" in text


def test_a_cameras_card_shows_its_own_picture() -> None:
    text = markup(camera_card(Terms("zh"), ZONE, SEEN_AT, CAMERA))
    assert 'data-camera="C9"' in text
    assert 'data-picture="drawn"' in text
    assert "见现场" not in text
    assert markup(own_picture(Terms("en"), CAMERA, ZONE)).count("<figure") == 1
