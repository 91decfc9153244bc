"""Map, dossier and plain SQL say the same number, for any area, window and category."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import Connection, Engine, text

from geodata.profile import Profile
from geodata.queries.heat import RESOLUTIONS, heat
from geodata.queries.tickets import per_day, per_hour, summary
from geodata.types import BBox, Question

TRIPLES = 200
# Written another way on purpose: days by the clock on the wall, categories up the tree, areas by geometry and by parents.
PLAIN = """
    with recursive chain as (
        select id as leaf, code, parent_code, scheme from areas
        union all select chain.leaf, a.code, a.parent_code, a.scheme
        from chain join areas a on a.code = chain.parent_code and a.scheme = chain.scheme),
    versions as materialized (select * from areas where scheme = 'grid' and code = :area)
    select count(*) as total,
           count(*) filter (where located) as located,
           count(*) filter (where is_default_point) as default_point,
           count(*) filter (where location_quality::text in ('area', 'none')) as unlocated
    from (select t.*, t.geom is not null and not is_default_point as located,
                 (t.received_at at time zone 'Asia/Shanghai')::date as day from tickets t) t
    join categories k3 on k3.id = t.category_id
    left join categories k2 on k2.id = k3.parent_id left join categories k1 on k1.id = k2.parent_id
    where day between :first and :last
      and (cast(:category as text) is null or :category in (k1.code, k2.code, k3.code))
      and case when :whole then true
               when located then exists (select from versions a
                    where a.valid_from <= day and (a.valid_to is null or a.valid_to > day) and ST_Covers(a.geom, t.geom))
               else t.area_id in (select leaf from chain where chain.code = :area) end"""


def triples(c: Connection, profile: Profile, seed: int) -> list[tuple[str, date, date, str | None]]:
    """Areas of every level, windows from a day to all there is, categories of every level and none."""
    rng = random.Random(seed)
    levels = [level.key for level in profile.levels]
    areas = {
        level: list(
            c.execute(
                text("select code from areas where scheme = 'grid' and level = :l order by code"),
                {"l": level},
            ).scalars()
        )
        for level in levels
    }
    codes = list(c.execute(text("select code from categories order by code")).scalars())
    first, last = c.execute(
        text("""
        select min(received_at at time zone 'Asia/Shanghai')::date, max(received_at at time zone 'Asia/Shanghai')::date
        from tickets""")
    ).one()
    span = (last - first).days
    found = []
    for n in range(TRIPLES):
        level = levels[n % len(levels)]
        days = (1, span + 1, rng.randint(1, 60), rng.randint(1, span + 1))[n // len(levels) % 4]
        start = first + timedelta(days=rng.randint(0, span + 1 - days))
        category = rng.choice(codes) if rng.random() < 0.6 else None
        found.append((rng.choice(areas[level]), start, start + timedelta(days=days - 1), category))
    return found


def agree(c: Connection, profile: Profile, seed: int) -> int:
    """Hold every triple to one count; gives how many tickets were counted in all."""
    counted = 0
    for n, (area, first, last, category) in enumerate(triples(c, profile, seed)):
        q = Question(profile.window(first, last), (category,) if category else None, area)
        plain = c.execute(text(PLAIN), {
            "first": first, "last": last, "category": category, "area": area, "whole": area == profile.code,
        }).one()  # fmt: skip
        dossier = summary(c, profile, q, datetime(2026, 3, 2, tzinfo=UTC)).tickets
        drawn = sum(cell.count for cell in heat(c, profile, q, None, RESOLUTIONS[n % 3]))
        told = (dossier.total, dossier.located, dossier.default_point, dossier.unlocated)
        assert told == tuple(plain), (area, first, last, category)
        assert drawn == plain.located, (area, first, last, category)
        assert dossier.total == dossier.located + dossier.default_point + dossier.unlocated
        for parts in (dossier.by_state, dossier.by_source, dossier.by_category, dossier.by_family):
            assert sum(parts.values()) == plain.total
        counted += plain.total
    return counted


def test_numbers_agree_in_the_town(c: Connection, gusu: Profile) -> None:
    assert agree(c, gusu, seed=1) > 20_000


@pytest.mark.parametrize("demo", ["demo_db"])
def test_numbers_agree_in_the_demo(demo: str, gusu: Profile, request: pytest.FixtureRequest) -> None:
    engine: Engine = request.getfixturevalue(demo)
    with engine.connect() as c:
        assert agree(c, gusu, seed=2) > 20_000


def test_the_previous_window_is_the_window_before(c: Connection, gusu: Profile) -> None:
    q = Question(gusu.window(date(2026, 2, 1), date(2026, 2, 10)), ("H1",), "1-0-1")
    before = Question(gusu.window(date(2026, 1, 22), date(2026, 1, 31)), ("H1",), "1-0-1")
    now = datetime(2026, 3, 2, tzinfo=UTC)
    this, that = (summary(c, gusu, asked, now).tickets for asked in (q, before))
    assert this.previous is not None
    assert this.total > 0
    assert this.previous.total == that.total > 0
    assert this.previous.by_category == that.by_category
    assert this.previous.on_time_rate == that.on_time_rate


def test_a_day_of_shanghai_begins_at_sixteen_hours_utc(c: Connection, gusu: Profile) -> None:
    q = Question(gusu.window(date(2026, 2, 3), date(2026, 2, 3)))
    hours = per_hour(c, gusu, q)
    assert hours[0][0] == datetime(2026, 2, 2, 16, tzinfo=UTC)
    assert len(hours) == 24
    total = summary(c, gusu, q, datetime(2026, 3, 2, tzinfo=UTC)).tickets.total
    assert sum(count for _, count in hours) == total == per_day(c, gusu, q)[0][1] > 0


def test_a_box_counts_whole_cells_by_their_centre(c: Connection, gusu: Profile) -> None:
    q = Question(gusu.window(date(2025, 12, 1), date(2026, 3, 1)))
    whole = {cell.cell: cell.count for cell in heat(c, gusu, q, None, 9)}
    middle = gusu.bbox.west + 0.0634
    west = heat(c, gusu, q, BBox(gusu.bbox.west - 1, 31, middle, 32), 9)
    east = heat(c, gusu, q, BBox(middle, 31, gusu.bbox.east + 1, 32), 9)
    assert {cell.cell: cell.count for cell in west + east} == whole
    assert len(west) > 100 < len(east)
