"""A load taken back: every table as it was, but for what came since."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from geodata.commands.retention import apply_retention
from geodata.commands.undo import Undone, roll_back
from geodata.commands.undo_follow import first_day
from geodata.errors import NotFound, Refused
from geodata.profile import Profile
from tests.db.load_files import areas, box, mapping, rows_of, table, ticket
from tests.loading import load_boundaries, load_tickets

WEST, EAST = box(120.60, 31.30, 120.62, 31.32), box(120.62, 31.30, 120.64, 31.32)
WIDER, NARROWER = box(120.60, 31.30, 120.63, 31.32), box(120.63, 31.30, 120.64, 31.32)
FAR = box(120.64, 31.30, 120.65, 31.32)
JUNE = date(2025, 6, 1)
TABLES = (
    "areas", "area_ancestors", "tickets", "ticket_events", "categories", "ticket_sources", "units", "hexes",
    "cameras", "sensors", "roads", "places", "heritage_objects",
)  # fmt: skip


def everything(engine: Engine) -> dict[str, str]:
    """Every row of every table a load may touch, as text and in order; the data's version goes on and is left out."""
    whole = {t: rows_of(engine, f"select x::text from {t} x order by 1") for t in TABLES}
    facts = rows_of(engine, "select x::text from facts x where key <> 'data_version' order by 1")
    return {name: "\n".join(str(row[0]) for row in rows) for name, rows in (whole | {"facts": facts}).items()}


def back(engine: Engine, profile: Profile, number: int | None) -> Undone:
    assert number is not None
    with engine.begin() as c:
        return roll_back(c, profile, number)


@pytest.fixture
def town(empty_db: Engine, gusu: Profile, tmp_path: Path) -> Engine:
    """Three cells, devices and roads in them, and tickets of one export."""
    cells = [("A", "甲", WEST), ("B", "乙", EAST), ("C", "丙", FAR)]
    load_boundaries(empty_db, gusu, areas(tmp_path, cells), level="grid_cell")
    with empty_db.begin() as c:
        c.execute(
            text("""insert into roads (code, name, class, geom) values
            ('r1', '一路', 'lane', ST_GeomFromText('MULTILINESTRING((120.6 31.31, 120.65 31.31))', 4326))""")
        )
        c.execute(
            text("""insert into cameras (code, name, kind, state, geom, area_id)
            select 'k' || x, '机', 'bullet', 'online', p, (select id from areas where ST_Intersects(areas.geom, p) limit 1)
            from (select x, ST_SetSRID(ST_MakePoint(120.60 + x * 0.0091, 31.311), 4326) p from generate_series(1, 5) x) s""")
        )
    rows = [ticket(n, lon=120.6003 + n * 0.0008, lat=31.3101, received="2025-07-06 07:08") for n in range(60)]
    load_tickets(empty_db, gusu, table(tmp_path, rows), mapping=mapping(tmp_path))
    return empty_db


def test_a_boundary_load_is_taken_back_with_all_that_followed_it(
    town: Engine, gusu: Profile, tmp_path: Path
) -> None:
    load_boundaries(town, gusu, areas(tmp_path, [("E", "戊", FAR)]), level="community", valid_from=JUNE)
    before = everything(town)
    # changed, replaced on its own day, new, gone; tickets and cameras move
    load = [("A", "甲", WIDER), ("B", "乙", NARROWER), ("D", "丁", FAR)]
    report = load_boundaries(town, gusu, areas(tmp_path, load), level="grid_cell", valid_from=JUNE)
    again = [("A", "甲甲", WEST), ("B", "乙", EAST), ("D", "丁", FAR)]
    second = load_boundaries(town, gusu, areas(tmp_path, again), level="grid_cell", valid_from=JUNE)
    assert report.figures["tickets_moved"] > 5
    assert everything(town)["cameras"] != before["cameras"]
    undone = back(town, gusu, second.run)
    assert undone.rows["areas"] > 0
    assert back(town, gusu, report.run).rows["tickets"] >= report.figures["tickets_moved"]
    assert everything(town) == before
    states = "select state, rolled_back_at is not null from loads where id >= :run order by id"
    assert rows_of(town, states, run=report.run) == [("rolled_back", True)] * 2
    assert rows_of(town, "select count(*) from load_undo where load_id >= :run", run=report.run) == [(0,)]


