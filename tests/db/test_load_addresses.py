"""Tickets that say in words where they are: placed at load, or left without a place and told why; default points found."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from etl.quality import Report
from geodata.profile import Profile
from geodata.queries.gazetteer import around, gazetteer
from tests.benchmarks.address_set import make
from tests.benchmarks.bench_addresses import figures, judged
from tests.db.load_files import MAPPING, areas, box, everything, mapping, rows_of, table, ticket
from tests.loading import load_boundaries, load_tickets

TOLD = MAPPING.replace('title = "said"', 'address = "said"')
PLACES = """
    select number, location_quality::text, a.name, r.name, round(ST_X(t.geom)::numeric, 4), round(ST_Y(t.geom)::numeric, 4)
    from tickets t left join areas a on a.id = t.area_id left join roads r on r.id = t.road_id order by number"""


def ground(engine: Engine, profile: Profile, folder: Path) -> None:
    """Two sub-districts side by side, two roads that cross, an estate."""
    sides = [
        ("W", "双塔街道", box(120.60, 31.30, 120.61, 31.32)),
        ("E", "平江街道", box(120.61, 31.30, 120.63, 31.32)),
    ]
    load_boundaries(engine, profile, areas(folder, sides), level="subdistrict")
    with engine.begin() as c:
        c.execute(
            text("""
            insert into roads (code, name, class, door_first, door_last, geom) values
              ('r', '人民路', 'primary', 1, 201, st_geomfromtext('MULTILINESTRING((120.615 31.300, 120.615 31.320))', 4326)),
              ('s', '平海路', 'secondary', 1, 101, st_geomfromtext('MULTILINESTRING((120.605 31.310, 120.625 31.310))', 4326))""")
        )
        c.execute(
            text("""
            insert into places (code, kind, name, geom) values
              ('p', 'estate', '杨枝新村', st_setsrid(st_makepoint(120.605, 31.305), 4326))""")
        )


def told(number: int, address: str, **other: object) -> str:
    return ticket(number, **({"lon": "", "lat": "", "said": address} | other))


def load(engine: Engine, profile: Profile, folder: Path, *rows: str) -> Report:
    return load_tickets(engine, profile, table(folder, rows), mapping=mapping(folder, TOLD))


def test_a_ticket_without_coordinates_is_placed_by_its_address(
    empty_db: Engine, gusu: Profile, tmp_path: Path
) -> None:
    ground(empty_db, gusu, tmp_path)
    rows = (
        told(1, "姑苏区平江街道人民路51号周边"), told(2, "平海路与人民路交叉口"), told(3, "楊枝新村3幢"), told(4, "双塔街道"),
        told(5, "不存在路1号"), told(6, "吴中区人民路101号"), told(7, ""), told(8, "人民路101号", lon=120.606, lat=31.301),
    )  # fmt: skip
    report = load(empty_db, gusu, tmp_path, *rows)
    found = [tuple(str(value) for value in row) for row in rows_of(empty_db, PLACES)]
    assert found == [
        ("1", "address", "平江街道", "人民路", "120.6148", "31.3050"),
        ("2", "address", "平江街道", "人民路", "120.6150", "31.3100"),
        ("3", "landmark", "双塔街道", "None", "120.6050", "31.3050"),
        ("4", "area", "双塔街道", "None", "None", "None"),
        ("5", "none", "None", "None", "None", "None"),
        ("6", "none", "None", "None", "None", "None"),
        ("7", "none", "None", "None", "None", "None"),
        ("8", "given", "双塔街道", "None", "120.6060", "31.3010"),
    ]
    codes = [(finding.row, finding.code) for finding in report.findings if finding.code != "no_coordinates"]
    assert codes == [
        (1, "located_by_address"), (2, "located_by_address"), (3, "located_by_landmark"), (4, "located_by_area"),
        (5, "address_unknown"), (6, "address_elsewhere"),
    ]  # fmt: skip
    assert report.findings[0].value == "姑苏区平江街道人民路51号周边 (0.96)"
    assert report.figures == {"located": 4, "default_point": 0, "unlocated": 4, "in_an_area": 5}
    before = everything(empty_db)[:-1]
    again = load(empty_db, gusu, tmp_path, *rows)
    assert (again.rows.unchanged, again.rows.changed) == (8, 0)
    assert everything(empty_db)[:-1] == before


def test_an_export_may_have_addresses_alone(empty_db: Engine, gusu: Profile, tmp_path: Path) -> None:
    ground(empty_db, gusu, tmp_path)
    alone = TOLD.replace('lon = "lon"\nlat = "lat"\n', "")
    report = load_tickets(
        empty_db, gusu, table(tmp_path, [told(1, "人民路101号")]), mapping=mapping(tmp_path, alone)
    )
    assert report.figures["located"] == 1


def scattered(count: int, first: int = 0) -> list[str]:
    return [
        ticket(
            first + n,
            lon=120.6 + n % 40 * 5e-4,
            lat=31.3 + n // 40 * 5e-4,
            what=f"w{n % 7}",
            said=f"人民路{n}号",
        )
        for n in range(count)
    ]


def test_a_point_that_repeats_absurdly_is_found_marked_and_remembered(
    empty_db: Engine, gusu: Profile, tmp_path: Path
) -> None:
    ground(empty_db, gusu, tmp_path)
    gate = {"lon": 120.6191, "lat": 31.3191}
    unknown = [ticket(1000 + n, **gate, what=f"w{n % 7}", said=f"平海路{n}号") for n in range(60)]
    market = [
        ticket(2000 + n, lon=120.6222, lat=31.3122, what="w1", said="平海路88号农贸市场") for n in range(60)
    ]
    report = load(empty_db, gusu, tmp_path, *scattered(600), *unknown, *market)
    found = [finding for finding in report.findings if finding.code == "default_point_found"]
    assert [finding.value for finding in found] == ["120.619100, 31.319100 × 60"]
    assert report.figures == {"located": 660, "default_point": 60, "unlocated": 0, "in_an_area": 660}
    marked = rows_of(
        empty_db,
        "select count(*), min(number), count(area_id), count(road_id) from tickets where is_default_point",
    )
    assert marked == [(60, "1000", 0, 0)]
    later = load(empty_db, gusu, tmp_path, ticket(3000, **gate), *unknown)
    assert (later.rows.new, later.rows.unchanged, later.figures["default_point"]) == (1, 60, 61)


def test_the_country_around_the_district_is_known(gusu: Profile) -> None:
    own, foreign = around(gusu)
    assert {"江苏省", "苏州市", "姑苏区", "苏州"} <= own
    assert {"吴中区", "上海市", "昆山市"} <= foreign
    assert not own & foreign


@pytest.mark.timeout(300)
def test_the_demo_s_addresses_are_found_and_strangers_left_alone(demo_db: Engine, gusu: Profile) -> None:
    with demo_db.connect() as c:
        cases = make(c, per_class=30)
        tallies, faults = judged(gazetteer(c, gusu), cases, gusu.metric_srid)
    shares = figures(tallies)
    assert len(cases) >= 450
    assert shares["right_within_100_m_percent"] >= 90, faults
    assert shares["wrong_and_confident_percent"] <= 1, faults
    assert shares["not_here_left_unlocated_percent"] >= 97, faults
