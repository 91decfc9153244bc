"""The heat cube says what plain SQL says, for any question, while tickets come, change and go."""

from __future__ import annotations

import os
import random
import signal
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields, is_dataclass
from datetime import UTC, datetime, time, timedelta
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, text

from geodata.cube import dossier_answers, files, shelf, upkeep
from geodata.cube.answers import from_cube, heat
from geodata.profile import Profile, load_profile
from geodata.queries import planning, summary, tickets
from geodata.queries.area_tree import area_tree
from geodata.queries.below import below
from geodata.queries.heat import CellCounts, cell_counts, within
from geodata.queries.question import condition
from geodata.queries.tickets import per_day, per_hour
from geodata.store.cluster import Cluster
from geodata.store.db import make_engine
from geodata.types import BBox, Question
from tests.db.town import DAYS, LAST_DAY, town_database

QUESTIONS = 1_050
NOW = datetime.combine(LAST_DAY, time(12), UTC)
INSERT = """
    insert into tickets (origin, number, source_id, family, category_id, received_at, due_at, state, geom, location_quality,
                         area_id, hex_r9, hex_r10, hex_r11)
    select 'late', cast(:name as text) || t.id, t.source_id, t.family, t.category_id, t.received_at + :shift * interval '1 hour',
           t.due_at, 'received', t.geom, t.location_quality, t.area_id, t.hex_r9, t.hex_r10, t.hex_r11
    from tickets t where t.id % :of = :rest and t.origin = 'demo' order by t.id limit :n"""
WRITES = (
    INSERT,
    """update tickets set category_id = (select id from categories where level = 3 order by md5(cast(:rest as text) || id) limit 1)
       where id % :of = :rest""",
    """update tickets set received_at = received_at - :shift * interval '1 hour', closed_at = null, state = 'handling',
       due_at = null where id % :of = :rest""",
    "update tickets set is_default_point = not is_default_point where geom is not null and id % :of = :rest",
    "update tickets set outcome = :name where id % :of = :rest",
    "update tickets set closed_at = closed_at + interval '3 hours' where id % :of = :rest",
    "delete from tickets where id % :of = :rest",
    """update tickets t set hex_r9 = o.hex_r9, hex_r10 = o.hex_r10, hex_r11 = o.hex_r11, area_id = o.area_id
       from tickets o where o.id = (select min(id) from tickets where hex_r9 is not null and id > :shift)
         and t.hex_r9 is not null and t.id % :of = :rest""",
)


@dataclass(frozen=True)
class Town:
    """A town of its own and where its cubes stand."""

    engine: Engine
    profile: Profile
    cubes: Path


