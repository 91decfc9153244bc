"""The dossier and the lists behind its figures agree with each other, on rows that are known."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from fastapi import FastAPI
from sqlalchemy import Connection

from app.http.guard import _account
from app.pages import card_data, command_dossier, command_search, dossier_data, list_data
from app.pages.dossier_data import FINE_DAYS, Dossier, strip
from app.pages.list_asked import Asked, filters_of
from app.terms import Terms
from geodata.commands.accounts import Account
from geodata.errors import Denied
from geodata.profile import Profile
from geodata.queries import tickets
from geodata.types import Question
from tests.app.test_components import walk, words
from tests.db.town import LAST_DAY

ZH = Terms("zh")
LAST = datetime(2026, 3, 1, 15, 59, tzinfo=UTC)  # the last minute of LAST_DAY in the town


@contextmanager
def acting_as(role: str, area: str | None = None) -> Iterator[Account]:
    """Somebody who asks."""
    account = Account(1, role, role, area)  # type: ignore[arg-type]
    token = _account.set(account)
    yield account
    _account.reset(token)


@pytest.fixture
def c(doors: FastAPI) -> Iterator[Connection]:
    """A connection as pages read."""
    with doors.state.house.reading() as connection:
        yield connection


def gather(doors: FastAPI, c: Connection, q: Question) -> Dossier:
    return dossier_data.gather(c, doors.state.house, q, LAST)


def month(gusu: Profile, area: str | None = None, **more: Any) -> Question:
    return Question(gusu.window(LAST_DAY - timedelta(days=29), LAST_DAY), area=area, **more)


@pytest.mark.parametrize("area", [None, "1-0-0", "2-1-2", "3-2-5", "4-0-0"])
@pytest.mark.parametrize("categories", [None, ("H1",), ("C1.1", "H2")])
def test_the_list_behind_every_figure_has_its_count(
    doors: FastAPI, c: Connection, gusu: Profile, area: str | None, categories: tuple[str, ...] | None
) -> None:
    it = gather(doors, c, month(gusu, area, categories=categories))
    pressed = 0
    for part in walk(command_dossier.dossier(ZH, gusu, it)):
        about = part.to_plotly_json()["props"]
        if about.get("data-do") != "list":
            continue
        found = list_data.page(c, gusu, it.question, Asked(about["data-filter"]), LAST)
        assert found.total == printed(about, words(part), it), about["data-filter"]
        pressed += 1
    assert pressed >= 3


def printed(about: dict[str, Any], text: str, it: Dossier) -> int:
    """The count a pressed element stands for: what it prints, or what its percentage is of."""
    now = it.summary.tickets
    special = {"on_time": now.due - now.closed_on_time, "located": now.located}
    if about.get("data-figure") in special:
        return special[about["data-figure"]]
    found = re.search(r"[\d,]+(?![\d.,]*%)", re.sub(r"^[^\d]*12345\S*", "", text))
    assert found, text
    return int(found.group().replace(",", ""))


def test_trend_strip_and_total_are_one_count(doors: FastAPI, c: Connection, gusu: Profile) -> None:
    it = gather(doors, c, month(gusu, "1-0-0"))
    assert sum(n for _, n in it.days) == sum(strip(it, gusu)["counts"]) == it.summary.tickets.total
    assert sum(n for _, n in it.days_before) == it.summary.tickets.previous.total  # type: ignore[union-attr]


def test_areas_below_add_up(doors: FastAPI, c: Connection, gusu: Profile) -> None:
    it = gather(doors, c, month(gusu, "1-0-0"))
    assert sum(each.tickets for each in it.below) == it.summary.tickets.total
    assert sum(each.before for each in it.below) == it.summary.tickets.previous.total  # type: ignore[union-attr]
    assert [each.tickets for each in it.below] == sorted((each.tickets for each in it.below), reverse=True)


def test_chosen_hours_narrow_the_figures_and_not_the_strip(
    doors: FastAPI, c: Connection, gusu: Profile
) -> None:
    whole = gather(doors, c, month(gusu))
    at = whole.hours[40][0]
    chosen = gather(doors, c, month(gusu, hours=(at, whole.hours[43][0])))
    assert chosen.summary.tickets.total == sum(n for _, n in whole.hours[40:43])
    assert chosen.hours == whole.hours


def test_a_long_window_is_told_by_days(doors: FastAPI, c: Connection, gusu: Profile) -> None:
    first = LAST_DAY - timedelta(days=100)
    drawn = strip(gather(doors, c, Question(gusu.window(first, LAST_DAY))), gusu)
    assert drawn["step"] == 86_400_000
    assert len(drawn["counts"]) > FINE_DAYS


def test_breadcrumb_leads_from_the_district_down(doors: FastAPI, c: Connection, gusu: Profile) -> None:
    it = gather(doors, c, month(gusu, "4-0-0"))
    answer = command_dossier.answer(ZH, gusu, it)
    assert answer["place"]["chain"] == ["320508", "1-0-0", "2-0-0", "3-0-0", "4-0-0"]
    drills = re.findall(r'data-code="([^"]+)" data-do="drill"', answer["panels"]["crumbs"])
    assert drills == ["320508", "1-0-0", "2-0-0", "3-0-0"]


def test_a_window_without_tickets_says_so(doors: FastAPI, c: Connection, gusu: Profile) -> None:
    first = LAST_DAY.replace(year=2019)
    it = gather(doors, c, Question(gusu.window(first, first)))
    said = words(command_dossier.dossier(ZH, gusu, it))
    assert ZH("dossier.no_tickets") in said
    assert "—" in said  # no share of nothing


def test_a_feed_that_stopped_is_greyed_and_dated(doors: FastAPI, c: Connection, gusu: Profile) -> None:
    later = LAST + timedelta(days=3)
    running = Question(gusu.window(LAST_DAY - timedelta(days=9), LAST_DAY + timedelta(days=3)))
    it = dossier_data.gather(c, doors.state.house, running, later)
    assert "数据停在 03-01 23:" in words(command_dossier.dossier(ZH, gusu, it))
    assert not gather(doors, c, month(gusu)).stale


def test_an_empty_store_says_what_to_do(empty_db: Any, doors: FastAPI, gusu: Profile) -> None:
    with empty_db.connect() as connection:
        it = dossier_data.gather(connection, doors.state.house, month(gusu), datetime.now(UTC))
    assert ZH("dossier.no_data_hint") in words(command_dossier.dossier(ZH, gusu, it))


def test_the_card_of_a_ticket_is_for_those_who_may_see_it(c: Connection, gusu: Profile) -> None:
    ticket = tickets.page(c, gusu, month(gusu, "1-0-0"), filters_of(Asked("")), limit=1).tickets[0]
    with acting_as("commander", "1-0-0"):
        drawn = card_data.read_card(c, gusu, ZH, "ticket", ticket.number, now=LAST)
    assert ticket.number in words(drawn)
    for role, area in (("screen", None), ("commander", "1-1-3")):
        with acting_as(role, area), pytest.raises(Denied):
            card_data.read_card(c, gusu, ZH, "ticket", ticket.number, now=LAST)


@pytest.mark.parametrize(("kind", "key"), [("camera", "cam1"), ("sensor", "sen2"), ("heritage", "h1")])
def test_cards_of_things(c: Connection, gusu: Profile, kind: str, key: str) -> None:
    with acting_as("commander"):
        assert type(card_data.read_card(c, gusu, ZH, kind, key, now=LAST)).__name__ == "Article"


def test_search_leaves_out_what_a_role_may_not_see(c: Connection, gusu: Profile) -> None:
    with acting_as("commander") as account:
        assert {hit.kind for hit in command_search.look_up(c, gusu, account, "cam1")} == {"camera"}
    with acting_as("planner") as account:
        assert command_search.look_up(c, gusu, account, "cam1") == []
