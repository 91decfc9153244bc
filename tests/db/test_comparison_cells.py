"""Cells compared, beside the same reckoned cell by cell."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date
from pathlib import Path

import h3.api.basic_int as h3
import numpy as np
import pytest
import rasterio
import shapely
from affine import Affine
from sqlalchemy import Connection, text

from geodata.errors import BadArgument
from geodata.profile import Profile
from geodata.queries.comparison import comparison_cells
from geodata.queries.people import FILE, residents
from geodata.queries.planning import ranking
from geodata.queries.residents import residents_by_area, residents_by_cell
from geodata.space.hexes import cells_of, cover
from geodata.types import Question

LOCATED = ("given", "address", "road", "landmark")


@pytest.fixture
def q(gusu: Profile) -> Question:
    return Question(gusu.window(date(2026, 1, 20), date(2026, 2, 20)), ("H1",))


@pytest.fixture(scope="module")
def people(gusu: Profile, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A raster of 60 by 52 pixels over the town, one resident more in each pixel than in the one before."""
    folder = tmp_path_factory.mktemp("rasters")
    west, south, east, north = gusu.bbox
    values = np.arange(3120, dtype=np.float32).reshape(52, 60)
    values[:5] = -1
    where = Affine((east - west) / 60, 0, west, 0, -(north - south) / 52, north)
    with rasterio.open(folder / FILE, "w", driver="GTiff", width=60, height=52, count=1, dtype="float32", crs="EPSG:4326",
                       transform=where, nodata=-1) as raster:  # fmt: skip
        raster.write(values, 1)
    return folder


def counted(c: Connection, q: Question, resolution: int) -> Counter[int]:
    """Located tickets of H1 per cell, from the points themselves."""
    rows = c.execute(
        text("""select ST_X(t.geom) x, ST_Y(t.geom) y from tickets t join categories k on k.id = t.category_id
                where k.code like 'H1%' and t.location_quality::text = any(:q) and not t.is_default_point
                and (t.received_at at time zone 'Asia/Shanghai')::date between :first and :last"""),
        {"q": list(LOCATED), "first": q.window.first, "last": q.window.last},
    )
    return Counter(h3.latlng_to_cell(row.y, row.x, resolution) for row in rows)


@pytest.mark.parametrize("resolution", [9, 10])
def test_the_difference_to_another_window(c: Connection, gusu: Profile, q: Question, resolution: int) -> None:
    other = gusu.window(date(2025, 12, 1), date(2025, 12, 31))
    now, before = counted(c, q, resolution), counted(c, replace(q, window=other), resolution)
    found = comparison_cells(c, gusu, q, "before", resolution, before=other)
    expected = {cell: now[cell] - before[cell] for cell in now | before}
    assert dict(zip(found.cells.tolist(), found.values.tolist(), strict=True)) == expected
    assert found.diverging
    assert found.missing is None
    assert found.window_before == other
    assert comparison_cells(c, gusu, q, "before", resolution).window_before == q.window.previous()


def test_a_year_nobody_recorded_is_missing_and_not_zero(c: Connection, gusu: Profile, q: Question) -> None:
    found = comparison_cells(c, gusu, q, "last_year", 9)
    assert len(found.cells) > 50
    assert np.isnan(found.values).all()
    assert found.missing
    half_known = gusu.window(date(2025, 10, 1), date(2025, 11, 10))
    assert comparison_cells(c, gusu, q, "before", 9, before=half_known).missing


def test_the_rate_by_ground_takes_the_true_area(c: Connection, gusu: Profile, q: Question) -> None:
    now = counted(c, q, 9)
    found = comparison_cells(c, gusu, q, "per_km2", 9)
    west, south, east, north = gusu.bbox
    ground = shapely.box(west, south, east, north)
    cut = 0
    for cell, value in zip(found.cells.tolist(), found.values.tolist(), strict=True):
        ring = shapely.Polygon([(lon, lat) for lat, lon in h3.cell_to_boundary(cell)])
        share = ring.intersection(ground).area / ring.area
        cut += share < 0.999
        assert value == pytest.approx(now[cell] / (h3.cell_area(cell, "km^2") * share), rel=1e-4)
    assert cut > 5, "cells at the border have less ground"


def test_residents_of_cells_add_up_to_the_raster(gusu: Profile, people: Path) -> None:
    west, south, east, north = gusu.bbox
    for resolution in (9, 10):
        cells = cover(shapely.box(west, south, east, north), resolution, rings=1)
        found = residents_by_cell(people, cells)
        assert found is not None
        assert np.nansum(found) == pytest.approx(sum(range(300, 3120)), rel=0.002)


def test_residents_of_a_cell_are_those_of_its_share_of_pixels(gusu: Profile, people: Path) -> None:
    cell = int(cells_of(np.array([120.6]), np.array([31.30]), 10)[0])
    ring = shapely.Polygon([(lon, lat) for lat, lon in h3.cell_to_boundary(cell)])
    west, _, east, north = gusu.bbox
    dx, dy = (east - west) / 60, (gusu.bbox.north - gusu.bbox.south) / 52
    exact = sum(
        (60 * row + column) * ring.intersection(pixel).area / pixel.area
        for row in range(52) for column in range(60)
        if (pixel := shapely.box(west + column * dx, north - (row + 1) * dy, west + (column + 1) * dx, north - row * dy)).intersects(ring)
    )  # fmt: skip
    found = residents_by_cell(people, np.array([cell], np.int64))
    assert found is not None
    assert found[0] == pytest.approx(exact, rel=0.05)


def test_residents_of_areas_are_those_of_the_dossier(
    c: Connection, gusu: Profile, people: Path, q: Question
) -> None:
    found = residents_by_area(c, gusu, people, "subdistrict", q.window.last)
    for code, number in found.items():
        assert number == residents(c, gusu, people, replace(q, area=code))
    assert sum(found.values()) == pytest.approx(sum(range(300, 3120)), abs=len(found))
    rows = ranking(c, gusu, q, None, "subdistrict", rasters=people).rows
    assert all(row.per_1000 == pytest.approx((row.count or 0) / found[row.code] * 1000) for row in rows)
    assert all(row.per_1000 is None for row in ranking(c, gusu, q, None, "subdistrict").rows)


def test_the_rate_by_people(c: Connection, gusu: Profile, people: Path, q: Question) -> None:
    found = comparison_cells(c, gusu, q, "per_1000", 9, rasters=people)
    there = residents_by_cell(people, found.cells)
    assert there is not None
    known = np.isfinite(found.values)
    assert known.any()
    assert not known.all(), "the north has no raster"
    assert found.values[known] == pytest.approx(found.counts[known] / there[known] * 1000)
    without = comparison_cells(c, gusu, q, "per_1000", 9, rasters=people / "nowhere")
    assert without.missing
    assert np.isnan(without.values).all()


def test_a_way_to_compare_that_does_not_exist(c: Connection, gusu: Profile, q: Question) -> None:
    with pytest.raises(BadArgument):
        comparison_cells(c, gusu, q, "moon", 9)  # type: ignore[arg-type]
