"""Sums of a raster over zones: each pixel is cut into equal squares, and each square counts where its centre lies.

With one square a pixel it is the usual rule for zones much larger than a pixel. Zones that are as small as a pixel need
more squares; the sum over zones that tile the ground stays the sum of the raster, whatever their number.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from affine import Affine
from numpy.typing import NDArray
from rasterio.features import rasterize
from shapely import Geometry

SQUARES_A_ZONE, MOST_SIDE = 32, 16


def squares_a_side(pixel_area: float, zone_area: float) -> int:
    """Into how many squares a pixel's side is cut so that a zone holds about SQUARES_A_ZONE of them; areas of one unit."""
    if zone_area <= 0:
        return 1
    return int(np.clip(np.ceil(np.sqrt(SQUARES_A_ZONE * pixel_area / zone_area)), 1, MOST_SIDE))


def zonal_sums(
    values: NDArray[np.floating], where: Affine, zones: Sequence[Geometry], side: int = 1
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """The sum in each zone and whether anything is known there.

    `values` are totals per pixel, NaN where nothing is known; zones are in the raster's CRS and must not overlap.
    """
    if not zones or not values.size:
        return np.zeros(len(zones)), np.zeros(len(zones), np.bool_)
    height, width = values.shape
    fine = where @ Affine.scale(1 / side)
    owner = rasterize(
        ((zone, number) for number, zone in enumerate(zones, 1)), (height * side, width * side),
        transform=fine, fill=0, dtype="int32",
    )  # fmt: skip
    part = np.repeat(np.repeat(values / side**2, side, axis=0), side, axis=1)
    known = np.isfinite(part)
    sums = np.bincount(owner[known], weights=part[known], minlength=len(zones) + 1).astype(np.float64)
    touched = np.bincount(owner[known], minlength=len(zones) + 1) > 0
    return sums[1:], touched[1:]
