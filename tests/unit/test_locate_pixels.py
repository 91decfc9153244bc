"""Points located by pixels lie where shapely says, on outlines, corners and crossings as well."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from geodata.space import locate
from geodata.space.pixels import area_pixels, road_pixels

DAY = np.datetime64("2025-06-01")


def chequers(rng: np.random.Generator) -> locate.Areas:
    """A district of crooked cells, an older version of each, and one with a hole and an island."""
    n = 9
    x, y = np.meshgrid(np.linspace(120.5, 120.6, n), np.linspace(31.2, 31.3, n))
    inner = np.zeros((n, n), bool)
    inner[1:-1, 1:-1] = True
    x, y = x + inner * rng.normal(0, 2e-3, (n, n)), y + inner * rng.normal(0, 2e-3, (n, n))
    corners = np.stack([x, y], -1)
    cells = [
        shapely.Polygon([corners[i, j], corners[i, j + 1], corners[i + 1, j + 1], corners[i + 1, j]])
        for i in range(n - 1) for j in range(n - 1)
    ]  # fmt: skip
    hole = shapely.Point(120.52, 31.22).buffer(0.01)
    island = shapely.MultiPolygon([cells[-1].difference(hole), shapely.box(120.61, 31.2, 120.62, 31.21)])
    holed = shapely.MultiPolygon([shapely.box(120.5, 31.2, 120.55, 31.25).difference(hole)])
    shapes = [shapely.box(120.5, 31.2, 120.62, 31.3), holed, *cells, *cells[:10], island]
    old = slice(2 + len(cells), 12 + len(cells))
    first = np.full(len(shapes), np.datetime64("1900-01-01"), "datetime64[D]")
    end = np.full(len(shapes), np.datetime64("9999-12-31"), "datetime64[D]")
    end[old] = DAY
    first[2:12] = DAY
    depths = np.array([0, 1, *[2] * (len(shapes) - 2)])
    return locate.Areas(np.array(shapes, object), depths, first, end)


def points(rng: np.random.Generator, shapes: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Points anywhere, on corners, on edges, a hair beside them, level with corners, and nowhere."""
    west, south, east, north = shapely.total_bounds(shapes)
    pad = (east - west) * 0.05
    xy = rng.uniform([west - pad, south - pad], [east + pad, north + pad], (count, 2))
    corners = shapely.get_coordinates(shapes)
    some = rng.integers(0, len(corners) - 1, count)
    along = rng.random((count, 1))
    kind = rng.integers(0, 6, count)
    edge = (1 - along) * corners[some] + along * corners[some + 1]
    xy = np.where((kind == 1)[:, None], corners[some], xy)
    xy = np.where((kind == 2)[:, None], edge, xy)
    xy = np.where((kind == 3)[:, None], edge + rng.normal(0, 1e-15, (count, 2)), xy)
    xy[kind == 4, 1] = corners[some[kind == 4], 1]
    xy[:3] = np.nan
    return xy[:, 0].copy(), xy[:, 1].copy()


@pytest.mark.parametrize("seed", range(3))
def test_areas_are_those_that_shapely_finds(seed: int) -> None:
    rng = np.random.default_rng(seed)
    areas = chequers(rng)
    lon, lat = points(rng, areas.shapes, 4_000)
    day = DAY + rng.integers(-3, 3, len(lon)).astype("timedelta64[D]")
    by_tree = areas.find(lon, lat, day)
    areas.asked[0] = locate.MANY
    assert (areas.find(lon, lat, day) == by_tree).all()
    order = np.lexsort((np.arange(len(areas.shapes)), -areas.depths))
    days = [part.astype(np.int64) for part in (areas.first, areas.end)]
    said = area_pixels(areas.shapes, order, *days).find(lon, lat, day.astype(np.int64))
    assert (said[said != -2] == by_tree[said != -2]).all()
    assert (said == -2).mean() < 0.9  # shapely is asked about outlines only
    assert len(set(by_tree.tolist())) > 60


@pytest.mark.parametrize("seed", range(3))
def test_roads_are_those_that_shapely_finds(seed: int) -> None:
    rng = np.random.default_rng(seed)
    knots = rng.uniform(0, 2000, (60, 2)) + np.array([551_000, 3_465_000])
    lines = [shapely.LineString(knots[rng.integers(0, 60, rng.integers(2, 6))]) for _ in range(40)]
    lines += [shapely.MultiLineString([lines[0], lines[1]]), shapely.LineString([knots[0], knots[0] + 1])]
    roads = locate.roads_of(np.array([line for line in lines if line.length > 0], object))
    x, y = points(rng, roads.lines, 4_000)
    found, offset = roads.nearest(x, y, 100.0)
    roads.asked[0] = locate.MANY
    again, along = roads.nearest(x, y, 100.0)
    assert (again == found).all()
    assert np.allclose(along, offset, rtol=0, atol=1e-6, equal_nan=True)
    pixels = road_pixels(roads.lines, 100.0)
    assert pixels is not None
    assert (found >= 0).mean() > 0.3
    assert (pixels.find(x, y)[0] == -2).mean() < 0.9


def test_roads_far_apart_are_left_to_the_tree() -> None:
    lines = np.array([shapely.LineString([(0, 0), (1, 1)]), shapely.LineString([(1e6, 1e6), (1e6, 1e6 + 1)])])
    assert road_pixels(lines, 100.0) is None
