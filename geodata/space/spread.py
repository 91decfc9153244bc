"""Spreading totals of zones over the pixels of a raster: where people lived before, there in the same shares."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from affine import Affine
from numpy.typing import NDArray
from rasterio.features import rasterize
from shapely import Geometry


def cut(values: NDArray[np.float64], side: int) -> NDArray[np.float64]:
    """Each pixel cut into side × side equal ones; sums stay, NaN stays unknown."""
    return np.repeat(np.repeat(values / side**2, side, axis=0), side, axis=1)


def spread(
    values: NDArray[np.float64], where: Affine, zones: Sequence[Geometry], totals: Sequence[float]
) -> NDArray[np.float64]:
    """The same pixels so that each zone sums to its total; what lies in no zone stays.

    `values` are totals per pixel, NaN where unknown; zones are in the raster's CRS and do not overlap, and a pixel is of
    the zone in which its centre lies. Where a zone had nobody its total is spread evenly.
    """
    shapes = [(zone, number) for number, zone in enumerate(zones, 1)]
    owner = (
        rasterize(shapes, values.shape, transform=where, fill=0, dtype="int32")
        if shapes
        else np.zeros(values.shape, np.int32)
    )
    known, size = np.nan_to_num(values, nan=0.0), len(zones) + 1
    sums = np.bincount(owner.ravel(), weights=known.ravel(), minlength=size)
    pixels = np.bincount(owner.ravel(), minlength=size)
    wanted = np.concatenate([[0.0], np.asarray(totals, float)])
    with np.errstate(divide="ignore", invalid="ignore"):
        factor = np.where(sums > 0, wanted / sums, 0.0)
        even = np.where(sums > 0, 0.0, wanted / pixels)
    told = known * factor[owner] + even[owner]
    return np.where(owner > 0, told, values)