def test_a_load_of_tickets_is_taken_back_with_words_cells_and_default_points(
    town: Engine, gusu: Profile, tmp_path: Path
) -> None:
    before = everything(town)
    new = [
        ticket(
            n,
            lon=120.61,
            lat=31.3152,
            what="parks",
            kind=f"k{n % 7}",
            by="forum",
            received="2025-07-06 07:08",
        )
        for n in range(100, 190)
    ]
    changed = [
        ticket(n, lon=120.6003 + n * 0.0008, lat=31.3101, received="2025-07-06 07:08", state="done",
               closed="2025-07-07 07:08", said="mended")
        for n in range(10)
    ]  # fmt: skip
    report = load_tickets(town, gusu, table(tmp_path, new + changed), mapping=mapping(tmp_path))
    assert (report.rows.new, report.rows.changed) == (90, 10)
    assert report.figures["default_point"] == 90
    assert rows_of(town, "select count(*) from facts where key like 'default_points:%'") == [(1,)]
    changes = rows_of(town, "select count(*) from ticket_changes")
    undone = back(town, gusu, report.run)
    assert everything(town) == before
    assert undone.rows["tickets"] >= 100
    assert rows_of(town, "select count(*) from ticket_changes") > changes  # the cube hears of it


def test_loads_are_taken_back_from_the_last_to_the_first(town: Engine, gusu: Profile, tmp_path: Path) -> None:
    before = everything(town)
    first = load_tickets(town, gusu, table(tmp_path, [ticket(1, said="one")]), mapping=mapping(tmp_path))
    second = load_tickets(town, gusu, table(tmp_path, [ticket(1, said="two")]), mapping=mapping(tmp_path))
    with pytest.raises(
        Refused, match=f"Load {second.run} .* take it back first: ./yiping rollback {second.run}"
    ):
        back(town, gusu, first.run)
    for load in (second, first):
        back(town, gusu, load.run)
    assert everything(town) == before
    with pytest.raises(Refused, match="already"):
        back(town, gusu, first.run)
    with pytest.raises(NotFound):
        back(town, gusu, 999)


def test_what_was_written_since_is_not_lost(town: Engine, gusu: Profile, tmp_path: Path) -> None:
    report = load_tickets(
        town, gusu, table(tmp_path, [ticket(1, said="one"), ticket(500)]), mapping=mapping(tmp_path)
    )
    for number in ("1", "500"):
        with town.connect() as c, c.begin() as tried:
            c.execute(
                text("update tickets set title = 'by hand', load_id = null where number = :n"), {"n": number}
            )
            with pytest.raises(Refused, match="changed since"):
                roll_back(c, gusu, report.run or 0)
            tried.rollback()
    back(town, gusu, report.run)


def test_tickets_that_came_since_stay_and_are_placed_anew(
    town: Engine, gusu: Profile, tmp_path: Path
) -> None:
    load = [("A", "甲", WIDER), ("B", "乙", NARROWER), ("D", "丁", FAR)]
    report = load_boundaries(town, gusu, areas(tmp_path, load), level="grid_cell", valid_from=JUNE)
    live = """
        insert into tickets (origin, number, source_id, family, category_id, received_at, state, geom, location_quality,
                             area_id, hex_r9, hex_r10, hex_r11)
        select 'live', code || quality, source_id, family, category_id, timestamptz '2025-08-01', 'received',
               case when quality = 'given' then ST_SetSRID(ST_MakePoint(:lon, 31.31), 4326) end, cast(quality as location_quality),
               a.id, case when quality = 'given' then 1 end, case when quality = 'given' then 1 end,
               case when quality = 'given' then 1 end
        from areas a cross join (values ('given'), ('area')) q (quality)
        cross join (select * from tickets limit 1) t
        where a.code = :code and a.valid_to is null"""
    with town.begin() as c:
        c.execute(text(live), {"lon": 120.625, "code": "A"})
        c.execute(text(live), {"lon": 120.645, "code": "D"})
    undone = back(town, gusu, report.run)
    placed = """select number, a.code, location_quality::text from tickets t left join areas a on a.id = area_id
                where origin = 'live' order by number collate "C" """
    assert rows_of(town, placed) == [
        ("Aarea", "A", "area"), ("Agiven", "B", "given"), ("Darea", None, "none"), ("Dgiven", "C", "given"),
    ]  # fmt: skip
    assert undone.placed_anew == 2


