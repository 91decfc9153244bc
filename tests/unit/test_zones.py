"""Sums of a raster over zones."""

from __future__ import annotations

import numpy as np
import pytest
from affine import Affine
from shapely import box

from geodata.space.zones import squares_a_side, zonal_sums

WHERE = Affine(
    1.0, 0.0, 0.0, 0.0, -1.0, 4.0
)  # four by four pixels of one unit, the north-west corner at (0, 4)
VALUES = np.arange(16.0).reshape(4, 4)


def test_whole_pixels_are_summed() -> None:
    sums, known = zonal_sums(VALUES, WHERE, [box(0, 2, 2, 4), box(2, 0, 4, 2)])
    assert sums.tolist() == [0 + 1 + 4 + 5, 10 + 11 + 14 + 15]
    assert known.all()


def test_zones_smaller_than_a_pixel_share_it() -> None:
    halves = [box(0, 3, 0.5, 4), box(0.5, 3, 2.0, 4)]
    assert zonal_sums(VALUES + 8, WHERE, halves, side=4)[0].tolist() == [4.0, 4.0 + 9.0]


def test_zones_that_tile_the_ground_lose_nothing() -> None:
    strips = [box(at, 0, at + 0.37, 4) for at in np.arange(0, 4, 0.37)]
    for side in (1, 3, 8):
        assert zonal_sums(VALUES, WHERE, strips, side)[0].sum() == pytest.approx(VALUES.sum())


def test_what_nobody_knows_is_missing() -> None:
    values = VALUES.copy()
    values[:2, :2] = np.nan
    sums, known = zonal_sums(values, WHERE, [box(0, 2, 2, 4), box(0, 2, 3, 4), box(9, 9, 10, 10)])
    assert known.tolist() == [False, True, False]
    assert zonal_sums(VALUES, WHERE, [])[0].tolist() == []
    assert sums[1] == 2 + 6


def test_small_zones_get_finer_squares() -> None:
    assert squares_a_side(2400, 80_000) == 1
    assert squares_a_side(2400, 1_600) == 7
    assert squares_a_side(2400, 1) == 16
    assert squares_a_side(1, 1e9) == 1
