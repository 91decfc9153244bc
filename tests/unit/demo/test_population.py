"""The population raster."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import rasterio

from etl.demo.geography import Geography
from etl.demo.population import RESIDENTS, build_population


def test_the_raster_holds_the_residents_and_is_cloud_optimised(geography: Geography, tmp_path: Path) -> None:
    path = build_population(geography, tmp_path, seed=1)
    (tmp_path / "again").mkdir()
    again = build_population(geography, tmp_path / "again", seed=1)
    with rasterio.open(path) as raster, rasterio.open(again) as second:
        people = raster.read(1, masked=True)
        assert raster.crs.to_epsg() == 4326
        assert raster.nodata == -1
        assert raster.overviews(1)
        assert raster.tags(ns="IMAGE_STRUCTURE")["LAYOUT"] == "COG"
        assert np.array_equal(people.filled(-1), second.read(1))
        assert abs(float(people.sum()) - RESIDENTS) < 50
        assert people.min() >= 0
        estates = geography.places[geography.places["kind"] == "estate"].geometry
        there = [value[0] for value in raster.sample([(p.x, p.y) for p in estates]) if value[0] >= 0]
        assert np.mean(there) > 1.8 * float(people.mean())
        lake = max(geography.water.geometry, key=lambda water: water.area).representative_point()
        assert next(raster.sample([(lake.x, lake.y)]))[0] <= 0
    assert sorted(p.name for p in tmp_path.iterdir()) == ["again", "population.tif"]