@pytest.fixture(scope="module")
def made(cluster: Cluster, gusu: Profile, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """The chequered town, to be written in, with a cube."""
    for engine in town_database(cluster, gusu, "town_with_cube"):
        cubes = tmp_path_factory.mktemp("cubes")
        upkeep.rebuild(engine, gusu, cubes)
        shelf.put_up(engine, cubes)
        yield Town(engine, gusu, cubes)
        shelf.take_down(engine)


def codes(c: Connection, statement: str) -> list[str]:
    return list(c.execute(text(statement)).scalars())


def a_question(rng: random.Random, profile: Profile, areas: list[str], categories: list[str]) -> Question:
    """Windows from a day to all there is, categories of every level, sub-districts one, some and all, hours of the day."""
    days = rng.choice((1, 2, rng.randint(1, 40), rng.randint(1, DAYS + 40)))
    first = LAST_DAY - timedelta(days=rng.randint(-5, DAYS + 10))
    return Question(
        profile.window(first, first + timedelta(days=days - 1)),
        tuple(rng.sample(categories, rng.randint(1, 6))) if rng.random() < 0.6 else None,
        rng.choice([None, None, profile.code, rng.choice(areas)]),
        areas=tuple(rng.sample(areas, rng.randint(1, len(areas)))) if rng.random() < 0.3 else None,
        band=(rng.randint(0, 23), rng.randint(0, 23)) if rng.random() < 0.3 else None,
    )


def a_box(rng: random.Random, profile: Profile) -> BBox | None:
    if rng.random() < 0.3:
        return None
    west, south, east, north = profile.bbox
    xs = sorted(rng.uniform(west - 0.01, east + 0.01) for _ in range(2))
    ys = sorted(rng.uniform(south - 0.01, north + 0.01) for _ in range(2))
    return BBox(xs[0], ys[0], xs[1], ys[1])


def plain(c: Connection, profile: Profile, q: Question, resolution: int, bbox: BBox | None) -> dict[str, int]:
    """By the statement that every view used before there was a cube."""
    return {cell.cell: cell.count for cell in within(cell_counts(c, profile, q, resolution), bbox)}


def as_dict(counted: CellCounts | None) -> dict[str, int]:
    assert counted is not None, "the cube must answer this"
    assert (counted.cells[1:] > counted.cells[:-1]).all(), "cells stand in ascending order, each once"
    return {
        f"{cell:x}": count
        for cell, count in zip(counted.cells.tolist(), counted.counts.tolist(), strict=True)
    }


def assert_dossier(c: Connection, profile: Profile, q: Question) -> None:
    """The second roll-up says of the window and of the one before what the rows say."""
    where = condition(c, profile, q, timed=False)
    told = dossier_answers.groups(c, profile, q)
    assert told is not None, "the roll-up must answer this"
    for (mine, my_due), (theirs, their_due) in zip(told, summary._groups(c, where, q), strict=True):
        assert kinds(mine) == kinds(theirs), q
        assert [(row.due, row.on_time) for row in my_due] == [(row.due, row.on_time) for row in their_due], q


def kinds(rows: Iterable[Any]) -> dict[tuple[Any, ...], int]:
    found = Counter[tuple[Any, ...]]()
    for row in rows:
        if row.category_id is not None:
            found[row.category_id,] += row.n
        else:
            found[row.source_id, row.family, row.state, summary._place(row)] += row.n
    return dict(found)


def test_a_thousand_questions_equal_plain_sql(made: Town) -> None:
    rng, asked, counted = random.Random(4), 0, 0
    with made.engine.connect() as c:
        areas = codes(
            c, "select code from areas where scheme = 'grid' and level = 'subdistrict' order by code"
        )
        categories = codes(c, "select code from categories order by code")
    for turn in range(30):
        if turn:
            write(made.engine, rng, turn)
        if turn == 20:
            upkeep.rebuild(made.engine, made.profile, made.cubes)
        with made.engine.connect().execution_options(isolation_level="REPEATABLE READ") as c:
            for _ in range(QUESTIONS // 30):
                q, resolution = a_question(rng, made.profile, areas, categories), rng.choice((9, 10, 11))
                bbox = a_box(rng, made.profile)
                found = as_dict(from_cube(c, made.profile, q, resolution, bbox, at_once=True))
                assert found == plain(c, made.profile, q, resolution, bbox), (turn, q, resolution, bbox)
                if not asked % 3:
                    assert_dossier(c, made.profile, q)
                asked, counted = asked + 1, counted + sum(found.values())
    assert asked >= 1_000
    assert counted > 200_000


def write(engine: Engine, rng: random.Random, turn: int) -> None:
    """Some tickets more, changed or gone."""
    with engine.begin() as c:
        for statement in rng.sample(WRITES, 2):
            of = rng.choice((7, 23, 211)) if statement == INSERT else rng.choice((97, 211, 499))
            values = {
                "name": f"n{turn}-",
                "shift": rng.randint(0, 300),
                "of": of,
                "rest": rng.randrange(of),
                "n": 400,
            }
            c.execute(text(statement), {k: v for k, v in values.items() if f":{k}" in statement})


def test_the_dossier_of_any_area_equals_the_rows(made: Town) -> None:
    rng = random.Random(9)
    with made.engine.connect().execution_options(isolation_level="REPEATABLE READ") as c:
        shelf.opened(c, made.profile, at_once=True)
        everywhere = codes(c, "select code from areas where scheme = 'grid' order by md5(code) limit 60")
        categories = codes(c, "select code from categories order by code")
        for code in everywhere:
            q = a_question(rng, made.profile, [code], categories)
            assert_dossier(c, made.profile, q)


def test_every_panel_of_the_dossier_equals_the_rows(made: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    rng, asked = random.Random(11), []
    with made.engine.connect() as c:
        everywhere = codes(c, "select code from areas where scheme = 'grid' order by md5(code) limit 40")
        categories = codes(c, "select code from categories order by code")
    write(made.engine, rng, 99)
    with made.engine.connect().execution_options(isolation_level="REPEATABLE READ") as c:
        stands = shelf.opened(c, made.profile, at_once=True)
        assert stands is not None
        assert len(stands.changes) > 0
        for code in everywhere:
            q = a_question(rng, made.profile, [code], categories)
            assert dossier_answers.hours(c, made.profile, q) is not None
            assert dossier_answers.took_h(c, made.profile, q) is not None
            asked.append((q, panels(c, made.profile, q)))
        monkeypatch.setattr(dossier_answers, "opened", lambda *_: None)
        for q, told in asked:
            assert told == panels(c, made.profile, q), q
    assert sum(sum(n for _, n in told[0]) for _, told in asked) > 5_000


def panels(c: Connection, profile: Profile, q: Question) -> tuple[Any, ...]:
    other = profile.window(q.window.first - timedelta(days=50), q.window.first + timedelta(days=9))
    levels = [level.key for level in profile.levels[1:]]
    planned = [
        [planning.breakdown(c, profile, q, before, depth) for depth in (1, 9) for before in (None, other)],
        [planning.ranking(c, profile, q, before, level) for level in levels for before in (None, other)],
        planning.times(c, profile, q, now=NOW), planning.trend(c, profile, q, other), planning.matrix(c, profile, q),
    ]  # fmt: skip
    tree = area_tree(c, profile, q, other)
    listed = tickets.page(c, profile, q, now=NOW, limit=5)
    return (
        per_hour(c, profile, q),
        per_day(c, profile, q),
        below(c, profile, q),
        rounded(planned),
        tree,
        listed,
    )


def rounded(found: Any) -> Any:
    """The same with fractions as near as two ways of adding them may differ."""
    if isinstance(found, float):
        return round(found, 6)
    if isinstance(found, list | tuple):
        return [rounded(one) for one in found]
    return (
        {one.name: rounded(getattr(found, one.name)) for one in fields(found)}
        if is_dataclass(found)
        else found
    )


def test_how_long_tickets_took_is_told_as_the_rows_tell_it(
    made: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    upkeep.rebuild(made.engine, made.profile, made.cubes)  # the other test has changes since
    rng = random.Random(5)
    with made.engine.connect().execution_options(isolation_level="REPEATABLE READ") as c:
        everywhere = codes(c, "select code from areas where scheme = 'grid' order by md5(code) limit 15")
        categories = codes(c, "select code from categories order by code")
        stands = shelf.opened(c, made.profile, at_once=True)
        assert stands is not None
        assert len(stands.changes) == 0
        asked = [a_question(rng, made.profile, [code], categories) for code in everywhere]
        took = [dossier_answers.took_h(c, made.profile, q) for q in asked]
        assert all(each is not None for each in took)
        assert sum(len(each[0]) for each in took if each) > 1_000
        told = [panels(c, made.profile, q) for q in asked]
        monkeypatch.setattr(dossier_answers, "opened", lambda *_: None)
        assert told == [panels(c, made.profile, q) for q in asked]


def test_a_question_beyond_the_cube_is_answered_from_rows(made: Town) -> None:
    with made.engine.connect() as c:
        community = codes(
            c, "select code from areas where scheme = 'grid' and level = 'community' order by code"
        )[0]
        q = Question(made.profile.window(LAST_DAY - timedelta(days=60), LAST_DAY), area=community)
        assert from_cube(c, made.profile, q, 9, at_once=True) is None
        assert as_dict(heat(c, made.profile, q, 9)) == plain(c, made.profile, q, 9, None) != {}


def test_two_writers_that_commit_out_of_order_are_told_once_each(made: Town) -> None:
    q = Question(made.profile.window(LAST_DAY - timedelta(days=400), LAST_DAY + timedelta(days=400)))

    def told() -> int:
        with made.engine.connect() as c:
            return sum(as_dict(from_cube(c, made.profile, q, 9, at_once=True)).values())

    def rows() -> int:
        with made.engine.connect() as c:
            return sum(plain(c, made.profile, q, 9, None).values())

    values = {"shift": 1, "of": 3, "rest": 1, "n": 50}
    before = told()
    with made.engine.connect() as first, made.engine.connect() as second:
        first.execute(text(INSERT), values | {"name": "first-"})
        second.execute(text(INSERT), values | {"name": "second-"})
        second.commit()
        between = told()
        assert between == rows() > before
        upkeep.rebuild(made.engine, made.profile, made.cubes)  # a cube whose snapshot did not see the first
        assert told() == between
        first.commit()
    assert told() == rows() > between
    upkeep.rebuild(made.engine, made.profile, made.cubes)
    assert told() == rows()


def test_a_reader_of_an_older_moment_makes_nobody_count_twice(made: Town) -> None:
    q = Question(made.profile.window(LAST_DAY - timedelta(days=400), LAST_DAY + timedelta(days=400)))
    with made.engine.connect().execution_options(isolation_level="REPEATABLE READ") as old:
        old.execute(text("select 1 from tickets limit 1"))
        with made.engine.begin() as c:
            c.execute(text(INSERT), {"shift": 2, "of": 5, "rest": 1, "n": 20, "name": "moment-"})
        for connection in (None, old, None):
            with made.engine.connect() as fresh:
                found = from_cube(connection or fresh, made.profile, q, 9, at_once=True)
    with made.engine.connect() as c:
        assert as_dict(found) == plain(c, made.profile, q, 9, None)


def test_a_load_too_big_to_tell_sends_questions_to_the_rows_until_the_cube_is_new(made: Town) -> None:
    q = Question(made.profile.window(LAST_DAY - timedelta(days=30), LAST_DAY))
    with made.engine.begin() as c:
        c.execute(text("set local session_replication_role = replica"))  # as loads do
        c.execute(text(INSERT), {"shift": 3, "of": 1, "rest": 0, "n": 6000, "name": "load-"})
    with made.engine.connect() as c:
        assert from_cube(c, made.profile, q, 9, at_once=True) is None
        assert as_dict(heat(c, made.profile, q, 9)) == plain(c, made.profile, q, 9, None)
        assert "at once" in str(upkeep.state(c, made.profile, made.cubes).due)
    upkeep.rebuild(made.engine, made.profile, made.cubes)
    with made.engine.connect() as c:
        assert upkeep.state(c, made.profile, made.cubes).due is None
        assert as_dict(from_cube(c, made.profile, q, 9, at_once=True)) == plain(c, made.profile, q, 9, None)


def test_the_log_is_dropped_only_when_the_cube_has_it(made: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upkeep, "SPENT_AFTER_S", -1.0)
    q = Question(made.profile.window(LAST_DAY - timedelta(days=400), LAST_DAY + timedelta(days=400)))
    with made.engine.begin() as c:
        c.execute(
            text("delete from tickets where id in (select min(id) from tickets where hex_r9 is not null)")
        )
    upkeep.rebuild(made.engine, made.profile, made.cubes)
    with made.engine.begin() as c:
        c.execute(
            text("delete from tickets where id in (select min(id) from tickets where hex_r9 is not null)")
        )
    assert upkeep.drop_spent(made.engine, made.profile, made.cubes) > 0
    with made.engine.connect() as c:
        found = from_cube(c, made.profile, q, 10, at_once=True)
        assert as_dict(found) == plain(c, made.profile, q, 10, None)
        assert c.execute(text("select count(*) from ticket_changes")).scalar() == 1


def build_and_die(url: str, cubes: Path) -> None:
    """In a process of its own: build, and be killed when the resolutions are written and the manifest is not."""

    def die(step: str, share: float) -> None:
        if step == "cube" and share >= 1:
            os.kill(os.getpid(), signal.SIGKILL)

    upkeep.rebuild(make_engine(url), load_profile("gusu"), cubes, die)


def test_a_build_that_is_killed_leaves_the_one_before(made: Town) -> None:
    name = files.current(made.cubes)

    url = made.engine.url.render_as_string(hide_password=False)
    child = get_context("spawn").Process(target=build_and_die, args=(url, made.cubes))
    child.start()
    child.join(180)
    assert child.exitcode == -signal.SIGKILL
    assert files.current(made.cubes) == name
    assert list(made.cubes.glob("*.part")), "what is half made lies there until the next build"
    with made.engine.connect() as c:
        assert upkeep.check(c, made.profile, made.cubes).name == name
    upkeep.rebuild(made.engine, made.profile, made.cubes)
    assert not list(made.cubes.glob("*.part"))


def test_a_damaged_cube_is_not_trusted(made: Town, gusu: Profile) -> None:
    name = upkeep.rebuild(made.engine, gusu, made.cubes)
    victim = made.cubes / name / "r10.own.entry_day.npy"
    body = bytearray(victim.read_bytes())
    body[-3] ^= 1
    victim.write_bytes(bytes(body))
    q = Question(gusu.window(LAST_DAY - timedelta(days=30), LAST_DAY))
    with made.engine.connect() as c:
        assert shelf.Shelf(made.cubes).take(c, gusu, at_once=True) is None
        assert as_dict(heat(c, gusu, q, 9)) == plain(c, gusu, q, 9, None), "the one before, or the rows"
        assert "damaged" in str(upkeep.state(c, gusu, made.cubes, sums=True).due)
        with pytest.raises(files.Damaged, match="damaged"):
            upkeep.check(c, gusu, made.cubes)


def test_new_boundaries_and_categories_ask_for_a_new_cube(made: Town, gusu: Profile) -> None:
    upkeep.rebuild(made.engine, gusu, made.cubes)
    with made.engine.begin() as c:
        assert upkeep.state(c, gusu, made.cubes).due is None
        c.execute(text("""insert into categories (scheme, code, name, parent_id, level)
                          select scheme, code || '.9', 'new', id, level + 1 from categories where code = 'H1.1'"""))  # fmt: skip
        assert "Boundaries or categories" in str(upkeep.state(c, gusu, made.cubes).due)
