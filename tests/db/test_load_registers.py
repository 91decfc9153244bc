"""Roads, places, cameras, sensors, heritage and people per area, from files as departments send them."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, text

from etl.loading import LoadOptions, load
from etl.quality import LoadRefused, Report
from geodata.errors import Refused
from geodata.profile import Profile
from tests.db.load_files import areas, box, rows_of

SECRET = "http://viewer:hunter2@10.20.0.15/live/1/index.m3u8"


def sheet(
    folder: Path, header: Sequence[str], rows: Iterable[Sequence[object]], name: str = "list.csv"
) -> Path:
    """Write a table."""
    path = folder / name
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([header, *rows])
    return path


def lines(folder: Path, rows: Sequence[tuple[dict[str, Any], list[list[float]]]]) -> Path:
    """Write lines as GeoJSON."""
    features = [
        {"type": "Feature", "properties": told, "geometry": {"type": "LineString", "coordinates": line}}
        for told, line in rows
    ]
    path = folder / "roads.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), "utf-8")
    return path


def counted(report: Report) -> tuple[int, int, int, int]:
    """New, changed, unchanged, rejected."""
    rows = report.rows
    return rows.new, rows.changed, rows.unchanged, rows.rejected


ANY = LoadOptions(max_rejected_percent=100)


def test_places_come_in_once_change_and_are_rejected_with_reasons(
    empty_db: Engine, gusu: Profile, tmp_path: Path
) -> None:
    header = ["编码", "名称", "类型", "经度", "纬度"]
    good = ["P1", "杨枝新村", "小区", 120.6321, 31.2895]
    bad = [["P2", "", "小区", 120.63, 31.29], ["P3", "无处", "小区", "", ""], ["P4", "怪", "飞船", 120.63, 31.29],
           ["P5", "零", "桥", 0, 0], ["P1", "又一个", "桥", 120.63, 31.29]]  # fmt: skip
    first = load(empty_db, gusu, "places", sheet(tmp_path, header, [good, *bad]), ANY)
    assert counted(first) == (1, 0, 0, 5)
    told = {finding.row: finding.code for finding in first.findings if finding.severity == "rejected"}
    assert told == {2: "value_missing", 3: "no_place", 4: "word_unknown", 5: "zero_zero", 6: "code_again"}
    kept = rows_of(
        empty_db, "select code, name, kind, round(st_x(geom)::numeric, 4)::text, load_id from places"
    )
    assert kept == [("P1", "杨枝新村", "estate", "120.6321", first.run)]
    again = load(empty_db, gusu, "places", sheet(tmp_path, header, [good]), ANY)
    assert counted(again) == (0, 0, 1, 0)
    moved = load(
        empty_db, gusu, "places", sheet(tmp_path, header, [["P1", "杨枝新村", "小区", 120.64, 31.2895]]), ANY
    )
    assert counted(moved) == (0, 1, 0, 0)
    assert moved.figures["moved"] == pytest.approx(752, abs=3), "0.0079° of longitude here"


def test_cameras_stand_in_an_area_look_somewhere_and_keep_their_secrets(
    empty_db: Engine, gusu: Profile, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    where = areas(tmp_path, [("A", "甲", box(120.60, 31.30, 120.62, 31.32))])
    load(empty_db, gusu, "boundaries", where, LoadOptions(told={"level": "grid_cell"}))
    header = [
        "监控编号",
        "点位名称",
        "类型",
        "朝向",
        "视场角",
        "可视距离",
        "安装日期",
        "视频流地址",
        "经度",
        "纬度",
    ]
    rows = [
        ["C1", "东北街", "枪机", "东北", "60°", "80 米", "2023-05-01", SECRET, 120.61, 31.31],
        ["C2", "平江路", "球机", "", "", "", "", "ftp://viewer:hunter2@10.0.0.9/x", 120.61, 31.31],
        ["C3", "石路", "球机", "", 400, "", "", "", 120.61, 31.31],
    ]
    report = load(empty_db, gusu, "cameras", sheet(tmp_path, header, rows), ANY)
    assert counted(report) == (2, 0, 0, 1)
    kept = rows_of(empty_db, """
        select k.code, k.kind, k.state, k.heading_deg, k.field_of_view_deg, k.range_m, k.installed_on::text, a.code
        from cameras k left join areas a on a.id = k.area_id order by 1""")  # fmt: skip
    assert kept == [
        ("C1", "bullet", "silent", 45.0, 60.0, 80.0, "2023-05-01", "A"),
        ("C2", "dome", "silent", None, None, None, None, "A"),
    ]
    assert rows_of(empty_db, "select kind, url from camera_streams") == [("hls", SECRET)]
    codes = {finding.code for finding in report.findings}
    assert codes == {"view_impossible", "address_unusable", "same_place"}
    everywhere = report.as_json() + report.as_text() + caplog.text
    assert "hunter2" not in everywhere
    assert "hunter2" not in str(rows_of(empty_db, "select * from load_findings")) + str(
        rows_of(empty_db, "select * from loads")
    )
    # What the roster does not tell stays: the state that was heard since.
    with empty_db.begin() as c:
        c.execute(text("update cameras set state = 'online'"))
    again = load(empty_db, gusu, "cameras", sheet(tmp_path, header, rows[:1]), ANY)
    assert counted(again) == (0, 0, 1, 0)
    other = [*rows[0][:7], SECRET.replace("/1/", "/2/"), *rows[0][8:]]
    changed = load(empty_db, gusu, "cameras", sheet(tmp_path, header, [other]), ANY)
    assert counted(changed) == (0, 1, 0, 0)
    assert rows_of(empty_db, "select count(*) from cameras where state = 'online'") == [(2,)]


def test_sensors_have_thresholds_that_go_one_way(empty_db: Engine, gusu: Profile, tmp_path: Path) -> None:
    header = [
        "设备编号",
        "设备名称",
        "监测类型",
        "单位",
        "采集间隔",
        "蓝色阈值",
        "黄色阈值",
        "橙色阈值",
        "红色阈值",
        "经度",
        "纬度",
    ]
    rows = [
        ["S1", "山塘桥水位", "水位", "m", 300, 3.3, 3.6, 3.8, 4.2, 120.59, 31.32],
        ["S2", "溶解氧", "水质", "mg/L", 900, 5, 3, "", 2, 120.59, 31.33],
        ["S3", "乱", "水位", "m", 300, 3, 5, 4, 6, 120.59, 31.34],
        ["S4", "停", "水位", "m", 0, 3, 4, 5, 6, 120.59, 31.35],
    ]
    report = load(empty_db, gusu, "sensors", sheet(tmp_path, header, rows), ANY)
    assert counted(report) == (2, 0, 0, 2)
    assert {f.row: f.code for f in report.findings} == {3: "thresholds_cross", 4: "interval_impossible"}
    kept = rows_of(
        empty_db, "select code, kind, unit, state, interval_s, notice_at, danger_at from sensors order by 1"
    )
    assert kept == [
        ("S1", "water_level", "m", "silent", 300, 3.3, 4.2),
        ("S2", "water_quality", "mg/L", "silent", 900, 5, 2),
    ]
    assert counted(load(empty_db, gusu, "sensors", sheet(tmp_path, header, rows[:2]), ANY)) == (0, 0, 2, 0)


def test_heritage_has_grade_and_condition(empty_db: Engine, gusu: Profile, tmp_path: Path) -> None:
    header = ["名称", "保护级别", "保存现状", "年代", "经度", "纬度"]
    rows = [
        ["云岩寺塔", "全国重点文物保护单位", "良好", "五代", 120.5745, 31.3385],
        ["某宅", "控保", "差", "清", 120.62, 31.31],
    ]
    report = load(empty_db, gusu, "heritage", sheet(tmp_path, header, rows), ANY)
    assert counted(report) == (2, 0, 0, 0)
    assert rows_of(empty_db, "select name, grade, condition, era from heritage_objects order by 1 desc") == [
        ("某宅", "controlled", "poor", "清"), ("云岩寺塔", "national", "good", "五代"),
    ]  # fmt: skip
    again = load(empty_db, gusu, "heritage", sheet(tmp_path, header, rows), ANY)
    assert counted(again) == (0, 0, 2, 0), "codes made of name and place are the same the next time"


def test_roads_take_the_tickets_that_lie_nearest(empty_db: Engine, gusu: Profile, tmp_path: Path) -> None:
    with empty_db.begin() as c:
        c.execute(text("""
            insert into ticket_sources (key, name) values ('x', 'x');
            insert into categories (scheme, code, name, level) values ('s', 'c', 'c', 1);
            insert into tickets (origin, number, source_id, family, category_id, received_at, state, geom,
                                 location_quality, is_default_point, hex_r9, hex_r10, hex_r11)
            select 't', n, (select id from ticket_sources), 'service', (select id from categories), now(), 'received',
                   ST_Point(lon, 31.31, 4326), 'given', false, 1, 1, 1
            from (values ('near', 120.6100), ('between', 120.6105), ('far', 120.63)) t (n, lon)"""))  # fmt: skip
    told = {"osm_id": "w1", "道路名称": "人民路", "highway": "residential", "起始门牌": "1", "终止门牌": "99"}
    one = lines(tmp_path, [(told, [[120.61, 31.30], [120.61, 31.32]])])
    first = load(empty_db, gusu, "roads", one, ANY)
    assert (counted(first), first.figures) == ((1, 0, 0, 0), {"tickets_relinked": 2})
    of = "select t.number, r.code from tickets t join roads r on r.id = t.road_id order by 1"
    assert rows_of(empty_db, of) == [("between", "w1"), ("near", "w1")]
    assert rows_of(empty_db, "select class, door_first, door_last from roads") == [("tertiary", 1, 99)]
    assert counted(load(empty_db, gusu, "roads", one, ANY)) == (0, 0, 1, 0)
    second = {"osm_id": "w2", "道路名称": "新路", "highway": "primary"}
    both = lines(
        tmp_path,
        [(told, [[120.61, 31.30], [120.61, 31.32]]), (second, [[120.6106, 31.30], [120.6106, 31.32]])],
    )
    more = load(empty_db, gusu, "roads", both, ANY)
    assert (counted(more), more.figures) == ((1, 0, 1, 0), {"tickets_relinked": 1})
    assert rows_of(empty_db, of) == [("between", "w2"), ("near", "w1")]
    away = lines(tmp_path, [(told, [[120.64, 31.30], [120.64, 31.32]])])
    gone = load(empty_db, gusu, "roads", away, ANY)
    assert (counted(gone), gone.figures) == ((0, 1, 0, 0), {"moved": 2855.8, "tickets_relinked": 1})
    assert rows_of(empty_db, of) == [("between", "w2"), ("near", "w2")]


def test_people_are_counted_by_code_or_name_of_an_area(
    empty_db: Engine, gusu: Profile, tmp_path: Path
) -> None:
    where = areas(
        tmp_path,
        [
            ("A", "甲街道", box(120.60, 31.30, 120.62, 31.32)),
            ("B", "乙街道", box(120.62, 31.30, 120.64, 31.32)),
        ],
    )
    load(empty_db, gusu, "boundaries", where, LoadOptions(told={"level": "subdistrict"}))
    rows = [["甲街道", "12,345"], ["B", 800], ["丙街道", 5], ["A", 7]]
    options = LoadOptions(max_rejected_percent=100, told={"counted_on": "2024-01-01"})
    report = load(empty_db, gusu, "people", sheet(tmp_path, ["街道", "常住人口"], rows), options)
    assert counted(report) == (2, 0, 0, 2)
    assert {f.row: f.code for f in report.findings} == {3: "area_unknown", 4: "area_again"}
    kept = "select area_code, residents, counted_on::text from area_residents order by 1"
    assert rows_of(empty_db, kept) == [("A", 12345, "2024-01-01"), ("B", 800, "2024-01-01")]
    assert counted(
        load(empty_db, gusu, "people", sheet(tmp_path, ["街道", "常住人口"], rows[:2]), options)
    ) == (0, 0, 2, 0)


def test_a_list_of_persons_is_refused_whatever_it_is_called(
    empty_db: Engine, gusu: Profile, tmp_path: Path
) -> None:
    listed = sheet(tmp_path, ["编码", "名称", "经度", "纬度", "备注"],
                   [["P1", "甲", 120.61, 31.31, "11010519491231002X"], ["P2", "乙", 120.62, 31.31, "440524188001010014"]])  # fmt: skip
    with pytest.raises(LoadRefused, match="“备注”") as refused:
        load(empty_db, gusu, "places", listed, ANY)
    report = refused.value.report
    assert [(f.code, f.column, f.value) for f in report.findings] == [("personal_column", "备注", None)]
    assert "1949" not in report.as_json() + str(rows_of(empty_db, "select * from load_findings"))
    assert rows_of(empty_db, "select count(*) from places") == [(0,)]
    dropped = LoadOptions(drop=("备注",))
    assert counted(load(empty_db, gusu, "places", listed, dropped)) == (2, 0, 0, 0)


def test_what_cannot_be_told_is_asked_for(empty_db: Engine, gusu: Profile, tmp_path: Path) -> None:
    with pytest.raises(LoadRefused, match=r"“name” cannot be told.*--suggest"):
        load(empty_db, gusu, "places", sheet(tmp_path, ["a", "b"], [[1, 2]]), ANY)
    with pytest.raises(LoadRefused, match="longitude and latitude"):
        load(empty_db, gusu, "places", sheet(tmp_path, ["名称", "b"], [["甲", 2]]), ANY)
    with pytest.raises(Refused, match="There is no kind of file “ships”"):
        load(empty_db, gusu, "ships", tmp_path / "x", ANY)
    with pytest.raises(Refused, match="no mapping “nowhere”"):
        load(empty_db, gusu, "places", tmp_path / "x", LoadOptions(mapping="nowhere"))
