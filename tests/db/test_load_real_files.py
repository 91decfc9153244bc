"""New York and Boston, as their cities publish them."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import pytest
from sqlalchemy import Engine

from geodata.errors import Refused
from geodata.profile import load_profile
from tests.db.load_files import everything, rows_of
from tests.loading import load_boundaries, load_tickets


def test_new_york(empty_db: Engine, shared_data: Path) -> None:
    city = load_profile("new_york")
    districts = shared_data / "boundaries" / "nyc_community_districts.geojson"
    requests = shared_data / "tickets" / "nyc_311_animal.csv"
    drawn = load_boundaries(empty_db, city, districts, level="community_district")
    report = load_tickets(empty_db, city, requests, mapping="new_york_311")
    assert (drawn.rows.read, drawn.rows.new, drawn.figures["code_field"]) == (71, 71, "BoroCD")
    assert (report.rows.read, report.rows.new, report.rows.rejected) == (4969, 4969, 0)
    assert Counter(f.code for f in report.findings) == {"no_coordinates": 62, "in_no_area": 5}
    assert report.figures == {"located": 4907, "default_point": 0, "unlocated": 62, "in_an_area": 4902}
    by_hand = rows_of(empty_db, """
        select count(*), count(distinct a.code) from tickets t join areas a on a.id = t.area_id and st_intersects(a.geom, t.geom)""")  # fmt: skip
    assert by_hand[0][0] == 4902
    # The city says itself which board a request belongs to (“05 BROOKLYN” is 305); nearly all agree.
    before = everything(empty_db)[:-1]
    again = load_tickets(empty_db, city, requests, mapping="new_york_311")
    assert (again.rows.unchanged, again.rows.new, again.rows.changed) == (4969, 0, 0)
    assert load_boundaries(empty_db, city, districts, level="community_district").rows.unchanged == 71
    assert everything(empty_db)[:-1] == before


def test_new_york_agrees_with_the_board_that_the_city_names(empty_db: Engine, shared_data: Path) -> None:
    city = load_profile("new_york")
    load_boundaries(
        empty_db,
        city,
        shared_data / "boundaries" / "nyc_community_districts.geojson",
        level="community_district",
    )
    path = shared_data / "tickets" / "nyc_311_animal.csv"
    load_tickets(empty_db, city, path, mapping="new_york_311")
    boroughs = {"MANHATTAN": "1", "BRONX": "2", "BROOKLYN": "3", "QUEENS": "4", "STATEN ISLAND": "5"}
    with path.open(encoding="utf-8") as stream:
        boards = {row["Unique Key"]: row["Community Board"].split(" ", 1) for row in csv.DictReader(stream)}
    named = {
        key: boroughs.get(borough, "") + board for key, (board, borough) in boards.items() if board.isdigit()
    }
    ours = dict(rows_of(empty_db, "select number, a.code from tickets t join areas a on a.id = t.area_id"))
    both = [key for key in ours if key in named]
    assert len(both) > 4800
    assert sum(ours[key] == named[key] for key in both) / len(both) > 0.99


def test_boston(empty_db: Engine, shared_data: Path) -> None:
    city = load_profile("boston")
    reports = {
        year: load_tickets(
            empty_db, city, shared_data / "tickets" / f"boston_311_animal_{year}.csv", mapping="boston_311"
        )
        for year in (2013, 2014, 2015)
    }
    assert {year: (r.rows.read, r.rows.new, r.rows.rejected) for year, r in reports.items()} == {
        2013: (3095, 3095, 0), 2014: (5268, 5268, 0), 2015: (6221, 6218, 3),
    }  # fmt: skip
    rejected = [(f.row, f.code, f.value) for f in reports[2015].findings if f.severity == "rejected"]
    assert rejected == [
        (2482, "closed_before_received", "2015-06-25 15:15:35"),
        (2611, "closed_before_received", "2015-06-30 17:43:27"),
        (4268, "closed_before_received", "2015-09-08 13:41:36"),
    ]
    assert {year: r.figures["unlocated"] for year, r in reports.items()} == {2013: 19, 2014: 17, 2015: 8}
    # City Hall, which stands for “unknown”
    assert {year: r.figures["default_point"] for year, r in reports.items()} == {2013: 23, 2014: 12, 2015: 24}
    assert rows_of(
        empty_db, "select count(*) from tickets where outcome ~ '[0-9]{3}[- .][0-9]{3}[- .][0-9]{4}'"
    ) == [(0,)]


@pytest.mark.parametrize("name", ["chicago_community_areas_some_invalid", "melbourne", "suzhou_districts"])
def test_other_boundaries_are_taken(empty_db: Engine, shared_data: Path, name: str) -> None:
    path = shared_data / "boundaries" / f"{name}.geojson"
    report = load_boundaries(empty_db, load_profile("gusu"), path, level="district")
    assert report.rows.new == report.rows.read
    if name.startswith("chicago"):
        assert {f.row for f in report.findings if f.code == "invalid_rings"} == {39, 47, 66, 91}


def test_a_mapping_for_another_city_is_refused_with_the_columns(empty_db: Engine, shared_data: Path) -> None:
    path = shared_data / "tickets" / "nyc_311_animal.csv"
    with pytest.raises(Refused, match=r"case_enquiry_id.*Unique Key"):
        load_tickets(empty_db, load_profile("new_york"), path, mapping="boston_311")
