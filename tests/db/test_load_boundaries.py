"""Boundaries: versions with validity, parents, and what lies in them."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from etl.quality import LoadRefused
from geodata.errors import Refused
from geodata.profile import Profile
from tests.db.load_files import areas, box, everything, mapping, rows_of, table, ticket
from tests.loading import load_boundaries, load_tickets

WEST, EAST = box(120.60, 31.30, 120.62, 31.32), box(120.62, 31.30, 120.64, 31.32)
WIDER = box(120.60, 31.30, 120.63, 31.32)
NARROWER = box(120.63, 31.30, 120.64, 31.32)
JUNE, JULY = date(2025, 6, 1), date(2025, 7, 1)

VERSIONS = "select code, name, parent_code, valid_from, valid_to from areas order by code, valid_from"


def test_the_first_load_answers_for_all_days_before(empty_db: Engine, gusu: Profile, tmp_path: Path) -> None:
    report = load_boundaries(
        empty_db, gusu, areas(tmp_path, [("A", "甲", WEST), ("B", "乙", EAST)]), level="grid_cell"
    )
    assert (report.rows.read, report.rows.new) == (2, 2)
    assert rows_of(empty_db, VERSIONS) == [
        ("A", "甲", "320508", date(1900, 1, 1), None), ("B", "乙", "320508", date(1900, 1, 1), None),
    ]  # fmt: skip
    assert rows_of(empty_db, "select area_km2 from areas")[0][0] == pytest.approx(4.22, abs=0.02)
    ancestors = (
        "select code, ancestor_code, steps from area_ancestors join areas on id = area_id order by 1, 3"
    )
    assert rows_of(empty_db, ancestors)[:2] == [("A", "A", 0), ("A", "320508", 1)]


def test_a_load_ends_versions_and_never_destroys_them(
    empty_db: Engine, gusu: Profile, tmp_path: Path
) -> None:
    three = [("A", "甲", WEST), ("B", "乙", EAST), ("C", "丙", box(120.64, 31.30, 120.65, 31.32))]
    load_boundaries(empty_db, gusu, areas(tmp_path, three), level="grid_cell")
    apart = box(120.60, 31.32, 120.62, 31.33)
    redrawn = areas(
        tmp_path, [("A", "甲", box(120.60, 31.30, 120.62, 31.31)), ("B", "乙", EAST), ("D", "丁", apart)]
    )
    report = load_boundaries(empty_db, gusu, redrawn, level="grid_cell", valid_from=JUNE)
    assert (report.rows.new, report.rows.changed, report.rows.unchanged, report.figures["gone"]) == (
        1,
        1,
        1,
        1,
    )
    assert [(f.code, f.value) for f in report.findings] == [("area_gone", "C 丙")]
    begin = date(1900, 1, 1)
    assert [(row[0], row[3], row[4]) for row in rows_of(empty_db, VERSIONS)] == [
        ("A", begin, JUNE), ("A", JUNE, None), ("B", begin, None), ("C", begin, JUNE), ("D", JUNE, None),
    ]  # fmt: skip


def test_the_same_file_again_makes_no_version(empty_db: Engine, gusu: Profile, tmp_path: Path) -> None:
    path = areas(tmp_path, [("A", "甲", WEST), ("B", "乙", EAST)])
    load_boundaries(empty_db, gusu, path, level="grid_cell")
    before = everything(empty_db)[:-1]
    report = load_boundaries(empty_db, gusu, path, level="grid_cell")
    assert (report.rows.unchanged, report.rows.new, report.rows.changed) == (2, 0, 0)
    assert everything(empty_db)[:-1] == before


def test_a_second_load_for_the_same_day_takes_the_place_of_the_first(
    empty_db: Engine, gusu: Profile, tmp_path: Path
) -> None:
    for name, shape in (("甲", WEST), ("甲", WIDER), ("甲乙", WEST)):
        load_boundaries(
            empty_db, gusu, areas(tmp_path, [("A", name, shape)]), level="grid_cell", valid_from=JUNE
        )
    assert rows_of(empty_db, VERSIONS) == [("A", "甲乙", "320508", JUNE, None)]


def test_a_version_cannot_begin_before_the_one_it_follows(
    empty_db: Engine, gusu: Profile, tmp_path: Path
) -> None:
    load_boundaries(empty_db, gusu, areas(tmp_path, [("A", "甲", WEST)]), level="grid_cell", valid_from=JULY)
    with pytest.raises(Refused, match="2025-07-01"):
        load_boundaries(
            empty_db, gusu, areas(tmp_path, [("A", "甲", WIDER)]), level="grid_cell", valid_from=JUNE
        )


def test_a_part_of_a_level_is_loaded_as_a_part_or_not_at_all(
    empty_db: Engine, gusu: Profile, tmp_path: Path
) -> None:
    five = [(f"{n}", f"区{n}", box(120.6 + n / 100, 31.3, 120.61 + n / 100, 31.31)) for n in range(5)]
    load_boundaries(empty_db, gusu, areas(tmp_path, five), level="grid_cell")
    with pytest.raises(LoadRefused, match="leaves out 4 of the 5"):
        load_boundaries(empty_db, gusu, areas(tmp_path, five[:1]), level="grid_cell")
    report = load_boundaries(empty_db, gusu, areas(tmp_path, five[:1]), level="grid_cell", partial=True)
    assert (report.rows.unchanged, report.figures["gone"]) == (1, 0)


def test_the_parent_is_the_area_above_that_covers_most(
    empty_db: Engine, gusu: Profile, tmp_path: Path
) -> None:
    load_boundaries(
        empty_db, gusu, areas(tmp_path, [("W", "西", WEST), ("E", "东", EAST)]), level="community"
    )
    cells = [
        ("1", "一", box(120.60, 31.30, 120.61, 31.32)), ("2", "二", box(120.61, 31.30, 120.635, 31.32)),
        ("3", "三", box(120.70, 31.30, 120.71, 31.32)),
    ]  # fmt: skip
    report = load_boundaries(empty_db, gusu, areas(tmp_path, cells), level="grid_cell")
    parents = rows_of(empty_db, "select code, parent_code from areas where level = 'grid_cell' order by code")
    assert parents == [("1", "W"), ("2", "E"), ("3", "320508")]
    assert [(f.code, f.row) for f in report.findings] == [
        ("outside_parent", 2),
        ("uncovered", 2),
        ("no_parent", 3),
    ]


def test_tickets_follow_their_areas_from_the_day_on(empty_db: Engine, gusu: Profile, tmp_path: Path) -> None:
    rows = [
        ticket("may", received="2025-05-31 12:00", due=""),
        ticket("june", received="2025-06-01 00:30", due="", lon=120.625),
    ]
    load_tickets(empty_db, gusu, table(tmp_path, rows), mapping=mapping(tmp_path))
    first = load_boundaries(
        empty_db, gusu, areas(tmp_path, [("A", "甲", WEST), ("B", "乙", EAST)]), level="grid_cell"
    )
    redrawn = areas(tmp_path, [("A", "甲", WIDER), ("B", "乙", NARROWER)])
    second = load_boundaries(empty_db, gusu, redrawn, level="grid_cell", valid_from=JUNE)
    found = rows_of(empty_db, """
        select number, code, a.valid_to is null from tickets t join areas a on a.id = t.area_id order by number""")  # fmt: skip
    assert found == [("june", "A", True), ("may", "A", False)]
    assert (first.figures["tickets_moved"], second.figures["tickets_moved"]) == (2, 1)


def test_broken_shapes_are_mended_or_rejected(empty_db: Engine, gusu: Profile, tmp_path: Path) -> None:
    bow = {
        "type": "Polygon",
        "coordinates": [[[120.6, 31.3], [120.61, 31.31], [120.61, 31.3], [120.6, 31.31], [120.6, 31.3]]],
    }
    high = {
        "type": "Polygon",
        "coordinates": [[[120.6, 31.3, 5], [120.62, 31.295, 5], [120.62, 31.3, 5], [120.6, 31.3, 5]]],
    }
    shapes = [bow, high, None, {"type": "Point", "coordinates": [120.6, 31.3]}, box(200, 0, 201, 1)]
    rows = [(str(n), f"区{n}", shape) for n, shape in enumerate(shapes)]
    report = load_boundaries(
        empty_db, gusu, areas(tmp_path, rows), level="grid_cell", max_rejected_percent=60
    )
    assert [(f.row, f.code, f.severity) for f in report.findings] == [
        (1, "invalid_rings", "repaired"), (2, "z_dropped", "repaired"), (3, "no_shape", "rejected"),
        (4, "not_an_area", "rejected"), (5, "outside_the_earth", "rejected"),
    ]  # fmt: skip
    assert (report.rows.read, report.rows.new, report.rows.rejected, report.rows.repaired) == (5, 2, 3, 2)
    assert (
        rows_of(empty_db, "select st_isvalid(geom), st_geometrytype(geom), st_ndims(geom) from areas")
        == [(True, "ST_MultiPolygon", 2)] * 2
    )


def test_codes_stand_once_and_belong_to_one_level(empty_db: Engine, gusu: Profile, tmp_path: Path) -> None:
    load_boundaries(empty_db, gusu, areas(tmp_path, [("A", "甲", WEST)]), level="community")
    rows = [
        ("A", "甲", WEST),
        ("320508", "乙", WEST),
        ("C", "丙", WEST),
        ("C", "丙", EAST),
        (None, "丁", EAST),
        ("E", "", EAST),
    ]
    report = load_boundaries(
        empty_db,
        gusu,
        areas(tmp_path, rows),
        level="grid_cell",
        max_rejected_percent=90,
        code_field="code",
        name_field="name",
    )
    assert {f.row: f.code for f in report.findings} == {
        1: "code_of_another_level", 2: "code_of_another_level", 4: "code_again", 5: "code_missing", 6: "name_missing",
    }  # fmt: skip


def test_a_projected_file_comes_to_lie_where_it_should(
    empty_db: Engine, gusu: Profile, tmp_path: Path
) -> None:
    with empty_db.connect() as connection:
        asked = (
            "select st_asgeojson(st_transform(st_setsrid(st_geomfromgeojson(:shape), 4326), 4549), 4)::json"
        )
        shape = connection.execute(text(asked), {"shape": json.dumps(WEST)}).scalar_one()
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::4549"}}
    report = load_boundaries(
        empty_db, gusu, areas(tmp_path, [("A", "甲", shape)], crs=crs), level="grid_cell"
    )
    assert report.crs["used"] == "urn:ogc:def:crs:EPSG::4549"
    assert rows_of(empty_db, "select st_xmin(geom), st_ymin(geom) from areas")[0] == (
        pytest.approx(120.60, abs=1e-7), pytest.approx(31.30, abs=1e-7),
    )  # fmt: skip


def test_an_unknown_level_is_refused_with_those_there_are(
    empty_db: Engine, gusu: Profile, tmp_path: Path
) -> None:
    with pytest.raises(Refused, match="community"):
        load_boundaries(empty_db, gusu, areas(tmp_path, [("A", "甲", WEST)]), level="parish")


def test_another_scheme_has_levels_of_its_own(empty_db: Engine, gusu: Profile, tmp_path: Path) -> None:
    load_boundaries(empty_db, gusu, areas(tmp_path, [("A", "甲", WEST)]), level="grid_cell")
    load_boundaries(empty_db, gusu, areas(tmp_path, [("A", "一号警格", EAST)]), level="beat", scheme="police")
    assert rows_of(empty_db, "select scheme, level, code from areas order by 1") == [
        ("grid", "grid_cell", "A"),
        ("police", "beat", "A"),
    ]
