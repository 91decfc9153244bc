"""A link says the whole picture; what is unreadable in it falls back instead of breaking the page."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from app.pages.list_asked import Asked, export_link, filters_of, read_asked
from app.pages.state import DEFAULT_LAYERS, read_link, read_question, window_name
from geodata.profile import Profile
from geodata.types import OPEN_STATES, Question


def test_an_empty_link_shows_thirty_days_of_the_district(gusu: Profile) -> None:
    found = read_link("", gusu)
    assert (found.area, (found.last - found.first).days, found.language, found.theme) == (
        "320508",
        29,
        "zh",
        "dark",
    )
    assert found.layers == DEFAULT_LAYERS
    assert found.store()["window"] == "30d"


def test_a_whole_picture_is_read_back(gusu: Profile) -> None:
    link = (
        "?area=320508001&from=2026-03-01&to=2026-03-31&hours=2026-03-02T00:00Z_2026-03-02T05:00Z&categories=H01,C02"
        "&layers=roads,tickets&view=120.62000,31.31000,13.5&lang=en&theme=light&list=state=closed&card=camera:C1"
    )
    found = read_link(link, gusu)
    assert (found.area, found.first, found.last) == ("320508001", date(2026, 3, 1), date(2026, 3, 31))
    assert found.categories == ("H01", "C02")
    assert found.layers == ("roads", "tickets")
    assert found.view == (120.62, 31.31, 13.5)
    assert (found.language, found.theme, found.list_filter, found.card) == (
        "en",
        "light",
        "state=closed",
        "camera:C1",
    )
    assert found.hours == (datetime(2026, 3, 2, 0, tzinfo=UTC), datetime(2026, 3, 2, 5, tzinfo=UTC))
    assert "water" in found.store()["hidden"]


def test_the_store_asks_what_the_link_asked(gusu: Profile) -> None:
    found = read_link("?area=320508001&from=2026-03-01&to=2026-03-31&categories=H01", gusu)
    assert read_question(found.store(), gusu) == found.question(gusu)


@pytest.mark.parametrize(
    "link",
    [
        "?from=yesterday&to=today", "?from=2026-03-31&to=2026-03-01", "?from=1000-01-01&to=2026-01-01", "?view=1,2",
        "?view=a,b,c", "?view=500,31,12", "?hours=now_then", "?hours=2026-03-02T05:00Z_2026-03-02T01:00Z", "?lang=xx&theme=pink",
    ],
)  # fmt: skip
def test_what_is_unreadable_falls_back(gusu: Profile, link: str) -> None:
    assert read_link(link, gusu).store() == read_link("", gusu).store()


def test_an_account_of_one_area_begins_there(gusu: Profile) -> None:
    assert read_link("", gusu, area="320508001").area == "320508001"


def test_windows_are_named_by_their_days() -> None:
    today = date(2026, 11, 22)
    names = [window_name(today - timedelta(days=n), today, today) for n in (0, 6, 29, 21, 3)]
    assert names == ["today", "7d", "30d", "month", "custom"]


def test_a_filter_becomes_the_arguments_of_the_query() -> None:
    filters = filters_of(Asked("state=" + "+".join(OPEN_STATES)))
    assert filters.states == OPEN_STATES
    assert filters_of(Asked("overdue=1")).overdue
    assert filters_of(Asked("due=late")).due == "late"
    assert filters_of(Asked("within=H01")).categories == ("H01",)
    assert filters_of(Asked("source=12345")).sources == ("12345",)
    assert filters_of(Asked("")) == filters_of(Asked("nonsense=1"))


def test_overdue_lists_begin_with_the_latest_deadline_missed() -> None:
    assert read_asked({"filter": "overdue=1"}).order == "due_at"
    assert read_asked({"filter": ""}).order == "-received_at"
    assert read_asked({"filter": "", "sort": "; drop table", "page": 0}) == Asked("")


def test_the_export_asks_for_just_that_list(gusu: Profile) -> None:
    window = gusu.window(date(2026, 3, 1), date(2026, 3, 31))
    link = export_link(Question(window, ("H01",), "320508001"), Asked("state=closed"))
    assert (
        link
        == "/api/tickets/export.csv?from=2026-03-01&to=2026-03-31&area=320508001&category=H01&state=closed"
    )
