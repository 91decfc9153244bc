"""The planner's panels and the lists behind their marks agree with each other; small counts stay untold to planners."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import FastAPI
from sqlalchemy import Connection

from app.components.markup import markup
from app.http.guard import _account
from app.pages import planning_answers as answers, planning_figures as figures, planning_grid
from app.pages.list_asked import Asked
from app.pages.panel import Asker
from app.pages.planning_callbacks import asked_by, stamped
from app.pages.planning_data import Ask
from app.pages.planning_list import drawer, narrowed
from app.pages.planning_overlay import overlay
from app.pages.planning_state import MAP_LAYERS
from app.terms import Terms
from geodata.commands.accounts import Account
from geodata.errors import BadArgument, Denied, NotFound
from geodata.queries import heat, tickets
from geodata.space.hexes import as_text
from geodata.types import Role
from tests.app.test_page_dossier import LAST
from tests.db.town import LAST_DAY

QUESTION: dict[str, Any] = {
    "from": "2026-02-01",
    "to": LAST_DAY.isoformat(),
    "vs": "before",
    "level": "subdistrict",
}
FILTER = re.compile(r'data-filter="([^"]+)"')


@pytest.fixture
def c(doors: FastAPI) -> Iterator[Connection]:
    """A connection as pages read."""
    with doors.state.house.reading() as connection:
        yield connection


def ask(doors: FastAPI, c: Connection, role: Role = "commander", **more: Any) -> Ask:
    """An asking by somebody of a role."""
    account = Account(1, role, role, None)
    _account.set(account)
    return asked_by(doors.state.house, c, Asker(account, Terms("zh"), LAST), QUESTION | more)


def listed(it: Ask, words: str) -> int:
    """How many tickets a mark's words open."""
    return tickets.page(it.c, it.profile, *narrowed(it, Asked(words)), now=it.now, limit=1).total


def test_every_row_of_the_ranking_opens_its_tickets(doors: FastAPI, c: Connection) -> None:
    for level in ("subdistrict", "station"):
        it = ask(doors, c, level=level)
        rows = planning_grid.rows(it.terms, answers.ranking(it))
        assert sum(row["count"] for row in rows) > 0
        for row in rows:
            assert listed(it, f"area={row['code']}") == row["count"], row
            assert listed(it, f"before=1&area={row['code']}") == row["before"], row


def test_every_day_hour_and_category_opens_its_tickets(doors: FastAPI, c: Connection) -> None:
    it = ask(doors, c)
    found = answers.trend(it)
    for day, count in list(zip(found.days, found.counts, strict=True))[:8]:
        if count is not None:
            assert listed(it, f"day={day}") == count
    assert listed(it, f"day={found.days[0]}_{found.days[6]}") == sum(n or 0 for n in found.counts[:7])
    for day, row in enumerate(answers.matrix(it)):
        assert listed(it, f"slot={day}-{9}") == row[9]
    for row in answers.breakdown(it, 1):
        assert listed(it, f"within={row.code}") == row.count
    told = answers.times(it)
    assert (listed(it, "open=1"), listed(it, "due=late")) == (told.open, answers.late(it, told))


def test_every_hexagon_opens_its_tickets(doors: FastAPI, c: Connection) -> None:
    it = ask(doors, c)
    for resolution in (9, 10, 11):
        counted = heat.cell_counts(c, it.profile, it.question, resolution)
        assert len(counted.cells)
        for cell, count in list(zip(counted.cells.tolist(), counted.counts.tolist(), strict=True))[:4]:
            assert listed(it, f"cell={as_text(cell)}") == count
    with pytest.raises(BadArgument):
        listed(it, "cell=nothing")
    with pytest.raises(NotFound):
        listed(it, "area=nowhere")


def test_what_a_panel_writes_can_be_opened(doors: FastAPI, c: Connection) -> None:
    it = ask(doors, c)
    said = markup(
        [figures.figures(it), figures.trend(it), figures.matrix(it), figures.breakdown(it), figures.times(it)]
    )
    words = {word.replace("&amp;", "&") for word in FILTER.findall(said)}
    assert {word.partition("=")[0] for word in words} >= {"day", "slot", "within", "all"}
    for word in sorted(words)[:25]:
        assert listed(it, word) > 0, word


def test_a_planner_is_told_no_small_count(doors: FastAPI, c: Connection) -> None:
    it = ask(doors, c, "planner", level="station", **{"from": "2026-02-26"})
    rows = planning_grid.rows(it.terms, answers.ranking(it))
    assert any(row["few"] for row in rows)
    assert not any(row["count"] in (1, 2, 3, 4) for row in rows)
    few = next(row["code"] for row in rows if row["few"])
    told = ask(doors, c, "commander", level="station", **{"from": "2026-02-26"})
    number = listed(told, f"area={few}")
    if 0 < number < 5:
        assert it.terms("plan.list_few") in markup(drawer(it, Asked(f"area={few}")))
        assert it.terms("plan.list_few") not in markup(drawer(told, Asked(f"area={few}")))


@pytest.mark.parametrize("kind", [kind for kind in MAP_LAYERS if kind != "per_1000"])
def test_every_layer_of_the_map_is_explained(doors: FastAPI, c: Connection, kind: str) -> None:
    for role in ("commander", "planner"):
        it = ask(doors, c, role)  # type: ignore[arg-type]
        found = overlay(it, kind)
        assert it.terms(f"plan_map.{kind}") in found["html"]
        assert "<p" in found["html"]
        for cell in found["cells"][:20]:
            assert len(cell["ring"]) in (10, 12, 14)
            assert cell["tip"]


def test_only_those_who_plan_may_ask(doors: FastAPI, c: Connection) -> None:
    for role in ("screen", "operator"):
        with pytest.raises(Denied):
            ask(doors, c, role)  # type: ignore[arg-type]
    with pytest.raises(NotFound):
        overlay(ask(doors, c), "gold")


def test_an_answer_is_told_apart_from_an_equal_one_before() -> None:
    assert stamped({"n": 1}, "x") != stamped({"n": 2}, "x")
