"""Rasters on their way in: a GeoTIFF becomes a cloud-optimised one in the folder where raster layers look."""

from __future__ import annotations

import filecmp
import re
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
from rasterio.crs import CRS
from rasterio.enums import ColorInterp, Resampling
from rasterio.errors import CRSError
from rasterio.shutil import copy as copy_raster
from rasterio.windows import Window

from etl.formats.gdal import calm, named_crs
from etl.formats.geotiff import recognises
from etl.formats.workroom import Workroom
from etl.intake import Intake
from geodata.errors import FileRefused

MOST_PIXELS = 2_000_000_000
READ_PIXELS = 4096
COG_BLOCK = 256
NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,60}\.tif")


@dataclass(frozen=True, slots=True)
class Loaded:
    """What became of a raster: `crs` as an EPSG code where it has one, `bounds` and `pixel` in that CRS.

    `low` and `high` are the extremes of the first band, `known` the share of its pixels that have a value (0 to 1);
    `nodata` is what stands for “unknown”, None where masks or nothing do; `changed` is False for the same file again.
    """

    path: Path
    width: int
    height: int
    bands: int
    kind: str
    declared_crs: str | None
    crs: str
    bounds: tuple[float, float, float, float]
    pixel: tuple[float, float]
    nodata: float | None
    low: float
    high: float
    known: float
    changed: bool


def load_raster(
    intake: Intake,
    folder: Path,
    name: str,
    *,
    crs: str | None = None,
    nodata: float | None = None,
    dry_run: bool = False,
) -> Loaded:
    """Turn a GeoTIFF into `folder/name`, cloud-optimised, for a layer `Raster(name, …)`.

    It is read to the end first, then written beside its place and moved there, so readers see the old raster or the
    new one. `crs` (an EPSG code or a name that pyproj knows) counts where the file names none or another; `nodata`
    where the file has none. Pixels stay as they are: nothing is warped. Raises FileRefused when the file is no raster,
    damaged, without place, turned, empty, or of a CRS that nobody knows. A dry run writes nothing in `folder`.
    """
    if not NAME.fullmatch(name):
        raise FileRefused(
            f"A raster is kept as letters, digits, - and _ with .tif at the end, not as “{name}”."
        )
    if not recognises(intake):
        raise FileRefused(f"“{intake.path.name}” is no GeoTIFF; ask for one.")
    room = Workroom()
    plain = room.show(intake.path, "file.tif")
    with calm(intake.path.name), rasterio.open(plain, driver="GTiff") as raster:
        _check(intake.path.name, raster)
        declared, used = _crs(intake.path.name, raster, crs)
        unknown = raster.nodata if raster.nodata is not None else nodata
        low, high, known = _extremes(intake.path.name, raster, unknown)
        west, south, east, north = raster.bounds
        across, down = raster.res
        told = Loaded(
            folder / name, raster.width, raster.height, raster.count, raster.dtypes[0], declared, used,
            (west, south, east, north), (across, down), unknown, low, high, known, changed=True,
        )  # fmt: skip
    if dry_run:
        return told
    return _kept(intake, plain, told)


def _crs(name: str, raster: Any, said: str | None) -> tuple[str | None, str]:
    declared, used = named_crs(raster.crs.to_wkt()) if raster.crs else (None, None)
    if said is not None:
        return declared, _meant(said)
    if used is None:
        raise FileRefused(f"“{name}” does not say in which CRS it is; ask for it and name it (an EPSG code).")
    return declared, used


def _meant(said: str) -> str:
    try:
        return str(CRS.from_user_input(said).to_string())
    except CRSError:
        raise FileRefused(f"“{said}” is no CRS that a raster can be in; name it by its EPSG code.") from None


def _check(name: str, raster: Any) -> None:
    where = raster.transform
    if where.is_identity:
        raise FileRefused(
            f"“{name}” does not say where it lies (no georeference); ask for the GeoTIFF with it."
        )
    if where.b or where.d or where.a <= 0 or where.e >= 0:
        raise FileRefused(
            f"“{name}” is turned or mirrored against north; have it warped to north-up and sent again."
        )
    if not np.isfinite(tuple(where)[:6]).all():
        raise FileRefused(f"“{name}” lies nowhere on earth; ask for it again.")
    if raster.width * raster.height * raster.count > MOST_PIXELS:
        limit = MOST_PIXELS // 1_000_000
        raise FileRefused(f"“{name}” has more than {limit:,} million pixels; cut it to the district.")
    if raster.dtypes[0].startswith("complex"):
        raise FileRefused(f"“{name}” holds complex numbers, which no map can show; ask for their amount.")


def _extremes(name: str, raster: Any, nodata: float | None) -> tuple[float, float, float]:
    """Read every pixel of every band: a file that is damaged anywhere is found out here."""
    low, high, known = np.inf, -np.inf, 0
    for band in range(1, raster.count + 1):
        for window in _windows(raster):
            values = raster.read(band, window=window, masked=True)
            if band > 1:
                continue
            there = values.compressed().astype(float)
            there = there[np.isfinite(there) & (there != (np.nan if nodata is None else nodata))]
            known += there.size
            if there.size:
                low, high = min(low, float(there.min())), max(high, float(there.max()))
    if not known:
        raise FileRefused(f"“{name}” holds no value at all: every pixel says “unknown”; ask for it again.")
    return low, high, known / (raster.width * raster.height)


def _windows(raster: Any) -> Iterator[Any]:
    side = READ_PIXELS
    for row in range(0, raster.height, side):
        for column in range(0, raster.width, side):
            size = (min(side, raster.width - column), min(side, raster.height - row))
            yield Window(column, row, *size)


def _kept(intake: Intake, plain: Path, told: Loaded) -> Loaded:
    """Write beside the place and move there; the same raster again changes nothing."""
    told.path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".raster-", dir=told.path.parent) as beside:
        half = Path(beside) / "optimised.tif"
        with calm(intake.path.name):
            _optimise(_as_told(plain, told, Path(beside)), half)
        if told.path.exists() and filecmp.cmp(half, told.path, shallow=False):
            return replace(told, changed=False)
        half.replace(told.path)
    return told


def _as_told(plain: Path, told: Loaded, beside: Path) -> Path:
    """The file itself, or a copy of it that says the CRS and the “unknown” that were told to us."""
    with rasterio.open(plain, driver="GTiff") as raster:
        if raster.crs == CRS.from_user_input(told.crs) and raster.nodata == told.nodata:
            return plain
    copy = Path(shutil.copyfile(plain, beside / "plain.tif"))
    with rasterio.open(copy, "r+", driver="GTiff") as raster:
        raster.crs = told.crs
        if told.nodata is not None:
            raster.nodata = told.nodata
    return copy


def _optimise(plain: Path, half: Path) -> None:
    with rasterio.open(plain, driver="GTiff") as raster:
        classes = raster.colorinterp[0] == ColorInterp.palette
    way = Resampling.nearest if classes else Resampling.average
    copy_raster(
        plain, half, driver="COG", compress="DEFLATE", predictor="YES", blocksize=COG_BLOCK, bigtiff="IF_SAFER",
        overview_resampling=way.name,
    )  # fmt: skip
