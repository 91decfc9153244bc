"""The loop of the one judge in real sessions: one sits, the other waits; a cut connection is a new start, not an end."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import Engine, text

from app.judging import Judging
from geodata.commands import intake
from geodata.profile import Profile
from geodata.store.db import make_engine
from tests.db.judged_town import NOON, Court, lay_town, minutes


@pytest.fixture
def court(empty_db: Engine, gusu: Profile) -> Court:
    lay_town(empty_db)
    return Court(empty_db, gusu)


Start = Callable[[], Judging]


@pytest.fixture
def start(court: Court) -> Iterator[Start]:
    """Starts judges, each a thread with an engine of its own, as a process has; ended afterwards."""
    stop, threads, engines = threading.Event(), [], []

    def one() -> Judging:
        engine = make_engine(court.engine.url.render_as_string(hide_password=False), pool_size=1)
        judging = Judging(engine, court.profile, stop)
        thread = threading.Thread(target=judging.run)
        thread.start()
        threads.append(thread)
        engines.append(engine)
        return judging

    yield one
    stop.set()
    for thread in threads:
        thread.join(10)
    for engine in engines:
        engine.dispose()


def until(true: Callable[[], object], longest_s: float = 15.0) -> None:
    end = time.monotonic() + longest_s
    while not true():
        assert time.monotonic() < end, "it did not come to pass"
        time.sleep(0.02)


def cut_the_seat(engine: Engine) -> None:
    """End the session that holds the seat, as a broken network or a killed server process does."""
    holder = text("""select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and granted
                     and database = (select oid from pg_database where datname = current_database())""")

    def cut() -> bool:
        with engine.begin() as c:
            return bool(c.execute(holder).all())

    until(cut)


def test_one_sits_and_the_other_takes_over(court: Court, start: Start) -> None:
    first = start()
    until(first.seated.is_set)
    second = start()
    time.sleep(0.6)
    assert not second.seated.is_set()
    feed = court.feed()
    court.tell(feed, [("S1", NOON, 20)])
    until(lambda: court.moves() == ["raise"])
    cut_the_seat(court.engine)
    court.tell(feed, [("S1", NOON + minutes(1), 45)])
    until(lambda: court.moves() == ["raise", "grow"])
    for n in range(4):
        cut_the_seat(court.engine)
        court.tell(feed, [("S1", NOON + minutes(2 + n), 45), ("S2", NOON + minutes(2 + n), 45)])
        until(lambda: court.moves().count("raise") == 2)
        until(lambda: first.seated.is_set() != second.seated.is_set())
    assert court.moves() == ["raise", "grow", "raise"]


def test_what_is_told_is_judged_at_once(court: Court, start: Start) -> None:
    judging = start()
    until(judging.seated.is_set)
    feed = court.feed()
    for n in range(5):
        court.tell(feed, [(f"S{1 + n % 3}", NOON + minutes(n), 45)])
        time.sleep(0.3)
    until(lambda: len(court.alerts()) == 3)
    took_s = sorted((alert.raised_at - alert.accepted_at).total_seconds() for alert in court.alerts())
    assert took_s[0] < 0.5, took_s  # woken, not found by the poll of a second; loaded machines waver


def test_a_batch_that_cannot_be_judged_is_set_aside_and_stops_nothing(court: Court, start: Start) -> None:
    feed = court.feed()
    with court.engine.begin() as c:
        intake.put(c, feed, "readings", b"seven b")  # no array of readings
    court.tell(feed, [("S1", NOON, 45)])
    judging = start()
    until(lambda: len(court.alerts()) == 1)
    with court.engine.connect() as c:
        assert c.execute(text("select count(*) from intake where fault is not null")).scalar() == 1
        assert intake.waiting(c) == 0
    court.tell(feed, [("S2", NOON, 45)])
    until(lambda: len(court.alerts()) == 2)
    assert judging.careful > 0
