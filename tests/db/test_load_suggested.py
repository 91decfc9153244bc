"""What is suggested for a file loads it; mappings are kept by name; templates and sheets go out and come back."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from itertools import islice
from pathlib import Path

import numpy as np
import pytest
from openpyxl import Workbook, load_workbook
from sqlalchemy import Engine

from etl import counter
from etl.kinds import discover
from etl.loading import LoadOptions, load
from etl.quality import LoadRefused
from etl.report_sheet import write_report_sheet
from etl.templates import template
from geodata.errors import Refused
from geodata.profile import Profile, load_profile
from geodata.queries.mappings import saved_mapping
from geodata.space.crs import to_metric
from tests.db.load_files import areas, box, rows_of

EXPORT = """工单编号,上报时间,事发地址,问题大类,处理单位,状态,X坐标,Y坐标,结案时间
GD001,2024/3/15 8:30,平江路288号周边,市容管理,平江街道,已办结,120.6312,31.3127,2024/3/15 10:30
GD002,2024/3/16 18:05,人民路,物业管理,区城管委,处理中,120.6187,31.3009,
GD003,,人民路,=HYPERLINK("http://x"),区城管委,处理中,120.6187,31.3009,
"""
HEAD_ROWS = 400


def test_real_exports_load_as_suggested(empty_db: Engine, shared_data: Path, tmp_path: Path) -> None:
    for name in ("boston_311_animal_2013.csv", "nyc_311_animal.csv"):
        whole = shared_data / "tickets" / name
        path = tmp_path / whole.name
        with (
            whole.open(encoding="utf-8", newline="") as told,
            path.open("w", encoding="utf-8", newline="") as head,
        ):
            csv.writer(head).writerows(islice(csv.reader(told), HEAD_ROWS + 1))
        _loads(empty_db, load_profile("new_york" if name.startswith("nyc") else "boston"), path)


def _loads(empty_db: Engine, profile: Profile, path: Path) -> None:
    found = counter.suggestion(empty_db, profile, "tickets", path, {})
    assert (found.missing, found.personal) == ([], [])
    report = load(empty_db, profile, "tickets", path, LoadOptions(mapping=found.body))
    assert (report.rows.read, report.rows.new) == (HEAD_ROWS, HEAD_ROWS), path.name
    assert report.figures["located"] > 0.96 * HEAD_ROWS


def test_real_rosters_of_cameras_load_without_a_word(
    empty_db: Engine, shared_data: Path, tmp_path: Path
) -> None:
    world = replace(load_profile("gusu"), bbox=type(load_profile("gusu").bbox)(-180, -90, 180, 90))
    dakar = shared_data / "cameras" / "dakar.geojson"
    first = load(empty_db, world, "cameras", dakar, LoadOptions(max_rejected_percent=100))
    assert (first.rows.read, first.rows.new + first.rows.rejected) == (103, 103)
    again = load(empty_db, world, "cameras", dakar, LoadOptions(max_rejected_percent=100))
    assert (again.rows.new, again.rows.changed) == (0, 0)
    told = json.loads((shared_data / "cameras" / "opentrafficcammap_usa.json").read_text("utf-8"))
    flat = [camera for cities in told.values() for cameras in cities.values() for camera in cameras]
    path = tmp_path / "cams.csv"
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(
            stream,
            ["description", "latitude", "longitude", "direction", "url", "format"],
            extrasaction="ignore",
        )
        writer.writeheader()
        writer.writerows(flat)
    found = counter.suggestion(empty_db, world, "cameras", path, {})
    assert found.missing == []
    report = load(empty_db, world, "cameras", path, LoadOptions(mapping=found.body, max_rejected_percent=100))
    assert report.rows.new > 0.9 * len(flat)
    assert rows_of(empty_db, "select count(*) > 2000 from cameras where heading_deg is not null") == [(True,)]
    assert rows_of(empty_db, "select count(*) > 2000 from camera_streams") == [(True,)]


def test_a_suggestion_is_kept_by_name_and_used_again(empty_db: Engine, gusu: Profile, tmp_path: Path) -> None:
    path = tmp_path / "热线_2024-03.csv"
    path.write_text(EXPORT, "gb18030")
    counter.suggestion(empty_db, gusu, "tickets", path, {"save_as": "热线"})
    with empty_db.connect() as c:
        kept = saved_mapping(c, "热线")
    assert kept
    assert (kept.kind, kept.author, kept.body["columns"]["number"]) == ("tickets", None, "工单编号")
    options = LoadOptions(mapping="热线", max_rejected_percent=50)
    report = load(empty_db, gusu, "tickets", path, options)
    assert (report.rows.new, report.rows.rejected) == (2, 1)
    assert rows_of(empty_db, "select options ->> 'mapping' from loads order by id desc limit 1") == [
        ("热线",)
    ]
    assert load(empty_db, gusu, "tickets", path, options).rows.unchanged == 2
    with pytest.raises(Refused, match="is one of tickets, not of cameras"):
        load(empty_db, gusu, "cameras", path, LoadOptions(mapping="热线"))
    with pytest.raises(Refused, match="comes with Yiping"):
        counter.save(empty_db, "tickets", "boston_311", kept.body)
    with pytest.raises(Refused, match="wrong at state"):
        counter.save(empty_db, "tickets", "x", kept.body | {"state": {}})


def test_the_sheet_that_goes_back_marks_what_is_wrong_and_runs_nothing(
    empty_db: Engine, gusu: Profile, tmp_path: Path
) -> None:
    path, out = tmp_path / "热线.csv", tmp_path / "back.xlsx"
    path.write_text(EXPORT, "utf-8")
    found = counter.suggestion(empty_db, gusu, "tickets", path, {})
    report = load(empty_db, gusu, "tickets", path, LoadOptions(mapping=found.body, max_rejected_percent=50))
    write_report_sheet(report, path, out)
    book = load_workbook(out)
    rows = list(book["待更正"].iter_rows())
    assert [cell.value for cell in rows[0]] == ["原行号", *EXPORT.splitlines()[0].split(","), "问题"]
    assert [row[0].value for row in rows[1:]] == [3]
    assert rows[1][4].value == '\'=HYPERLINK("http://x")'
    assert rows[1][4].data_type == "s"
    wrong = rows[1][2]
    assert wrong.comment
    assert wrong.fill.fgColor.rgb == "00F8CBAD"
    assert rows[1][3].comment is None
    assert [cell.value for cell in next(book["全部发现"].iter_rows())][:3] == ["表或图层", "行", "列"]
    # Corrected, it is loaded as it came back.
    wrong.value, rows[1][4].value = "2024/3/17 9:00", "市容管理"
    book.save(out)
    back = load(empty_db, gusu, "tickets", out, LoadOptions(mapping=found.body))
    assert (back.rows.read, back.rows.new) == (1, 1)


def test_a_sheet_tells_no_persons_and_no_passwords(empty_db: Engine, gusu: Profile, tmp_path: Path) -> None:
    path, out = tmp_path / "cameras.csv", tmp_path / "back.xlsx"
    path.write_text(
        "编号,名称,视场角,视频流地址,经度,纬度,值守人姓名\nC1,甲,999,http://u:hunter2@10.0.0.1/a.m3u8,120.61,31.31,王某\n",
        "utf-8",
    )
    with pytest.raises(LoadRefused, match="值守人姓名") as refused:
        load(empty_db, gusu, "cameras", path, LoadOptions())
    write_report_sheet(refused.value.report, path, out)
    assert "王某" not in _text(out)
    report = load(
        empty_db, gusu, "cameras", path, LoadOptions(drop=("值守人姓名",), max_rejected_percent=100)
    )
    write_report_sheet(report, path, out, drop=("值守人姓名",))
    assert "http://***@10.0.0.1/a.m3u8" in _text(out)
    assert not {"hunter2", "王某", "值守人姓名"} & set(_text(out).split("\n"))
    assert "hunter2" not in _text(out)


def _text(path: Path) -> str:
    return "\n".join(
        str(cell.value) for sheet in load_workbook(path) for row in sheet.iter_rows() for cell in row
    )


TABLES = [key for key, kind in discover().items() if kind.shape in ("point", "none")]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_template_loads_once_it_is_filled_in(
    empty_db: Engine, gusu: Profile, tmp_path: Path, language: str
) -> None:
    load(empty_db, gusu, "boundaries", areas(tmp_path, [("320508001", "平江街道", box(120.5, 31.2, 120.7, 31.4))]),
         LoadOptions(told={"level": "subdistrict"}))  # fmt: skip
    for key in TABLES:
        kind = discover()[key]
        book: Workbook = load_workbook(io.BytesIO(template(key, "xlsx", language)))
        table, explained = book.worksheets
        assert [cell.value for cell in table[1]] == [field.title.in_(language) for field in kind.fields]
        assert explained.max_row >= len(kind.fields) + 6
        words = {
            field.name: field.words[next(iter(field.words))].in_(language)
            for field in kind.fields
            if field.words
        }
        words |= {"state": kind.field("state").words["closed"].in_(language)} if key == "tickets" else {}
        table.append([words.get(field.name, field.example) or None for field in kind.fields])
        filled = tmp_path / f"{key}.xlsx"
        book.save(filled)
        mapping = counter.suggestion(empty_db, gusu, key, filled, {}).body if key == "tickets" else None
        report = load(empty_db, gusu, key, filled, LoadOptions(mapping=mapping))
        assert (report.rows.read, report.rows.new) == (1, 1), (key, report.as_text())


def test_templates_as_text_and_as_shapes() -> None:
    assert template("roads", "csv").decode("utf-8-sig").startswith("编码,道路名称,")
    shapes = json.loads(template("roads", "geojson", "en"))
    assert shapes["features"][0]["geometry"]["type"] == "LineString"
    with pytest.raises(Refused, match="no template of people per area as “geojson”; there are: xlsx, csv"):
        template("people", "geojson")
    with pytest.raises(Refused, match="GeoTIFF"):
        template("raster", "xlsx")


def test_coordinates_in_metres_are_suggested_their_crs(
    empty_db: Engine, gusu: Profile, tmp_path: Path
) -> None:
    lon, lat = np.random.default_rng(5).uniform((120.58, 31.28), (120.64, 31.34), (60, 2)).T
    east, north = to_metric(lon, lat, 4549)
    path = tmp_path / "地点.csv"
    rows = [f"P{n},地点{n},{x:.2f},{y:.2f}" for n, (x, y) in enumerate(zip(north, east, strict=True))]
    path.write_text("\n".join(["编码,名称,X坐标,Y坐标", *rows]), "utf-8")  # in China X points north
    found = counter.suggestion(empty_db, gusu, "places", path, {})
    assert found.body["crs"] == "EPSG:4549 yx"
    assert "# Coordinates look like EPSG:4549 yx" in counter.told(found)
    report = load(empty_db, gusu, "places", path, LoadOptions(mapping=found.body))
    assert (report.rows.new, report.crs["used"]) == (60, "EPSG:4549 yx")
    kept = np.array(
        rows_of(empty_db, "select st_x(geom), st_y(geom) from places order by substr(code, 2)::int")
    )
    assert np.abs(kept - np.column_stack([lon, lat])).max() < 1e-6
    with pytest.raises(LoadRefused, match="--crs “EPSG:4549 yx”"):
        load(empty_db, gusu, "places", path, LoadOptions())
