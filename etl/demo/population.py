"""A made-up population raster of the demo district: residents per pixel, as a cloud-optimised GeoTIFF."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import rasterio
import shapely
from numpy.typing import NDArray
from rasterio.enums import Resampling
from rasterio.features import rasterize
from rasterio.io import MemoryFile
from rasterio.shutil import copy as copy_raster
from scipy.ndimage import gaussian_filter

from etl.demo.geography import Geography
from etl.demo.rhythm import generator

FILE = "population.tif"
RESIDENTS = 920_000
PIXEL_DEG = (0.0005, 0.00045)  # about 48 m by 50 m here
NODATA = -1.0
ESTATE, ROUGHNESS = (
    9.0,
    0.35,
)  # how much denser an estate is than the ground between; spread of the chance in it


def build_population(geography: Geography, folder: Path, seed: int) -> Path:
    """Write the raster into a folder and return its path: EPSG:4326, float32, −1 outside the district.

    Estates are dense, the old town's lanes middling, water and greens empty; all pixels together hold RESIDENTS.
    """
    west, south, east, north = geography.outline.bounds
    width, height = (int(np.ceil(x)) for x in ((east - west) / PIXEL_DEG[0], (north - south) / PIXEL_DEG[1]))
    where = rasterio.Affine(PIXEL_DEG[0], 0.0, west, 0.0, -PIXEL_DEG[1], north)
    shape = (height, width)
    inside = _burn([geography.outline], where, shape)
    empty = _burn([*geography.water.geometry, *geography.greens.geometry], where, shape)
    people = _density(geography, where, shape, seed) * inside * (1 - empty)
    people *= RESIDENTS / people.sum()
    path = folder / FILE
    _write(path, np.where(inside > 0, people, NODATA).astype(np.float32), where)
    return path


def _density(
    geography: Geography, where: rasterio.Affine, shape: tuple[int, int], seed: int
) -> NDArray[np.float64]:
    """How likely people live in each pixel, without scale."""
    estates = geography.places[geography.places["kind"] == "estate"]
    blobs = [shapely.buffer(point, 0.0016) for point in estates.geometry]
    small = geography.roads[geography.roads["class"].isin(["lane", "tertiary", "pedestrian"])]
    lanes = rasterize(((line, 1.0) for line in small.geometry), shape, transform=where, all_touched=True)
    busy = geography.roads[geography.roads["class"].isin(["motorway", "trunk"])]
    roads = rasterize(((line, 1.0) for line in busy.geometry), shape, transform=where)
    base = (
        1.0
        + 2.2 * gaussian_filter(lanes.astype(float), 2.0)
        + ESTATE * gaussian_filter(_burn(blobs, where, shape), 1.2)
    )
    rough = np.exp(gaussian_filter(generator(seed, 10).normal(0, 1, shape), 1.0) * ROUGHNESS * 3)
    return np.asarray(base * rough * (1 - 0.8 * roads))


def _burn(
    shapes: list[shapely.Geometry], where: rasterio.Affine, shape: tuple[int, int]
) -> NDArray[np.float64]:
    """1 where a pixel's centre lies in one of the shapes."""
    return np.asarray(rasterize(((one, 1.0) for one in shapes), shape, transform=where), np.float64)


def _write(path: Path, people: NDArray[np.float32], where: rasterio.Affine) -> None:
    """Write next to its place and move it there, so that a reader never sees half a file."""
    facts = {
        "driver": "GTiff", "dtype": "float32", "count": 1, "height": people.shape[0], "width": people.shape[1],
        "crs": "EPSG:4326", "transform": where, "nodata": NODATA,
    }  # fmt: skip
    half = path.with_suffix(".part.tif")
    with MemoryFile() as memory:
        with memory.open(**facts) as plain:
            plain.write(people, 1)
            plain.set_band_description(1, "residents per pixel (made up)")
        with memory.open() as plain:
            copy_raster(
                plain, half, driver="COG", compress="DEFLATE", predictor="YES", blocksize=256,
                overview_resampling=Resampling.average.name,
            )  # fmt: skip
    half.replace(path)
