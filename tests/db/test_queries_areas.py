"""Areas as they were on a day, and finding things by name."""

from __future__ import annotations

import itertools
from datetime import date

import pytest
from sqlalchemy import Connection, Engine, text

from geodata.errors import NotFound
from geodata.profile import Profile, load_profile
from geodata.queries import areas, search
from geodata.queries.categories import paths, tree


def test_areas_come_level_by_level(c: Connection) -> None:
    found = areas.list_areas(c)
    levels = list(dict.fromkeys(area.level for area in found))
    assert levels == ["district", "subdistrict", "station", "community", "grid_cell"]
    assert [sum(area.level == level for area in found) for level in levels] == [1, 8, 48, 192, 1536]
    assert areas.list_areas(c, on=date(2019, 1, 1)) == []
    assert areas.list_areas(c, "police") == []


def test_chain_children_and_box(c: Connection, gusu: Profile) -> None:
    chain = areas.breadcrumb(c, gusu, "4-17-13")
    assert [area.level for area in chain] == ["district", "subdistrict", "station", "community", "grid_cell"]
    for above, below in itertools.pairwise(chain):
        assert below.code in {area.code for area in areas.children(c, gusu, above.code)}
        assert areas.contains(c, above.code, below.code)
        assert not areas.contains(c, below.code, above.code)
    assert areas.bounds(c, gusu, gusu.code) == pytest.approx(gusu.bbox)
    box = areas.bounds(c, gusu, "4-17-13")
    assert (box.east - box.west) == pytest.approx((gusu.bbox.east - gusu.bbox.west) / 32)
    with pytest.raises(NotFound):
        areas.get_area(c, gusu, "nowhere")


def test_a_redrawn_area_answers_for_its_day(empty_db: Engine, gusu: Profile) -> None:
    with empty_db.begin() as c:
        for name, first, last, east in (
            ("旧", "2020-01-01", "2024-01-01", 120.6),
            ("新", "2024-01-01", None, 120.62),
        ):
            c.execute(text("""insert into areas (scheme, level, code, name, valid_from, valid_to, area_km2, geom) values
                ('grid', 'subdistrict', 'x', :name, :first, :last, 1,
                 ST_Multi(ST_MakeEnvelope(120.58, 31.3, :east, 31.32, 4326)))"""),
                {"name": name, "first": first, "last": last, "east": east})  # fmt: skip
        assert areas.get_area(c, gusu, "x", on=date(2023, 12, 31)).name == "旧"
        assert areas.get_area(c, gusu, "x", on=date(2024, 1, 1)).name == "新"
        assert (
            areas.get_area(c, gusu, "x", on=date(2019, 1, 1)).name == "新"
        )  # never valid then: what is known last
        assert areas.bounds(c, gusu, "x", on=date(2023, 1, 1)).east == pytest.approx(120.6)
        assert [area.name for area in areas.list_areas(c, on=date(2021, 1, 1))] == ["旧"]


def test_a_district_without_a_row_exists_all_the_same(empty_db: Engine) -> None:
    york = load_profile("new_york")
    with empty_db.begin() as c:
        whole = areas.get_area(c, york, york.code)
        assert (whole.name, whole.level, whole.area_km2) == ("New York City", "district", None)
        assert areas.bounds(c, york, york.code) == york.bbox
        assert areas.breadcrumb(c, york, york.code) == [whole]
        assert areas.outline(c, york, york.code) is None


def test_paths_lead_from_the_top(c: Connection) -> None:
    entries = tree(c)
    found = {path[-1].code: [entry.code for entry in path] for path in paths(entries).values()}
    assert found["H1.1.2"] == ["H1", "H1.1", "H1.1.2"]
    assert found["C1"] == ["C1"]


@pytest.mark.parametrize(("words", "kind", "code"), [
    ("拙政园", "place", "p1"), ("humble", "place", "p1"), ("人民路", "road", "r1"), ("pingjiang road", "road", "r2"),
    ("云岩", "heritage", "h1"), ("cam17", "camera", "cam17"), ("感知5", "sensor", "sen5"), ("1-0-1", "area", "1-0-1"),
    ("T0000042", "ticket", "T0000042"), ("t000004", "ticket", "T0000040"),
])  # fmt: skip
def test_the_best_hit_comes_first(c: Connection, gusu: Profile, words: str, kind: str, code: str) -> None:
    hits = search.search(c, gusu, words)
    assert (hits[0].kind, hits[0].code) == (kind, code)


def test_exact_before_prefix_before_within(c: Connection, gusu: Profile) -> None:
    titles = [hit.title for hit in search.search(c, gusu, "监控1", 50)]
    assert titles[0] == "监控1"
    assert set(titles[1:12]) <= {f"监控1{n}" for n in range(100)} | {f"监控10{n}" for n in range(10)}
    assert len(titles) == 50


@pytest.mark.parametrize("words", ["%", "_", "\\", "'; drop table tickets --", "  ", "%%%%", "x" * 500])
def test_odd_words_find_nothing_and_break_nothing(c: Connection, gusu: Profile, words: str) -> None:
    assert search.search(c, gusu, words) == []


def test_search_stays_within_an_area(c: Connection, gusu: Profile) -> None:
    everywhere = {hit.code for hit in search.search(c, gusu, "监控", 50, kinds=("camera",))}
    inside = [hit.code for hit in search.search(c, gusu, "cam", 50, area="1-0-0", kinds=("camera",))]
    cells = c.execute(
        text("""select k.code from cameras k join area_ancestors a on a.area_id = k.area_id
                              where a.ancestor_code = '1-0-0'""")
    ).scalars()
    assert len(everywhere) == 50
    assert set(inside) <= set(cells)
    assert inside
