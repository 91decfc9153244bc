"""Tickets: located once, upserted by origin and number, every row accounted for."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import h3
import pytest
from sqlalchemy import Engine, text

from etl.quality import LoadRefused, Report
from geodata.commands.tickets import TicketRow, open_desk, write_tickets
from geodata.profile import Profile
from tests.db.load_files import MAPPING, areas, box, everything, mapping, rows_of, table, ticket
from tests.loading import load_boundaries, load_tickets


def load(engine: Engine, profile: Profile, folder: Path, *rows: str, **options: object) -> Report:
    return load_tickets(engine, profile, table(folder, rows), mapping=mapping(folder), **options)  # type: ignore[arg-type]


def codes(report: Report) -> dict[int, str]:
    return {finding.row: finding.code for finding in report.findings if finding.row is not None}


def test_a_ticket_is_located_in_area_road_and_hexagon(
    empty_db: Engine, gusu: Profile, tmp_path: Path
) -> None:
    cells = [("A", "甲", box(120.6, 31.3, 120.62, 31.32)), ("B", "乙", box(120.62, 31.3, 120.64, 31.32))]
    load_boundaries(empty_db, gusu, areas(tmp_path, cells), level="grid_cell")
    with empty_db.begin() as connection:
        connection.execute(text(
            "insert into roads (code, name, class, geom) values ('r', '人民路', 'primary',"
            " st_geomfromtext('MULTILINESTRING((120.60 31.3105, 120.64 31.3105))', 4326))"
        ))  # fmt: skip
    load(empty_db, gusu, tmp_path, ticket(1), ticket(2, lon=120.63, lat=31.315))
    found = rows_of(empty_db, """
        select a.code, road_id is not null, round(road_offset_m::numeric), hex_r9, hex_r11, location_quality::text
        from tickets t join areas a on a.id = t.area_id order by number""")  # fmt: skip
    r9, r11 = (h3.str_to_int(h3.latlng_to_cell(31.31, 120.61, resolution)) for resolution in (9, 11))
    assert found[0] == ("A", True, pytest.approx(952, abs=2), r9, r11, "given")
    assert found[1][:3] == ("B", False, None)  # 500 m from the road
    assert rows_of(empty_db, "select count(*), min(resolution), max(resolution) from hexes") == [(6, 9, 11)]
    area = rows_of(empty_db, "select area_m2 from hexes where cell = :cell", cell=r9)[0][0]
    assert area == pytest.approx(h3.cell_area(h3.int_to_str(r9), unit="m^2"))


def test_a_ticket_lies_in_the_version_of_its_day_of_the_district(
    empty_db: Engine, gusu: Profile, tmp_path: Path
) -> None:
    old, new = box(120.6, 31.3, 120.62, 31.32), box(120.605, 31.305, 120.615, 31.315)
    load_boundaries(empty_db, gusu, areas(tmp_path, [("A", "甲", old)]), level="grid_cell")
    load_boundaries(
        empty_db, gusu, areas(tmp_path, [("A", "甲", new)]), level="grid_cell", valid_from=date(2025, 6, 1)
    )
    load(
        empty_db,
        gusu,
        tmp_path,
        ticket(1, received="2025-05-31 23:59", due=""),
        ticket(2, received="2025-06-01 00:00", due=""),
    )
    found = rows_of(
        empty_db, "select valid_to is null from tickets t join areas a on a.id = t.area_id order by number"
    )
    assert found == [(False,), (True,)]  # both lie in May by UTC


def test_the_same_file_again_changes_nothing(empty_db: Engine, gusu: Profile, tmp_path: Path) -> None:
    rows = (ticket(1), ticket(2, lon="", lat=""), ticket(3, state="done", closed="2025-05-07 01:00"))
    first = load(empty_db, gusu, tmp_path, *rows)
    before = everything(empty_db)[:-1]
    again = load(empty_db, gusu, tmp_path, *rows)
    assert (first.rows.new, again.rows.new, again.rows.changed, again.rows.unchanged) == (3, 0, 0, 3)
    assert everything(empty_db)[:-1] == before  # all but the facts, whose data version counts loads


def test_what_changed_is_written_and_its_history_grows(
    empty_db: Engine, gusu: Profile, tmp_path: Path
) -> None:
    load(empty_db, gusu, tmp_path, ticket(1), ticket(2))
    report = load(
        empty_db, gusu, tmp_path, ticket(1, state="done", closed="2025-05-07 09:00"), ticket(2), ticket(3)
    )
    assert (report.rows.new, report.rows.changed, report.rows.unchanged) == (1, 1, 1)
    told = rows_of(empty_db, """
        select seq, kind::text, to_char(at, 'DD HH24:MI') from ticket_events e join tickets t on t.id = e.ticket_id
        where number = '1' order by seq""")  # fmt: skip
    assert told == [(1, "received", "05 23:08"), (2, "closed", "07 01:00")]
    assert rows_of(empty_db, "select state::text from tickets where number = '1'") == [("closed",)]


FAULTS = {
    "not_a_date": ticket("a", received="2025-02-30 07:08"),
    "received_missing": ticket("b", received=""),
    "number_missing": ticket(""),
    "number_again": ticket(0),
    "number_too_long": ticket("n" * 101),
    "closed_before_received": ticket("c", state="done", closed="2025-05-06 07:07"),
    "closed_without_time": ticket("d", state="done"),
    "state_unknown": ticket("e", state="asleep"),
    "outside_the_earth": ticket("f", lon=220.5),
    "zero_zero": ticket("g", lon=0, lat="0.0"),
    "coordinate_not_a_number": ticket("h", lat="north"),
    "coordinate_alone": ticket("i", lon=""),
    "category_missing": ticket("j", what=""),
    "word_too_long": ticket("k", kind="k" * 201),
    "source_unknown": ticket("l", by=""),
    "in_the_future": ticket("m", received="2093-01-01 00:00"),
    "before_all_records": ticket("o", received="1900-01-01 00:00"),
    "wrong_width": ticket("p", said="one,more"),
}


def test_each_faulty_row_is_rejected_with_its_reason(empty_db: Engine, gusu: Profile, tmp_path: Path) -> None:
    sound = [ticket(number) for number in range(3)]
    report = load(empty_db, gusu, tmp_path, *sound, *FAULTS.values(), max_rejected_percent=100.0)
    expected = dict(enumerate(FAULTS, start=4))
    assert codes(report) == expected
    assert (report.rows.read, report.rows.new, report.rows.rejected) == (3 + len(FAULTS), 3, len(FAULTS))
    kept = rows_of(
        empty_db,
        "select row_number, code, severity from load_findings where load_id = :id order by 1",
        id=report.run,
    )
    assert kept == [(row, code, "rejected") for row, code in sorted(expected.items())]


def test_rows_without_a_place_are_loaded_and_told(empty_db: Engine, gusu: Profile, tmp_path: Path) -> None:
    load_boundaries(
        empty_db, gusu, areas(tmp_path, [("A", "甲", box(120.6, 31.3, 120.62, 31.32))]), level="grid_cell"
    )
    report = load(
        empty_db,
        gusu,
        tmp_path,
        ticket(1, lon="", lat=""),
        ticket(2, lon=120.6001, lat=31.3001),
        ticket(3, lon=10, lat=50),
    )
    assert codes(report) == {1: "no_coordinates", 2: "default_point", 3: "outside_the_district"}
    assert report.figures == {"located": 1, "default_point": 1, "unlocated": 1, "in_an_area": 0}
    found = rows_of(
        empty_db,
        "select location_quality::text, is_default_point, area_id, hex_r9 is null from tickets order by number",
    )
    assert found == [("none", False, None, True), ("given", True, None, False), ("given", False, None, False)]


def test_an_area_that_is_named_places_a_ticket_without_coordinates(
    empty_db: Engine, gusu: Profile, tmp_path: Path
) -> None:
    load_boundaries(
        empty_db, gusu, areas(tmp_path, [("A", "甲", box(120.6, 31.3, 120.62, 31.32))]), level="grid_cell"
    )
    by_area = MAPPING.replace('title = "said"', 'area = "said"')
    path = table(
        tmp_path,
        [
            ticket(1, lon="", lat="", said="甲"),
            ticket(2, lon="", lat="", said="A"),
            ticket(3, said="nowhere"),
        ],
    )
    load_tickets(empty_db, gusu, path, mapping=mapping(tmp_path, by_area))
    found = rows_of(
        empty_db, "select location_quality::text, area_id is not null from tickets order by number"
    )
    assert found == [("area", True), ("area", True), ("given", True)]


def test_persons_do_not_reach_the_store(empty_db: Engine, gusu: Profile, tmp_path: Path) -> None:
    report = load(empty_db, gusu, tmp_path, ticket(1, said="请回电13812345678"), ticket(2))
    assert rows_of(empty_db, "select title, repaired from tickets order by number") == [
        ("请回电***", True),
        ("something", False),
    ]
    assert report.rows.repaired == 1
    assert "13812345678" not in report.as_json()


def test_a_reopened_ticket_and_a_time_that_never_was_are_mended(
    empty_db: Engine, gusu: Profile, tmp_path: Path
) -> None:
    in_new_york = MAPPING.replace('origin = "test"', 'origin = "test"\ntime_zone = "America/New_York"')
    rows = [ticket(1, closed="2025-05-07 09:00"), ticket(2, received="2025-03-09 02:30")]
    report = load_tickets(empty_db, gusu, table(tmp_path, rows), mapping=mapping(tmp_path, in_new_york))
    assert codes(report) == {1: "open_with_closing_time", 2: "clock_jumped"}
    found = rows_of(
        empty_db, "select closed_at, to_char(received_at, 'HH24:MI'), repaired from tickets order by number"
    )
    assert [row[1:] for row in found] == [("11:08", True), ("07:00", True)]
    assert found[0][0] is None


def test_too_many_faulty_rows_refuse_the_file_whole_and_are_remembered(
    empty_db: Engine, gusu: Profile, tmp_path: Path
) -> None:
    before = everything(empty_db)
    rows = [
        *(ticket(number) for number in range(93)),
        *(ticket(f"x{number}", state="?") for number in range(7)),
    ]
    with pytest.raises(LoadRefused, match=r"7 of 100 rows .*row 94, state “\?”") as refusal:
        load(empty_db, gusu, tmp_path, *rows)
    assert everything(empty_db) == before
    run = refusal.value.report.run
    assert rows_of(
        empty_db, "select state, rows_read, rows_rejected from loads where id = :run", run=run
    ) == [("refused", 100, 7)]
    assert rows_of(empty_db, "select count(*) from load_findings where load_id = :run", run=run) == [(7,)]


def test_a_dry_run_tells_all_and_writes_nothing(empty_db: Engine, gusu: Profile, tmp_path: Path) -> None:
    before = everything(empty_db)
    report = load(empty_db, gusu, tmp_path, ticket(1), ticket(2, lon="", lat=""), dry_run=True)
    assert (report.state, report.run, report.rows.new) == ("dry_run", None, 2)
    assert codes(report) == {2: "no_coordinates"}
    assert everything(empty_db) == before
    assert rows_of(empty_db, "select count(*) from loads") == [(0,)]


def test_categories_are_made_as_a_tree_or_rejected(empty_db: Engine, gusu: Profile, tmp_path: Path) -> None:
    load(empty_db, gusu, tmp_path, ticket(1), ticket(2, kind=""), ticket(3, what="Streets!", kind="rubbish"))
    tree = rows_of(empty_db, "select code, name, level from categories where scheme = 'theirs' order by code")
    assert tree == [
        ("streets", "Streets!", 1), ("streets-2", "streets", 1),
        ("streets-2/rubbish", "rubbish", 2), ("streets/rubbish", "rubbish", 2),
    ]  # fmt: skip
    closed = MAPPING.replace('columns = ["what", "kind"]\ncreate = true', 'columns = ["what", "kind"]')
    path = table(tmp_path, [ticket(4), ticket(5, kind="noise")])
    report = load_tickets(empty_db, gusu, path, mapping=mapping(tmp_path, closed), max_rejected_percent=50)
    assert [(f.row, f.code, f.value) for f in report.findings] == [(2, "category_unknown", "streets › noise")]


def test_points_of_a_geojson_are_tickets_too(empty_db: Engine, gusu: Profile, tmp_path: Path) -> None:
    names = (
        MAPPING.replace('lon = "lon"\nlat = "lat"\n', "")
        .split("title")[0]
        .replace('number = "number"', 'number = "code"')
    )
    spoken = names.replace('received = "received"', 'received = "name"').replace(
        'due = "due"\nclosed = "closed"\n', ""
    )
    rest = '[state]\nvalue = "handling"\n[source]\nvalue = "mail"\ncreate = true\n[category]\nscheme = "s"\n'
    whole = spoken + rest + 'columns = ["code"]\ncreate = true\n[family]\nvalue = "city"\n'
    points = [
        ("1", "2025-05-06 07:08", {"type": "Point", "coordinates": [120.61, 31.31]}),
        ("2", "2025-05-06 07:08", None),
    ]
    report = load_tickets(
        empty_db, gusu, areas(tmp_path, points, "points.geojson"), mapping=mapping(tmp_path, whole)
    )
    assert report.figures["located"] == 1
    assert rows_of(empty_db, "select st_x(geom), st_y(geom) from tickets where number = '1'") == [
        (120.61, 31.31)
    ]


def test_a_reference_to_nothing_is_not_written(empty_db: Engine, gusu: Profile, tmp_path: Path) -> None:
    load(empty_db, gusu, tmp_path, ticket(1))
    with empty_db.connect() as connection, connection.begin():
        open_desk(connection)
        columns = ", ".join(TicketRow._fields).replace("lon, lat", "null, null")
        row = connection.execute(text(f"select {columns} from tickets")).one()
        astray = TicketRow._make(row)._replace(category_id=999)
        with pytest.raises(LookupError, match="row 999 of categories"):
            write_tickets(connection, [astray], origin="other", load_id=None)
    assert rows_of(empty_db, "select count(*) from tickets") == [(1,)]


def test_a_store_that_is_not_ours_to_command_takes_loads_too(
    empty_db: Engine, gusu: Profile, tmp_path: Path
) -> None:
    with empty_db.begin() as connection:
        connection.exec_driver_sql(
            "do $$ begin create role plain login; exception when duplicate_object then null; end $$;"
            "grant all on all tables in schema public to plain; grant all on all sequences in schema public to plain;"
            "grant create, usage on schema public to plain; grant temporary on database one_test to plain"
        )
    with empty_db.connect() as connection, connection.begin():
        connection.exec_driver_sql("set local role plain")
        open_desk(connection)
        assert write_tickets(connection, [], origin="other", load_id=None) == (0, 0)
        assert connection.exec_driver_sql("show session_replication_role").scalar() == "origin"
