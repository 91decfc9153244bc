"""Pure placing: areas by day, roads by distance, parents by overlap, and the ways between CRSs."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from geodata.space import crs
from geodata.space.locate import Areas, parents_by_overlap, roads_of

DAYS = "datetime64[D]"


def boxes(*corners: tuple[float, float, float, float]) -> np.ndarray:
    return np.array([shapely.box(*corner) for corner in corners], object)


def test_a_point_lies_in_the_deepest_area_of_its_day() -> None:
    areas = Areas(
        shapes=boxes((0, 0, 10, 10), (0, 0, 5, 5), (0, 0, 5, 5), (5, 0, 10, 5)),
        depths=np.array([0, 1, 1, 1]),
        first=np.array(["1900-01-01", "1900-01-01", "2025-06-01", "2025-06-01"], DAYS),
        end=np.array(["9999-12-31", "2025-06-01", "9999-12-31", "9999-12-31"], DAYS),
    )
    lon, lat = np.array([1.0, 1, 6, 6, 5, 50, np.nan]), np.array([1.0, 1, 1, 1, 1, 1, 1])
    day = np.array(
        ["2025-05-31", "2025-06-01", "2025-05-31", "2025-06-01", "2025-06-01", "2025-06-01", "2025-06-01"],
        DAYS,
    )
    assert areas.find(lon, lat, day).tolist() == [1, 2, 0, 3, 2, -1, -1]


def test_no_areas_hold_no_points() -> None:
    nothing = Areas(np.array([], object), np.array([], np.int64), np.array([], DAYS), np.array([], DAYS))
    assert nothing.find(np.array([1.0]), np.array([1.0]), np.array(["2025-01-01"], DAYS)).tolist() == [-1]


def test_the_nearest_road_within_reach_and_how_far_along() -> None:
    lines = np.array(
        [shapely.LineString([(0, 0), (100, 0)]), shapely.LineString([(0, 40), (100, 40)])], object
    )
    found, offset = roads_of(lines).nearest(
        np.array([30.0, 10, 70, 0]), np.array([10.0, 20, 200, np.nan]), 100
    )
    assert found.tolist() == [0, 0, -1, -1]  # equally near both: the first
    np.testing.assert_allclose(offset, [30, 10, np.nan, np.nan])


def test_the_parent_is_the_area_that_covers_most() -> None:
    children = boxes((0, 0, 2, 1), (3, 0, 5, 1), (20, 0, 21, 1))
    parents = boxes((-1, 0, 0.5, 1), (0.5, 0, 4.5, 1), (4.5, 0, 9, 1))
    assert parents_by_overlap(children, parents).tolist() == [1, 1, -1]


def test_projected_coordinates_come_back_to_degrees() -> None:
    lon, lat = np.array([120.6, 120.63]), np.array([31.3, 31.33])
    x, y = crs.to_metric(lon, lat, 4549)
    back = crs.to_stored(x, y, "EPSG:4549")
    np.testing.assert_allclose(back, (lon, lat), atol=1e-9)


@pytest.mark.parametrize(
    ("said", "known"),
    [("EPSG:4549", True), ("urn:ogc:def:crs:OGC:1.3:CRS84", True), ("EPSG:1", False), ("here", False)],
)
def test_a_crs_is_known_or_not(said: str, known: bool) -> None:
    assert (crs.known_crs(said) is not None) is known


def test_what_lies_beyond_a_projection_is_no_number() -> None:
    lon, _ = crs.to_stored(np.array([1e30]), np.array([1e30]), "EPSG:4549")
    assert np.isnan(lon).all()
