"""Rasters: what is kept, cloud-optimised, and what is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import rasterio

from etl.intake import take_in
from etl.raster import Loaded, load_raster
from geodata.errors import FileRefused
from tests.unit.etl.formats.samples import raster


def loaded(path: Path, folder: Path, **said: Any) -> Loaded:
    return load_raster(take_in(path), folder, "people.tif", **said)


def test_a_geotiff_becomes_a_cloud_optimised_one_with_its_nodata(tmp_path: Path) -> None:
    told = loaded(raster(tmp_path / "sent.dat", nodata=0.0), tmp_path / "rasters")
    assert (told.crs, told.low, told.high, told.known, told.nodata) == ("EPSG:4326", 1.0, 63.0, 63 / 64, 0.0)
    with rasterio.open(told.path) as kept:
        assert kept.tags(ns="IMAGE_STRUCTURE")["LAYOUT"] == "COG"
        assert (kept.nodata, kept.shape, kept.crs.to_epsg()) == (0.0, (8, 8), 4326)
        assert kept.read(1).ravel().tolist() == list(range(64))
    assert list((tmp_path / "rasters").iterdir()) == [told.path]


def test_the_same_raster_again_changes_nothing_and_a_dry_run_writes_nothing(tmp_path: Path) -> None:
    path, folder = raster(tmp_path / "a.tif"), tmp_path / "rasters"
    assert loaded(path, folder, dry_run=True).changed
    assert not folder.exists()
    assert [loaded(path, folder).changed for _ in range(2)] == [True, False]


def test_a_crs_and_a_nodata_that_are_missing_can_be_named(tmp_path: Path) -> None:
    path = raster(tmp_path / "a.tif", crs=None, nodata=None)
    with pytest.raises(FileRefused, match="in which CRS"):
        loaded(path, tmp_path)
    told = loaded(path, tmp_path / "rasters", crs="EPSG:4490", nodata=63)
    with rasterio.open(told.path) as kept:
        assert (kept.crs.to_epsg(), kept.nodata, told.high) == (4490, 63.0, 62.0)
    with rasterio.open(path) as sent:
        assert (sent.crs, sent.nodata) == (None, None)


@pytest.mark.filterwarnings("ignore::rasterio.errors.NotGeoreferencedWarning")
@pytest.mark.parametrize(
    ("facts", "word"),
    [
        ({"transform": rasterio.Affine(0.1, 0.05, 0, 0.05, -0.1, 0)}, "turned"),
        ({"transform": rasterio.Affine(0.1, 0, 0, 0, 0.1, 0)}, "mirrored"),
        ({"transform": rasterio.Affine.identity()}, "no georeference"),
        ({"dtype": "complex64", "nodata": None}, "complex"),
    ],
)
def test_a_raster_that_no_map_can_show_is_refused(tmp_path: Path, facts: dict[str, Any], word: str) -> None:
    with pytest.raises(FileRefused, match=word):
        loaded(raster(tmp_path / "a.tif", **facts), tmp_path / "rasters")
    assert not (tmp_path / "rasters").exists()


@pytest.mark.parametrize("crs", ["GCJ-02", "nonsense", "EPSG:999999"])
def test_a_crs_that_no_raster_can_be_in_is_refused(tmp_path: Path, crs: str) -> None:
    with pytest.raises(FileRefused, match="no CRS"):
        loaded(raster(tmp_path / "a.tif"), tmp_path, crs=crs)


@pytest.mark.parametrize("name", ["../x.tif", "x.png", "", "a/b.tif"])
def test_a_raster_is_kept_in_its_folder_only(tmp_path: Path, name: str) -> None:
    with pytest.raises(FileRefused, match="letters"):
        load_raster(take_in(raster(tmp_path / "a.tif")), tmp_path, name)


def test_a_raster_that_is_cut_off_or_none_is_refused(tmp_path: Path) -> None:
    path = raster(tmp_path / "a.tif")
    path.write_bytes(path.read_bytes()[:-60])
    with pytest.raises(FileRefused, match="damaged"):
        loaded(path, tmp_path)
    path.write_text("a,b\n1,2\n")
    with pytest.raises(FileRefused, match="no GeoTIFF"):
        loaded(path, tmp_path)


@pytest.mark.parametrize(
    ("name", "word"),
    [
        ("pysheds_dem", ""), ("rasterio_RGB.byte", ""), ("rasterio_cogeo", ""), ("rasterio_corrupt", "damaged"),
        ("rasterio_rotated", "turned"), ("rasterio_all-nodata", "no value at all"),
    ],
)  # fmt: skip
def test_real_rasters(tmp_path: Path, shared_data: Path, name: str, word: str) -> None:
    path = shared_data / "rasters" / f"{name}.tif"
    if word:
        with pytest.raises(FileRefused, match=word):
            loaded(path, tmp_path, dry_run=True)
    else:
        assert loaded(path, tmp_path, dry_run=True).known > 0.5
