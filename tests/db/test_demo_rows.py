"""The rows of the demo district as the database holds them."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from sqlalchemy import Connection, Engine, text

from etl.demo.world import planted
from geodata.commands.facts import get_fact
from geodata.profile import Profile
from geodata.space import hexes

AS_OF = "(select (value->>'as_of')::timestamptz from facts where key = 'demo')"
# What must not be found: rows that break the sentence.
BROKEN = {
    "cell holds the point": """tickets t join areas a on a.id = t.area_id where geom_is_given and not ST_Covers(a.geom, t.geom)""",
    "a point has cell and road": """tickets t where geom_is_given and (area_id is null or road_id is null)""",
    "the sub-district stands in the text": """tickets t join areas a on a.id = t.area_id where location_quality = 'area' and (a.level <> 'subdistrict' or position(a.name in t.address) = 0)""",
    "the default point says nothing of the place": """tickets t where is_default_point and (ST_Distance(geom::geography, ST_Point(120.61737, 31.33656, 4326)::geography) > 1 or area_id is not null)""",
    "the first event is receipt": """tickets t where not exists (select 1 from ticket_events e where e.ticket_id = t.id and e.seq = 1 and e.kind = 'received' and e.at = t.received_at)""",
    "closing is an event": """tickets t where closed_at is not null and not exists (select 1 from ticket_events e where e.ticket_id = t.id and e.kind in ('closed', 'resolved_online', 'merged') and e.at = t.closed_at)""",
    "a call-back has an answer": """tickets t where state = 'followed_up' and satisfaction is null""",
    "no answer without a call-back": """tickets t where state <> 'followed_up' and satisfaction is not null""",
    "an outcome when closed": """tickets t where (outcome is null) <> (closed_at is null)""",
    "nothing happens in the future": """tickets t where closed_at > now() or received_at > now()""",
    "events stand in order without gaps": """(select at, lag(at) over (partition by ticket_id order by seq) before, seq, row_number() over (partition by ticket_id order by seq) place from ticket_events) e where at < before or seq <> place""",
    "cameras stand in their cell": """cameras k join areas a on a.id = k.area_id where not ST_Covers(a.geom, k.geom)""",
    "sensors stand in their cell": """sensors s join areas a on a.id = s.area_id where not ST_Covers(a.geom, s.geom)""",
    "latest is the last": """sensors s left join sensor_latest l on l.sensor_id = s.id where l.at is distinct from (select max(at) from readings r where r.sensor_id = s.id)""",
    "a level was reached": """sensors s join sensor_latest l on l.sensor_id = s.id where state not in ('normal', 'silent') and not (case when danger_at > notice_at then l.value >= notice_at else l.value <= notice_at end)""",
    "normal is normal": """sensors s join sensor_latest l on l.sensor_id = s.id where state = 'normal' and (case when danger_at > notice_at then l.value >= notice_at else l.value <= notice_at end)""",
    "every reading has its month": """readings_other""",
}


@pytest.fixture
def c(demo_db: Engine) -> Iterator[Connection]:
    with demo_db.connect() as connection:
        yield connection


def one(c: Connection, sql: str) -> object:
    return c.execute(text(sql)).scalar_one()


def test_the_figures_that_are_promised(c: Connection) -> None:
    levels = dict(
        c.execute(text("select level, count(*) from areas where valid_to is null group by 1")).all()
    )
    assert levels == {"district": 1, "subdistrict": 8, "station": 56, "community": 171, "grid_cell": 1358}
    assert one(c, "select count(*) from cameras") == 13_888
    assert one(c, "select count(*) from cameras where kind = 'ai'") == 50
    assert (
        one(
            c,
            f"select count(*) from cameras where installed_on > ({AS_OF} at time zone 'Asia/Shanghai')::date - 31",
        )
        == 23
    )
    assert one(c, "select count(*) from sensors") == 600
    assert one(c, "select count(distinct kind) from sensors") == 6
    assert 14_500 < one(c, "select count(*) from tickets") < 15_500
    assert get_fact(c, "demo")["tickets"] == one(c, "select count(*) from tickets")
    assert get_fact(c, "profile") == "gusu"
    assert get_fact(c, "data_version") >= 1


@pytest.mark.parametrize("what", BROKEN)
def test_rows_agree_with_each_other(c: Connection, what: str) -> None:
    broken = BROKEN[what].replace("geom_is_given", "location_quality = 'given' and not is_default_point")
    assert one(c, f"select count(*) from {broken}") == 0, what


def test_state_follows_from_the_events(c: Connection) -> None:
    last = """
        select t.state::text, (array_agg(e.kind::text order by e.seq desc) filter (where e.kind in ('received',
            'transferred', 'signed', 'handled', 'closed', 'followed_up', 'resolved_online', 'merged')))[1] as kind
        from tickets t join ticket_events e on e.ticket_id = t.id group by t.id
    """
    pairs = set(map(tuple, c.execute(text(f"select distinct state, kind from ({last}) x")).all()))
    assert pairs <= {(state, {"handling": "handled"}.get(state, state)) for state, _ in pairs}
    assert {"closed", "followed_up", "resolved_online", "merged", "signed"} <= {state for state, _ in pairs}


def test_roads_and_hexes_are_exact(c: Connection) -> None:
    rows = c.execute(text("""
        select t.hex_r9, t.hex_r10, t.hex_r11, ST_X(t.geom) as lon, ST_Y(t.geom) as lat, t.road_id, t.road_offset_m,
            ST_Distance(ST_Transform(t.geom, 4549), ST_Transform(mine.geom, 4549)) as away,
            (select min(ST_Distance(ST_Transform(t.geom, 4549), ST_Transform(r.geom, 4549))) from roads r
             where ST_DWithin(r.geom, t.geom, 0.02)) as least
        from tickets t join roads mine on mine.id = t.road_id order by md5(t.number) limit 60
    """)).all()  # fmt: skip
    for row in rows:
        assert row.away == pytest.approx(row.least, abs=0.05)
    cells = hexes.cells_at_all(np.array([row.lon for row in rows]), np.array([row.lat for row in rows]))
    for at, name in enumerate(("hex_r9", "hex_r10", "hex_r11")):
        assert cells[at].tolist() == [getattr(row, name) for row in rows]
    missing = one(c, """
        select count(*) from tickets t where location_quality = 'given' and not exists
        (select 1 from hexes h where h.cell = t.hex_r11)""")  # fmt: skip
    assert missing == 0


def test_readings_are_those_of_seven_days(c: Connection) -> None:
    first, last = c.execute(text(f"select {AS_OF} - min(at), {AS_OF} - max(at) from readings")).one()
    assert 6.9 < first.total_seconds() / 86_400 < 7.1
    assert last.total_seconds() < 1200
    assert 500_000 > one(c, "select count(*) from readings") > 400_000


def test_index_only_scans_need_no_vacuum(c: Connection) -> None:
    """COPY … FREEZE marks the pages as visible to all."""
    pages, visible = c.execute(
        text("select relpages, relallvisible from pg_class where relname = 'tickets'")
    ).one()
    assert pages == visible > 100


def test_planted_hotspots_can_be_had_from_the_database(c: Connection, gusu: Profile) -> None:
    stretches = planted(c, gusu)
    told = next(x for x in stretches if (x.road_name, x.door) == ("广济北路", 288))
    count, total = c.execute(text("""
        select count(*) filter (where road_id = :road and road_offset_m between :from_m - 0.5 and :to_m + 0.5), count(*)
        from tickets t join categories k on k.id = t.category_id where k.name = '违规宣传广告' and road_id is not null
    """), {"road": told.road + 1, "from_m": told.from_m, "to_m": told.to_m}).one()  # fmt: skip
    assert count > 0.06 * total


def test_cameras_look_along_streets_and_mostly_answer(c: Connection) -> None:
    shares = dict(
        tuple(row) for row in c.execute(text("select state, count(*) / 13888.0 from cameras group by 1"))
    )
    assert float(shares["online"]) == pytest.approx(0.962, abs=0.01)
    assert one(c, "select count(*) from cameras where (heading_deg is null) <> (kind = 'panorama')") == 0
    assert (
        one(
            c,
            f"select count(*) from cameras where state = 'online' and last_seen_at < {AS_OF} - interval '61 s'",
        )
        == 0
    )
    assert one(c, "select count(*) from cameras where name ~ '^路段|^旁|^[0-9]'") == 0
    assert one(c, "select count(*) - count(distinct geom) from cameras") > 1500
    turned = c.execute(
        text("""
        with k as (
            select heading_deg, ST_Transform(k.geom, 4549) p, ST_Transform(r.geom, 4549) line from cameras k
            join lateral (select geom from roads order by roads.geom <-> k.geom limit 1) r on true
            where heading_deg is not null order by md5(code) limit 400),
        foot as (select heading_deg, line, ST_ClosestPoint(line, p) f from k),
        way as (
            select heading_deg, ST_Azimuth(f, ST_ClosestPoint(ST_Intersection(line, ST_Boundary(ST_Buffer(f, 4))), f)) az
            from foot)
        select degrees(az) - heading_deg from way where az is not null
        """)
    ).scalars()
    off = np.array([abs((float(turn) + 90) % 180 - 90) for turn in turned])
    assert np.mean(off < 30) > 0.6
