"""Rosters, roads and places are taken back to exactly what stood there before."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Engine, text

from etl.loading import LoadOptions, load
from geodata.commands.undo import roll_back
from geodata.profile import Profile
from tests.db.load_files import rows_of
from tests.db.test_load_registers import lines, sheet

TABLES = ("cameras", "camera_streams", "sensors", "places", "heritage_objects", "roads", "tickets")
ANY = LoadOptions(max_rejected_percent=100)
CAMERAS = ["编号", "名称", "朝向", "视频流地址", "经度", "纬度"]


def sums(engine: Engine) -> list[tuple[object, ...]]:
    """A checksum of each table that these loads write."""
    asked = " union all ".join(
        f"select '{t}', md5(string_agg(x::text, '|' order by x::text)) from {t} x" for t in TABLES
    )
    return rows_of(engine, asked)


def test_registers_are_as_they_were(empty_db: Engine, gusu: Profile, tmp_path: Path) -> None:
    with empty_db.begin() as c:
        c.execute(text("""
            insert into ticket_sources (key, name) values ('x', 'x');
            insert into categories (scheme, code, name, level) values ('s', 'c', 'c', 1);
            insert into tickets (origin, number, source_id, family, category_id, received_at, state, geom,
                                 location_quality, is_default_point, hex_r9, hex_r10, hex_r11)
            select 't', n, (select id from ticket_sources), 'service', (select id from categories), now(), 'received',
                   ST_Point(120.61 + n * 0.0005, 31.31, 4326), 'given', false, 1, 1, 1 from generate_series(1, 9) n"""))  # fmt: skip
    road = [({"code": "w1", "name": "人民路"}, [[120.6105, 31.30], [120.6105, 31.32]])]
    load(empty_db, gusu, "roads", lines(tmp_path, road), ANY)
    one = ["C1", "甲", "东", "http://u:p@10.0.0.1/a.m3u8", 120.61, 31.31]
    load(empty_db, gusu, "cameras", sheet(tmp_path, CAMERAS, [one]), ANY)
    load(
        empty_db,
        gusu,
        "places",
        sheet(tmp_path, ["编码", "名称", "经度", "纬度"], [["P1", "甲", 120.61, 31.31]]),
        ANY,
    )
    before, runs = sums(empty_db), []
    more = [({"code": "w1", "name": "人民南路"}, [[120.6125, 31.30], [120.6125, 31.32]]),
            ({"code": "w2", "name": "新路"}, [[120.6145, 31.30], [120.6145, 31.32]])]  # fmt: skip
    files = {
        "roads": lines(tmp_path, more),
        "cameras": sheet(tmp_path, CAMERAS, [[*one[:2], "西", "http://u:q@10.0.0.1/b.m3u8", 120.62, 31.31],
                                             ["C2", "乙", "", "http://10.0.0.2/c.m3u8", 120.63, 31.31]], "more.csv"),
        "places": sheet(tmp_path, ["编码", "名称", "经度", "纬度"], [["P1", "乙", 120.61, 31.31], ["P2", "丙", 120.6, 31.3]], "p.csv"),
    }  # fmt: skip
    for kind, file in files.items():
        report = load(empty_db, gusu, kind, file, ANY)
        assert (report.rows.new, report.rows.changed) == (1, 1), kind
        runs.append(report.run or 0)
    assert sum(a != b for a, b in zip(before, sums(empty_db), strict=True)) == 5
    for run in reversed(runs):
        with empty_db.begin() as c:
            roll_back(c, gusu, run)
    assert sums(empty_db) == before


def test_a_dry_run_of_a_register_leaves_nothing(empty_db: Engine, gusu: Profile, tmp_path: Path) -> None:
    before = sums(empty_db)
    file = sheet(tmp_path, CAMERAS, [["C1", "甲", "东", "http://u:p@10.0.0.1/a.m3u8", 120.61, 31.31]])
    report = load(empty_db, gusu, "cameras", file, ANY, dry_run=True)
    assert (report.state, report.rows.new, report.figures) == ("dry_run", 1, {"addresses": 1})
    assert sums(empty_db) == before
