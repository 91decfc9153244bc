"""Hotspot roads and repeated demand on the demo district, whose planted stretches are known."""

from __future__ import annotations

import calendar
from collections.abc import Iterator
from datetime import date

import pytest
from sqlalchemy import Connection, Engine, text

from etl.demo.hotspots import Stretch
from etl.demo.world import planted
from geodata.errors import BadArgument
from geodata.profile import Profile
from geodata.queries import tickets
from geodata.queries.categories import codes_of, tree
from geodata.queries.hotspot_roads import (
    HotspotRoads,
    RoadRow,
    hotspot_roads,
    hotspot_roads_by_category,
    left_out,
    paragraph,
)
from geodata.queries.repeated import repeated
from geodata.queries.stretch_keys import key_of, on_stretch, parts_of
from geodata.queries.tickets import Filters
from geodata.types import Question, Window

ADVERTISING = "违规宣传广告"


@pytest.fixture
def c(demo_db: Engine) -> Iterator[Connection]:
    with demo_db.connect() as connection:
        yield connection.execution_options(postgresql_readonly=True)


@pytest.fixture
def year(c: Connection, gusu: Profile) -> Window:
    first, last = c.execute(
        text(
            "select min(received_at at time zone :zone)::date, max(received_at at time zone :zone)::date from tickets"
        ),
        {"zone": gusu.time_zone},
    ).one()
    return gusu.window(first, last)


@pytest.fixture
def found(c: Connection, gusu: Profile, year: Window) -> list[HotspotRoads]:
    return hotspot_roads_by_category(c, gusu, Question(year))


def overlap(row: RoadRow, stretch: Stretch) -> bool:
    return any(
        road == stretch.road + 1 and begin < stretch.to_m and (end is None or end > stretch.from_m)
        for road, begin, end in parts_of(row.key)
    )


def test_the_planted_stretches_of_a_category_are_named(c: Connection, gusu: Profile, year: Window) -> None:
    codes = codes_of(tree(c), ADVERTISING)
    told = hotspot_roads(c, gusu, Question(year, categories=codes))
    truth = [stretch for stretch in planted(c, gusu) if stretch.category == ADVERTISING]
    assert [row.name.zh for row in told.rows[:3]].count("广济北路288号周边") == 1
    assert all(any(overlap(row, stretch) for row in told.rows) for stretch in truth)
    assert {row.name.zh for row in told.rows} >= {f"{x.road_name}{x.door}号周边" for x in truth}
    assert len({row.area_code for row in told.rows}) == len(told.rows)
    assert told.title.zh == ADVERTISING
    written = paragraph(gusu, [told])
    assert written.startswith(f"一是{ADVERTISING}{told.total}件。高发路段为")
    assert "广济北路288号周边（苏锦街道）" in written


def got(c: Connection, code: str | None, stretch: Stretch) -> int:
    """Tickets of a leaf category that lie on a planted stretch."""
    place, given = on_stretch(key_of([(stretch.road + 1, round(stretch.from_m, 2), round(stretch.to_m, 2))]))
    leaf = "t.category_id = (select id from categories where code = :code)"
    counted = c.execute(
        text(f"select count(*) from tickets t where {place} and {leaf}"), {**given, "code": code}
    )
    return int(counted.scalar_one())


def test_strong_stretches_are_found_and_what_was_not_planted_is_rare(
    c: Connection, gusu: Profile, found: list[HotspotRoads]
) -> None:
    """Of stretches that got 15 tickets or more in the year; categories of one name in two trees are told apart by rows."""
    truth: dict[str, list[Stretch]] = {}
    for stretch in planted(c, gusu):
        truth.setdefault(stretch.category, []).append(stretch)
    by_name: dict[str, list[RoadRow]] = {}
    answer: dict[str, HotspotRoads] = {}
    for one in found:
        by_name.setdefault(one.title.zh, []).extend(one.rows)
        answer[one.title.zh] = one
    single = [name for name in by_name if sum(one.title.zh == name for one in found) == 1]
    likely = [x for name in single for x in truth.get(name, []) if x.share * answer[name].total >= 8]
    strong = [x for x in likely if got(c, answer[x.category].code, x) >= 15]
    recovered = [x for x in strong if any(overlap(row, x) for row in by_name[x.category])]
    missing = [
        (x.category, x.road_name, got(c, answer[x.category].code, x)) for x in strong if x not in recovered
    ]
    assert len(strong) >= 20
    assert len(recovered) >= 0.95 * len(strong), missing
    rows = [(name, row) for name in single for row in by_name[name]]
    wrong = [row for name, row in rows if not any(overlap(row, x) for x in truth.get(name, []))]
    assert len(wrong) <= 0.1 * len(rows)


