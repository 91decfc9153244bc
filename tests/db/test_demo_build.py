"""Building the demo: the same rows each time, whole or not at all, and moving on day by day."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest
from sqlalchemy import Engine, text

from etl.demo import build as module
from etl.demo.build import build, extend
from etl.demo.geography import Geography
from geodata.commands.facts import get_fact
from geodata.errors import Refused
from geodata.profile import Profile
from geodata.store.cluster import Cluster
from geodata.store.db import make_engine, transaction

PER_YEAR, SEED = 2500, 5
FIRST, LAST = date(2026, 3, 6), date(2026, 3, 9)
TICKETS = """
select md5(string_agg(x::text, '|' order by x.number)) from (
    select number, source_id, family, category_id, unit_id, title, description, address, caller_hash, received_at,
        due_at, closed_at, state, outcome, satisfaction, geom, location_quality, is_default_point, area_id, road_id,
        road_offset_m, hex_r9, hex_r10, hex_r11,
        (select array_agg((e.seq, e.at, e.kind, e.unit_id, e.note) order by e.seq)
         from ticket_events e where e.ticket_id = t.id) as events
    from tickets t where received_at >= :since and received_at < :until) x
"""
OTHERS = """
select md5(string_agg(x, '|' order by x)) from (
    select r::text as x from readings r where at >= :since and at < :until
    union all select c::text from cameras c
    union all select (code, name, kind, geom)::text from sensors
    union all select (scheme, code, name, deadline_h)::text from categories) y
"""
WHOLE = {"since": "2025-03-15T16:00Z", "until": "2026-03-09T16:00Z"}


@pytest.fixture(scope="module")
def once(cluster: Cluster, gusu: Profile, geography: Geography) -> Iterator[Engine]:
    """A small demo that ends on FIRST."""
    cluster.create_database("once", "template_empty")
    engine = make_engine(cluster.url("once"))
    build(engine, gusu, seed=SEED, last=FIRST, tickets_per_year=PER_YEAR, geography=geography)
    yield engine
    engine.dispose()


def digest(engine: Engine, sql: str, **span: str) -> str:
    with engine.connect() as c:
        return str(c.execute(text(sql), span).scalar_one())


def count(engine: Engine, table: str) -> int:
    with engine.connect() as c:
        return int(c.execute(text(f"select count(*) from {table}")).scalar_one())


class Cut(Exception):
    """What a kill does, as far as the database sees it."""


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_cut_short_it_leaves_nothing_and_then_builds_the_same_again(
    once: Engine, empty_db: Engine, gusu: Profile, geography: Geography
) -> None:
    def stop_at_indexes(step: str, _share: float) -> None:
        if step == "indexes":
            raise Cut

    arguments = {"seed": SEED, "last": FIRST, "tickets_per_year": PER_YEAR, "geography": geography}
    with pytest.raises(Cut):
        build(empty_db, gusu, progress=stop_at_indexes, **arguments)
    assert count(empty_db, "tickets") == count(empty_db, "areas") == count(empty_db, "facts") == 0
    with transaction(empty_db) as c:  # rows without the fact are half a build too
        c.execute(
            text(
                "insert into roads (code, class, geom) values ('R1', 'lane', 'SRID=4326;MULTILINESTRING((0 0, 1 1))')"
            )
        )
    build(empty_db, gusu, **arguments)
    before = digest(empty_db, "select xmin::text from facts where key = 'demo'")
    build(empty_db, gusu, **arguments)  # is built already
    assert digest(empty_db, "select xmin::text from facts where key = 'demo'") == before
    assert digest(empty_db, TICKETS, **WHOLE) == digest(once, TICKETS, **WHOLE)
    week = {"since": "2026-02-28T00:00Z", "until": "2026-03-08T00:00Z"}
    assert digest(empty_db, OTHERS, **week) == digest(once, OTHERS, **week)


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_moving_on_gives_what_a_later_build_gives(
    once: Engine, empty_db: Engine, gusu: Profile, geography: Geography, monkeypatch: pytest.MonkeyPatch
) -> None:
    anchored = module.make_world
    monkeypatch.setattr(module, "make_world", lambda *a, **k: anchored(*a, **(k | {"anchor": FIRST})))
    build(empty_db, gusu, seed=SEED, last=LAST, tickets_per_year=PER_YEAR, geography=geography)
    monkeypatch.undo()
    open_before = count(once, "tickets where closed_at is null")
    extend(once, gusu, last=date(2026, 3, 7))
    extend(once, gusu, last=LAST)
    assert open_before > 0
    assert digest(once, TICKETS, **WHOLE) == digest(empty_db, TICKETS, **WHOLE)
    since = {"since": "2026-03-03T00:00Z", "until": "2026-03-10T00:00Z"}
    readings = (
        "select md5(string_agg(r::text, '|' order by r)) from readings r where at >= :since and at < :until"
    )
    assert digest(once, readings, **since) == digest(empty_db, readings, **since)
    states = "select string_agg(code || state, ',' order by code) from sensors"
    assert digest(once, states) == digest(empty_db, states)
    with once.connect() as c:
        fact = get_fact(c, "demo")
        assert fact["last"] == "2026-03-09"
        assert fact["tickets"] == c.execute(text("select count(*) from tickets")).scalar()
        assert get_fact(c, "data_version") == 3
    tickets = count(once, "tickets")
    extend(once, gusu, last=LAST)
    extend(once, gusu, last=date(2026, 3, 1))
    assert count(once, "tickets") == tickets


def test_there_must_be_a_demo_to_move_on(empty_db: Engine, gusu: Profile) -> None:
    with pytest.raises(Refused, match="no demo"):
        extend(empty_db, gusu, last=LAST)


def test_loaded_rows_are_not_swept_away(empty_db: Engine, gusu: Profile, geography: Geography) -> None:
    with transaction(empty_db) as c:
        c.execute(text(
            "insert into loads (kind, file_name, file_sha256, options, state, started_at, finished_at)"
            " values ('tickets', 'a.csv', '', '{}', 'done', now(), now())"
        ))  # fmt: skip
    with pytest.raises(Refused, match="loaded"):
        build(empty_db, gusu, seed=SEED, last=FIRST, tickets_per_year=PER_YEAR, geography=geography)
    assert count(empty_db, "loads") == 1
