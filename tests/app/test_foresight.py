"""What the first hotspot question would wait for is there before it is asked, and made anew after a load."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, event, text

from app.http import foresight
from app.http.foresight import Foresight
from app.http.house import House
from geodata.profile import Profile
from geodata.queries import road_usual
from geodata.queries.facts import last_day
from geodata.queries.hotspot_roads import hotspot_roads_by_category
from geodata.store.settings import Settings
from geodata.types import Question


@contextmanager
def asked(engine: Engine) -> Iterator[list[str]]:
    """The statements that reach the database."""
    told: list[str] = []

    def note(_c: Any, _cursor: Any, statement: str, *_: Any) -> None:
        told.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    yield told
    event.remove(engine, "before_cursor_execute", note)


def months_counted(told: list[str]) -> int:
    return sum("road_offset_m" in statement and "int4send" in statement for statement in told)


@pytest.fixture
def house(demo_db: Engine, gusu: Profile) -> Iterator[House]:
    road_usual._known.clear()  # as in a process that has just begun
    yield House(demo_db, gusu, Settings())
    road_usual._known.clear()


def test_a_question_counts_no_month_that_was_made_ready(house: House) -> None:
    with house.reading() as c:
        last = last_day(c, house.profile)
        assert last is not None
        before = last.replace(day=1) - timedelta(days=1)
        month = Question(house.profile.window(before.replace(day=1), before))
        with asked(house.engine) as told:
            Foresight(house).look(rest=0)
        assert months_counted(told) == 14  # the newest month, the one before, and a year before that
        with asked(house.engine) as told:
            assert hotspot_roads_by_category(c, house.profile, month)
        assert months_counted(told) == 0


def test_it_looks_again_only_when_the_data_are_others(house: House) -> None:
    ahead = Foresight(house)
    ahead.look(rest=0)
    with asked(house.engine) as told:
        ahead.look(rest=0)
    assert len(told) == 1  # which version the data have
    road_usual._known.clear()
    ahead._ready = -1  # as after a load
    with asked(house.engine) as told:
        ahead.look(rest=0)
    assert months_counted(told) == 14


def test_a_store_without_tickets_needs_nothing(empty_db: Engine, gusu: Profile) -> None:
    house = House(empty_db, gusu, Settings())
    Foresight(house).look(rest=0)
    with house.reading() as c:
        assert c.scalar(text("select count(*) from tickets")) == 0
    house.close()


def test_it_rests_between_its_steps_and_stops_when_told(house: House) -> None:
    ahead = Foresight(house)
    ahead.stop.set()
    with asked(house.engine) as told:
        ahead.look()
    assert months_counted(told) == 0
    assert ahead._ready is None


def test_the_thread_gives_way_and_ends(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(foresight, "FIRST_S", 0.01)
    ahead, before = Foresight(house), os.getpriority(os.PRIO_PROCESS, 0)
    with asked(house.engine) as told:
        ahead.begin()
        until = time.monotonic() + 60
        while not months_counted(told) and time.monotonic() < until:
            time.sleep(0.05)
    ahead.stop.set()
    assert months_counted(told)
    assert os.getpriority(os.PRIO_PROCESS, 0) == before, "only the thread gives way"
    while any(thread.name == "foresight" for thread in threading.enumerate()) and time.monotonic() < until:
        time.sleep(0.05)
    assert not any(thread.name == "foresight" for thread in threading.enumerate())