def test_counts_add_up_and_what_is_left_out_is_told(c: Connection, found: list[HotspotRoads]) -> None:
    assert sum(one.total for one in found) == c.execute(text("select count(*) from tickets")).scalar_one()
    for one in found:
        assert one.total == one.located + one.default_points + one.unlocated
    everything = left_out(found)
    default = c.execute(text("select count(*) from tickets where is_default_point")).scalar_one()
    assert f"默认点位{default}件" in everything.zh


def test_every_figure_opens_its_tickets(
    c: Connection, gusu: Profile, year: Window, found: list[HotspotRoads]
) -> None:
    for one in found[:10]:
        for row in one.rows:
            q = Question(year, categories=(one.code,)) if one.code else Question(year)
            assert tickets.page(c, gusu, q, Filters(stretch=row.key)).total == row.count


def test_an_area_and_a_level_narrow_it(c: Connection, gusu: Profile, year: Window) -> None:
    code = c.execute(
        text("select code from areas where name = '苏锦街道' and level = 'subdistrict'")
    ).scalar_one()
    here = hotspot_roads(c, gusu, Question(year, area=code, scheme="grid"), per_area=None)
    assert here.rows
    assert {row.area_code for row in here.rows} == {code}
    asked = Question(year, categories=codes_of(tree(c), ADVERTISING))
    finer = hotspot_roads(c, gusu, asked, level="community").rows
    communities = set(c.execute(text("select code from areas where level = 'community'")).scalars())
    assert {row.area_code for row in finer} <= communities
    assert len({row.area_code for row in finer}) == len(finer) >= 2


def test_an_empty_window_has_nothing(c: Connection, gusu: Profile) -> None:
    q = Question(gusu.window(date(1999, 1, 1), date(1999, 1, 31)))
    assert hotspot_roads_by_category(c, gusu, q) == []
    nothing = hotspot_roads(c, gusu, q)
    assert (nothing.total, nothing.rows) == (0, [])
    assert repeated(c, gusu, q).rows == []


def test_repeated_demand_in_a_month(c: Connection, gusu: Profile, year: Window) -> None:
    """The town's demo has few tickets, so an event is three here; each is at one place, in a short time, and scrubbed."""
    month = year.last.replace(day=1)
    days = calendar.monthrange(month.year, month.month)[1]
    told = repeated(c, gusu, Question(gusu.window(month, month.replace(day=days))), least=3)
    assert told.total == told.located + told.default_points + told.unlocated
    assert told.in_events == sum(row.count for row in told.rows)
    numbers = [number for row in told.rows for number in row.ticket_numbers]
    assert len(numbers) == len(set(numbers))
    for row in told.rows:
        assert row.count == len(row.ticket_numbers) >= 3
        assert (row.last_at - row.first_at).days <= 11
        assert row.place.zh.endswith("周边")


def test_a_key_says_parts_of_roads() -> None:
    key = key_of([(12, 150.0, 320.5), (12, 320.5, 400.25), (13, 0.0, None)])
    assert key == "12:150-400.25,13:0-"
    assert parts_of(key) == [(12, 150.0, 400.25), (13, 0.0, None)]
    for wrong in ("", "12", "12:5", "12:5-7;drop", "a:1-2", ",".join(["1:2-3"] * 41)):
        with pytest.raises(BadArgument):
            parts_of(wrong)


def test_categories_by_name_or_code(c: Connection) -> None:
    known = tree(c)
    (code,) = codes_of(known, ADVERTISING)
    assert codes_of(known, code) == (code,)
    assert codes_of(known, "unlicensed advertisements") == (code,)
    assert len(codes_of(known, "店外经营")) == 2
    with pytest.raises(BadArgument):
        codes_of(known, "没有")


def test_a_category_has_the_same_stretches_alone_as_beside_all_others(
    c: Connection, gusu: Profile, year: Window, found: list[HotspotRoads]
) -> None:
    told = [one for one in found if one.code and one.rows][:12]
    assert len(told) > 5
    for one in told:
        alone = hotspot_roads(c, gusu, Question(year, (one.code or "",)))
        assert [(row.key, row.count, row.area_code, row.name) for row in alone.rows] == [
            (row.key, row.count, row.area_code, row.name) for row in one.rows
        ]