def test_a_ticket_that_came_since_lies_again_in_an_area_that_had_ended(
    town: Engine, gusu: Profile, tmp_path: Path
) -> None:
    kept = [("A", "甲", WEST), ("B", "乙", EAST)]
    report = load_boundaries(town, gusu, areas(tmp_path, kept), level="grid_cell", valid_from=JUNE)
    live = """
        insert into tickets (origin, number, source_id, family, category_id, received_at, state, geom, location_quality,
                             hex_r9, hex_r10, hex_r11)
        select 'live', n, source_id, family, category_id, at, 'received', ST_SetSRID(ST_MakePoint(120.645, 31.31), 4326), 'given', 1, 1, 1
        from (values ('after', timestamptz '2025-06-01 00:00+08'), ('long after', '2026-01-01')) came (n, at)
        cross join (select * from tickets limit 1) t"""
    with town.begin() as c:
        c.execute(text(live))
    with town.connect() as c:
        assert first_day(c, report.run or 0) == JUNE
    undone = back(town, gusu, report.run)
    placed = (
        "select number, a.code from tickets t join areas a on a.id = area_id where origin = 'live' order by 1"
    )
    assert rows_of(town, placed) == [("after", "C"), ("long after", "C")]
    assert undone.placed_anew == 2


def test_a_load_that_another_one_stands_on_waits_for_it(town: Engine, gusu: Profile, tmp_path: Path) -> None:
    load = [("A", "甲", WIDER), ("B", "乙", NARROWER), ("D", "丁", FAR)]
    under = load_boundaries(town, gusu, areas(tmp_path, load), level="grid_cell", valid_from=JUNE)
    rows = [ticket(900, lon=120.645, lat=31.31, received="2025-07-06 07:08")]
    above = load_tickets(town, gusu, table(tmp_path, rows), mapping=mapping(tmp_path))
    with pytest.raises(Refused, match=f"take it back first: ./yiping rollback {above.run}"):
        back(town, gusu, under.run)


def test_only_a_load_that_was_kept_can_be_taken_back(town: Engine, gusu: Profile, tmp_path: Path) -> None:
    with pytest.raises(Refused):
        load_tickets(town, gusu, table(tmp_path, ["1,2"]), mapping=mapping(tmp_path))
    number = rows_of(town, "select max(id) from loads")[0][0]
    with pytest.raises(Refused, match="refused"):
        back(town, gusu, number)


def test_what_an_old_load_replaced_is_kept_as_long_as_its_policy_says(
    town: Engine, gusu: Profile, tmp_path: Path
) -> None:
    fresh = load_boundaries(town, gusu, areas(tmp_path, [("E", "戊", FAR)]), level="community")
    with town.begin() as c:
        old = c.execute(text("""update loads set started_at = started_at - interval '401 days',
            finished_at = finished_at - interval '401 days' where id <> :fresh returning id"""), {"fresh": fresh.run}).scalars().all()  # fmt: skip
        assert apply_retention(c, datetime.now(UTC))["load_undo"] > 0
    kept = rows_of(town, "select distinct load_id from load_undo")
    assert kept == [(fresh.run,)]
    with pytest.raises(Refused, match="was not kept"):
        back(town, gusu, max(old))
    back(town, gusu, fresh.run)
