"""The areas of the demo district: how many, and that every level tiles the one above exactly."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from etl.demo.geography import Geography, build
from etl.demo.geography.metric import METRES
from tests.unit.demo_geography.conftest import Built

LEVELS = {"district": 1, "subdistrict": 8, "station": 56, "community": 171, "grid_cell": 1358}
BUILD_S = 6.0


def shapes(town: Geography, level: str) -> np.ndarray:
    return town.areas.geometry[town.areas.level == level].to_numpy()


def test_each_level_has_its_number_of_areas(town: Geography) -> None:
    assert town.areas.level.value_counts().to_dict() == LEVELS
    assert town.areas.code.is_unique
    assert town.areas.crs == "EPSG:4326"


@pytest.mark.parametrize("level", LEVELS)
def test_a_level_has_no_gap_and_no_overlap(town: Geography, level: str) -> None:
    own = shapes(town, level)
    assert shapely.is_valid(own).all()
    assert shapely.coverage_is_valid(own)
    whole = shapely.coverage_union_all(own)
    assert whole.equals(town.outline)
    assert shapely.area(own).sum() == pytest.approx(town.outline.area, rel=1e-9)


def test_a_parent_is_the_union_of_its_children(town: Geography) -> None:
    parents = town.areas.set_index("code").geometry
    for code, children in town.areas.groupby("parent_code"):
        assert shapely.coverage_union_all(children.geometry.to_numpy()).equals(parents[code]), code


def test_every_parent_stands_one_level_above(town: Geography) -> None:
    above = dict(zip(list(LEVELS)[1:], LEVELS, strict=False))
    levels = town.areas.set_index("code").level
    lower = town.areas[town.areas.level != "district"]
    assert (lower.parent_code.map(levels) == lower.level.map(above)).all()
    assert town.areas.parent_code[town.areas.level == "district"].isna().all()


def test_areas_are_of_one_piece_and_of_a_sensible_size(town: Geography) -> None:
    assert set(town.areas.geometry.geom_type) == {"Polygon"}
    square_metres = town.areas.to_crs(METRES).area[town.areas.level == "grid_cell"]
    assert square_metres.min() > 4_000
    assert square_metres.max() < 260_000
    cells = town.areas[town.areas.level == "grid_cell"].groupby("parent_code").size()
    assert cells.between(3, 20).all()


def test_the_old_town_has_smaller_cells(town: Geography) -> None:
    areas = town.areas.to_crs(METRES)
    cells = areas[areas.level == "grid_cell"]
    inside = cells.area[cells.code.str.startswith("320508005")].median()
    outside = cells.area[cells.code.str.startswith("320508016")].median()
    assert inside * 3 < outside


def test_names_are_told_in_both_languages(town: Geography) -> None:
    for table in (town.areas, town.roads, town.water, town.greens, town.places, town.heritage):
        assert table.name.str.len().min() > 0
        assert table.name_en.str.len().min() > 0
        assert not table.name_en.str.contains(r"[一-鿿]").any()


def test_communities_of_the_official_subdistricts(town: Geography) -> None:
    codes = set(town.areas.code[town.areas.level == "subdistrict"])
    assert codes == {f"320508{n:03d}" for n in (2, 3, 5, 8, 9, 15, 16, 17)}
    assert town.areas.name[town.areas.level == "community"].is_unique


def test_two_builds_are_equal_and_quick(built: Built) -> None:
    again, first = build(), built.geography
    for name in ("areas", "roads", "water", "greens", "places", "heritage"):
        one, two = getattr(first, name), getattr(again, name)
        assert one.drop(columns="geometry").equals(two.drop(columns="geometry")), name
        assert (shapely.to_wkb(one.geometry.to_numpy()) == shapely.to_wkb(two.geometry.to_numpy())).all(), (
            name
        )
    assert built.seconds < BUILD_S
