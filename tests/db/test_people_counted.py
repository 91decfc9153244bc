"""Counts of people by area reach every figure per resident, and go again with the load that brought them."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

import numpy as np
import pytest
import rasterio
from rasterio.transform import from_bounds
from sqlalchemy import Engine

from etl.loading import LoadOptions, load
from geodata.commands.undo import roll_back
from geodata.profile import Profile
from geodata.queries.comparison import comparison_cells
from geodata.queries.people import FILE, residents
from geodata.queries.population import population_file
from geodata.queries.residents import residents_by_area, residents_by_cell
from geodata.space.hexes import cells_of
from geodata.types import Question
from tests.db.load_files import areas, box

DAY = date(2024, 6, 1)
TOWN = [
    ("A", "甲街道", box(120.60, 31.30, 120.62, 31.32)),
    ("B", "乙街道", box(120.62, 31.30, 120.64, 31.32)),
]
CELLS = [("A1", "东半", box(120.61, 31.30, 120.62, 31.32))]


@pytest.fixture
def counted(empty_db: Engine, gusu: Profile, tmp_path: Path) -> int:
    """Number of a load that counted 12,345 people in A and 800 in B, after boundaries and none of a raster."""
    load(empty_db, gusu, "boundaries", areas(tmp_path, TOWN), LoadOptions(told={"level": "subdistrict"}))
    load(empty_db, gusu, "boundaries", areas(tmp_path, CELLS), LoadOptions(told={"level": "community"}))
    return people(empty_db, gusu, tmp_path, [("甲街道", 12_345), ("B", 800)])


def people(engine: Engine, profile: Profile, folder: Path, rows: list[tuple[str, int]]) -> int:
    """Load counts; gives the number of the load."""
    path = folder / "people.csv"
    with path.open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([("街道", "常住人口"), *rows])
    report = load(engine, profile, "people", path, LoadOptions(told={"counted_on": "2024-01-01"}))
    assert report.run
    return report.run


def test_counts_are_kept_to_without_any_raster(
    empty_db: Engine, gusu: Profile, tmp_path: Path, counted: int
) -> None:
    rasters = tmp_path / "rasters"
    q = Question(gusu.window(DAY, DAY), area="A")
    with empty_db.connect() as c:
        assert residents(c, gusu, rasters, q) == 12_345
        assert residents_by_area(c, gusu, rasters, "subdistrict", DAY) == {"A": 12_345, "B": 800}
        half = residents_by_area(c, gusu, rasters, "community", DAY)["A1"]
        assert half == pytest.approx(12_345 / 2, rel=0.02), "spread evenly where nothing else is known"
    people(empty_db, gusu, tmp_path, [("A1", 10_000)])
    with empty_db.connect() as c:
        assert residents_by_area(c, gusu, rasters, "community", DAY) == {"A1": 10_000}
        made = list(rasters.iterdir())
        assert [file.suffix for file in made] == [".tif"], "one raster, the newest"


def test_a_raster_tells_where_within_an_area_they_live(
    empty_db: Engine, gusu: Profile, tmp_path: Path, counted: int
) -> None:
    rasters = tmp_path / "rasters"
    rasters.mkdir()
    drawn = np.zeros((20, 40), np.float32)
    drawn[:, 0:5], drawn[:, 20:40] = 3, 1  # in A only its western quarter is lived in
    profile = {"driver": "GTiff", "height": 20, "width": 40, "count": 1, "dtype": "float32", "crs": "EPSG:4326",
               "transform": from_bounds(120.60, 31.30, 120.64, 31.32, 40, 20)}  # fmt: skip
    with rasterio.open(rasters / FILE, "w", **profile) as raster:
        raster.write(drawn, 1)
    with empty_db.connect() as c:
        assert residents_by_area(c, gusu, rasters, "subdistrict", DAY) == {"A": 12_345, "B": 800}
        assert residents_by_area(c, gusu, rasters, "community", DAY)["A1"] == 0
    with empty_db.begin() as c:
        roll_back(c, gusu, counted)
    with empty_db.connect() as c:
        assert population_file(c, gusu, rasters) == rasters / FILE
        assert residents_by_area(c, gusu, rasters, "subdistrict", DAY) == {"A": 300, "B": 400}


def test_cells_know_the_counted(empty_db: Engine, gusu: Profile, tmp_path: Path, counted: int) -> None:
    lon, lat = (
        axis.ravel() for axis in np.meshgrid(np.linspace(120.58, 120.66, 160), np.linspace(31.28, 31.34, 120))
    )
    cells = np.unique(cells_of(lon, lat, 9))
    with empty_db.connect() as c:
        people = residents_by_cell(population_file(c, gusu, tmp_path / "rasters"), cells)
        compared = comparison_cells(
            c, gusu, Question(gusu.window(DAY, DAY)), "per_1000", 9, rasters=tmp_path / "rasters"
        )
    assert people is not None
    assert float(np.nansum(people)) == pytest.approx(13_145)
    assert compared.missing is None, "a count by area is as good as a raster"
