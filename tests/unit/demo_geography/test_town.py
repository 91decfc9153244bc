"""What makes the town recognisable: streets, the ring of the moat, and cells that follow both."""

from __future__ import annotations

import geopandas as gpd
import pytest
import shapely
from shapely.geometry import Point, Polygon

from etl.demo.geography import Geography, build, outline
from etl.demo.geography.metric import METRES, to_metres
from etl.demo.geography.outline import district_outline
from etl.demo.geography.source import ring, rows

CLASSES = {"motorway", "trunk", "primary", "secondary", "tertiary", "lane", "pedestrian"}
NAMED_IN_ADDRESSES = {
    "广济北路": 288,
    "司前街": 96,
    "解放东路": 406,
    "洋泾角路": 756,
    "东北街": 178,
    "留园路": 338,
}


def named(town: Geography) -> gpd.GeoDataFrame:
    """The streets drawn by hand, EPSG:4549."""
    names = {row["name"] for row in rows("streets")}
    return town.roads[town.roads.name.isin(names)].to_crs(METRES)


def old_town() -> Polygon:
    """The ground inside the moat, EPSG:4549."""
    return to_metres(ring(next(row["line"] for row in rows("water") if row["kind"] == "moat")))


def test_the_streets_have_names_classes_and_door_numbers(town: Geography) -> None:
    assert town.roads.name.is_unique
    assert len(named(town)) >= 180
    assert set(town.roads["class"]) <= CLASSES
    assert (town.roads.door_first < town.roads.door_last).all()
    last = town.roads.set_index("name").door_last
    assert all(last[name] >= door for name, door in NAMED_IN_ADDRESSES.items())


def test_every_road_is_one_line_inside_the_outline(town: Geography) -> None:
    assert set(town.roads.geometry.geom_type) == {"LineString"}
    ground = town.outline.buffer(1e-5)
    assert town.roads.geometry.within(ground).all()


def test_the_outline_is_the_public_one_or_our_drawing() -> None:
    public = to_metres(district_outline())
    drawn = to_metres(ring(rows("outline")[0]["ring"]))
    assert 81e6 < public.area < 83e6
    assert shapely.symmetric_difference(public, drawn).area < 0.02 * public.area


def test_the_moat_is_a_closed_ring_around_the_old_town(town: Geography) -> None:
    (moat,) = town.water.geometry[town.water.kind == "moat"]
    assert moat.geom_type == "Polygon"
    assert len(moat.interiors) == 1
    island = Polygon(moat.interiors[0])
    assert island.contains(Point(120.6183, 31.3081))
    square_km = to_metres(island).area / 1e6
    assert 11 < square_km < 15


def test_greens_and_water_are_polygons(town: Geography) -> None:
    for table in (town.water, town.greens):
        assert set(table.geometry.geom_type) <= {"Polygon", "MultiPolygon"}
        assert table.geometry.is_valid.all()
    assert set(town.water.kind) == {"river", "canal", "moat", "lake"}
    assert set(town.greens.kind) == {"park", "garden", "wetland", "hill"}


def test_cells_of_the_old_town_follow_drawn_streets_and_canals(town: Geography) -> None:
    guides = [
        *named(town).geometry,
        *(to_metres(ring(r["line"]).exterior) for r in rows("water") if r["kind"] == "moat"),
    ]
    canals = town.water.to_crs(METRES).geometry
    near = shapely.union_all([*(g.buffer(15) for g in guides), *canals.buffer(15)])
    cells = town.areas[town.areas.level == "grid_cell"].to_crs(METRES).geometry
    edges = shapely.union_all(shapely.boundary(cells.to_numpy())).intersection(old_town())
    assert edges.intersection(near).length / edges.length > 0.5


def test_places_and_heritage_lie_inside(town: Geography) -> None:
    assert town.places.geometry.within(town.outline).all()
    assert town.heritage.geometry.within(town.outline).all()
    assert len(town.places) >= 150
    assert town.places.kind.isin(["estate", "landmark"]).sum() >= 60
    assert len(town.heritage) >= 60
    assert town.places.name.is_unique
    assert town.heritage.name.is_unique
    assert set(town.heritage.grade) == {"world", "national", "provincial", "municipal", "controlled"}
    assert set(town.heritage.condition) == {"good", "fair", "poor"}


def test_the_district_is_whole_on_our_own_outline_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the package the outline is our drawing; everything else must still fit."""
    monkeypatch.setattr(outline, "_from_package", lambda: None)
    town = build()
    cells = town.areas.geometry[town.areas.level == "grid_cell"].to_numpy()
    assert len(cells) == 1358
    assert shapely.coverage_is_valid(cells)
    assert town.places.geometry.within(town.outline).all()


def test_streets_that_addresses_name_together_do_meet(town: Geography) -> None:
    lines = town.roads.set_index("name").geometry
    for one, other in (("平海路", "人民路"), ("观前街", "临顿路"), ("桃花坞大街", "人民路")):
        assert lines[one].intersects(lines[other]), (one, other)
    assert "河西巷" in lines.index
    assert "杨枝新村" in set(town.places.name)


def test_the_streets_that_reports_name_lie_in_their_subdistricts(town: Geography) -> None:
    areas = town.areas.set_index("name").geometry
    lines = town.roads.set_index("name").geometry
    for street, subdistrict in (
        ("广济北路", "苏锦街道"),
        ("解放东路", "吴门桥街道"),
        ("洋泾角路", "平江街道"),
    ):
        assert lines[street].intersection(areas[subdistrict]).length > 0.5 * lines[street].length, street
