"""Connections of one web process: however many threads ask single questions, the others still get theirs."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import psycopg
import pytest
from sqlalchemy import Engine, select, text
from sqlalchemy.exc import TimeoutError as PoolTimeout

from app.http.house import House
from geodata.errors import Unavailable
from geodata.profile import Profile
from geodata.store import db, glances
from geodata.store.glances import bytes_of
from geodata.store.settings import Settings

THREADS = 40


def test_threads_that_glanced_hold_nothing(empty_db: Engine, gusu: Profile) -> None:
    house = House(empty_db, gusu, Settings())
    all_have_asked = threading.Barrier(THREADS)

    def glance(_: int) -> int:
        with house.glancing() as c:
            found = c.scalar(select(1))
        all_have_asked.wait(30)  # the thread lives on, as those of a server do
        assert found
        return int(found)

    with ThreadPoolExecutor(THREADS) as threads:
        assert sum(threads.map(glance, range(THREADS))) == THREADS
        with house.reading() as c:
            used = c.scalar(text("select count(*) from pg_stat_activity where datname = current_database()"))
    assert used is not None
    assert used <= glances.AT_A_TIME + 2
    house.close()


def test_a_glance_is_planned_once_and_needs_no_transaction(empty_db: Engine, gusu: Profile) -> None:
    house = House(empty_db, gusu, Settings())
    with house.glancing() as c:
        assert c.scalar(text("show plan_cache_mode")) == "force_generic_plan"
        c.execute(text("create table glanced ()"))
    with house.reading() as c:
        assert c.scalar(text("show plan_cache_mode")) == "force_custom_plan"
        assert c.scalar(text("select to_regclass('glanced') is not null"))
    house.close()


def test_whoever_waits_too_long_for_a_connection_is_told_calmly(
    empty_db: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(db, "LONGEST_WAIT_S", 0.05)
    engine = db.make_engine(empty_db.url.render_as_string(hide_password=False), pool_size=1, most=1)
    with (
        engine.connect(),
        pytest.raises(Unavailable, match="try again in a moment") as refused,
        db.transaction(engine),
    ):
        pass
    assert isinstance(refused.value.__cause__, PoolTimeout)
    engine.dispose()


def test_the_glance_after_a_broken_connection_has_a_new_one(empty_db: Engine, gusu: Profile) -> None:
    house = House(empty_db, gusu, Settings())
    for _ in range(2 * glances.AT_A_TIME):
        with pytest.raises(Unavailable), house.glancing() as c:
            bytes_of(c, "select pg_terminate_backend(pg_backend_pid())::text::bytea", {})
        with house.glancing() as c:
            assert bytes_of(c, "select :word::text::bytea", {"word": "new"}) == b"new"
    house.close()


def test_a_glance_takes_values_of_every_kind_and_says_what_is_wrong(empty_db: Engine, gusu: Profile) -> None:
    house = House(empty_db, gusu, Settings())
    said = """select concat_ws(';', :n::int, :day::date, :share::float8, :yes::bool, cardinality(:words::text[]),
                               (:words::text[])[1], :n::int + 1)::bytea"""
    given = {"n": 7, "day": date(2026, 3, 1), "share": 0.5, "yes": True, "words": ['a "b", {c}', "平江路"]}
    with house.glancing() as c:
        for _ in range(2):
            assert bytes_of(c, said, given) == b'7;2026-03-01;0.5;t;2;a "b", {c};8'
        assert bytes_of(c, "select null::bytea where :n = 1", {"n": 2}) is None
        assert bytes_of(c, "select null::bytea", {}) is None
    with pytest.raises(psycopg.errors.DivisionByZero), house.glancing() as c:
        bytes_of(c, "select (1 / :n::int)::text::bytea", {"n": 0})
    with house.glancing() as c:
        assert bytes_of(c, said, given)
    house.close()
