"""What makes the demo live: places on the right ground, teams, posts and a roster, added once and left alone."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, text

from etl.demo.geography import Geography
from etl.demo.ground import write_ground
from etl.demo.live import FEEDS, ensure_live_rows, write_live
from geodata.commands.accounts import add
from geodata.commands.facts import put_fact
from geodata.profile import Profile
from geodata.store.cluster import Cluster
from geodata.store.db import make_engine, transaction

LIVE = ("crowd_places", "teams", "contacts", "duty_shifts", "feeds")


@pytest.fixture(scope="module")
def ground(cluster: Cluster, gusu: Profile, geography: Geography) -> Iterator[Engine]:
    """The demo's ground with its live rows, and no tickets."""
    cluster.create_database("live_ground", "template_empty")
    engine = make_engine(cluster.url("live_ground"))
    with transaction(engine) as c:
        write_ground(c, gusu, geography)
        write_live(c, gusu)
        put_fact(c, "demo", {"seed": 1})
    yield engine
    engine.dispose()


def ask(engine: Engine, sql: str, **known: object) -> list[tuple]:
    with engine.connect() as c:
        return [tuple(row) for row in c.execute(text(sql), known)]


def test_every_place_lies_where_it_is_called_and_holds_a_possible_number(ground: Engine) -> None:
    rows = ask(
        ground,
        """
        select p.code, p.capacity_people, p.walkable_share, ST_Area(p.geom::geography), p.mode,
            (select x.ancestor_code from area_ancestors x join areas a on a.code = x.ancestor_code
             where x.area_id = p.area_id and a.level = 'subdistrict'), a.level
        from crowd_places p join areas a on a.id = p.area_id order by 1""",
    )
    assert 12 <= len(rows) <= 16
    for code, capacity, share, area_m2, mode, _, level in rows:
        people_per_m2 = capacity / (area_m2 * share)
        assert people_per_m2 == pytest.approx(1 / (0.93 if mode == "walking" else 0.65), rel=0.02), code
        assert level == "grid_cell"
    told = {row[0]: row[5] for row in rows}
    assert told["guanqian"] == "320508008"  # 平江街道
    assert told["shantang"] in {"320508015", "320508017"}  # the street is the border of 金阊 and 虎丘
    assert told["station_south"] == "320508009"  # 苏锦街道
    near = ask(
        ground,
        """
        select round(ST_Distance(p.geom::geography, ST_SetSRID(ST_MakePoint(120.6212, 31.3139), 4326)::geography))
        from crowd_places p where code = 'guanqian'""",
    )
    assert near == [(0.0,)]


def test_teams_stand_at_their_base_and_belong_to_the_area_around_it(ground: Engine) -> None:
    rows = ask(ground, "select code, kind, area_code, people, ST_X(geom), cardinality(skills) from teams")
    assert 38 <= len(rows) <= 45
    assert {row[1] for row in rows} == {
        "grid", "city_management", "police", "fire", "medical", "volunteer", "drone", "facility", "water"
    }  # fmt: skip
    assert all(row[5] > 0 and row[3] > 0 for row in rows)
    grid = {row[2] for row in rows if row[1] == "grid"}
    assert len(grid) == 8
    assert None not in grid


def test_every_area_below_the_district_has_a_post_that_answers(ground: Engine) -> None:
    found = dict(ask(ground, "select role, count(*) from contacts group by role"))
    assert found == {"subdistrict_lead": 8, "station_duty": 56, "community_duty": 171, "grid_chief": 1358}
    called = ask(
        ground,
        """
        select count(*) from contacts c join teams t on t.id = c.team_id
        where c.role = 'subdistrict_lead' and t.area_code = c.area_code and t.kind = 'grid'""",
    )
    assert called == [(8,)]
    assert ask(ground, "select count(*), count(distinct extension) from contacts") == [(1593, 1593)]


def test_somebody_is_on_duty_at_every_moment_of_the_coming_weeks(ground: Engine) -> None:
    thin = ask(
        ground,
        """
        select moment, kind from generate_series(now(), now() + interval '20 days', interval '5 hours') moment,
            unnest(array['fire', 'police', 'medical', 'grid', 'water', 'drone']) kind
        where not exists (select from duty_shifts d join teams t on t.id = d.team_id
            where t.kind = kind and d.starts_at <= moment and d.ends_at > moment)""",
    )
    assert thin == []


def test_a_second_time_adds_nothing_and_changes_nothing(ground: Engine, gusu: Profile) -> None:
    with transaction(ground) as c:
        c.execute(text("update crowd_places set capacity_people = 77 where code = 'huqiu'"))
        c.execute(text("update feeds set interval_s = 33 where key = 'demo-crowd'"))
    before = {table: ask(ground, f"select count(*) from {table}") for table in LIVE}
    ensure_live_rows(ground, gusu)
    assert {table: ask(ground, f"select count(*) from {table}") for table in LIVE} == before
    assert ask(ground, "select capacity_people from crowd_places where code = 'huqiu'") == [(77,)]
    assert ask(ground, "select interval_s from feeds where key = 'demo-crowd'") == [(33.0,)]
    assert before["feeds"] == [(len(FEEDS),)]


def test_accounts_made_later_are_put_on_duty(ground: Engine, gusu: Profile) -> None:
    with transaction(ground) as c:
        add(c, "li", "commander", "320508008")
    ensure_live_rows(ground, gusu)
    on_duty = ask(
        ground,
        """
        select d.role, d.area_code from duty_shifts d join accounts a on a.id = d.account_id
        where d.starts_at <= now() and d.ends_at > now()""",
    )
    assert on_duty == [("commander", "320508008")]


def test_without_a_demo_nothing_is_written(empty_db: Engine, gusu: Profile) -> None:
    ensure_live_rows(empty_db, gusu)
    assert [ask(empty_db, f"select count(*) from {table}") for table in LIVE] == [[(0,)]] * len(LIVE)
