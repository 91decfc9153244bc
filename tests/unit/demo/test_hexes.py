"""H3 cells as numbers."""

from __future__ import annotations

import h3
import numpy as np
from shapely import Point, box

from geodata.space import hexes

HERE = box(120.60, 31.30, 120.62, 31.32)


def test_cells_are_those_of_the_library_taken_directly() -> None:
    rng = np.random.default_rng(3)
    lon, lat = rng.uniform(120.52, 120.65, 500), rng.uniform(31.25, 31.38, 500)
    r9, r10, r11 = hexes.cells_at_all(lon, lat)
    for at in range(500):
        for resolution, cells in ((9, r9), (10, r10), (11, r11)):
            told = h3.latlng_to_cell(lat[at], lon[at], resolution)
            assert hexes.as_text(int(cells[at])) == told
            assert hexes.from_text(told) == cells[at]
            assert hexes.resolution_of(int(cells[at])) == resolution
    parents = np.array([hexes.from_text(h3.cell_to_parent(hexes.as_text(int(cell)), 9)) for cell in r11])
    assert (parents != r9).any()  # a parent is not the cell taken directly


def test_a_cover_holds_the_cells_whose_centre_is_inside_and_rings_add_neighbours() -> None:
    cells = hexes.cover(HERE, 10)
    lon, lat = hexes.centres(cells)
    assert all(HERE.covers(Point(x, y)) for x, y in zip(lon, lat, strict=True))
    assert np.array_equal(hexes.cells_of(lon, lat, 10), cells)
    wider = hexes.cover(HERE, 10, rings=1)
    assert set(cells.tolist()) < set(wider.tolist())
    assert np.array_equal(wider, np.unique(wider))


def test_areas_are_true_and_a_quarter_below_the_mean_of_the_earth() -> None:
    areas = hexes.areas_m2(hexes.cover(HERE, 9))
    mean = h3.average_hexagon_area(9, unit="m^2")
    assert 0.70 < areas.mean() / mean < 0.82


def test_outline_and_corners_agree() -> None:
    cells = hexes.cover(HERE, 9)
    lon, lat, owner = hexes.corners(cells)
    first = owner == 0
    ring = hexes.outline(int(cells[0])).exterior.coords[:-1]
    assert np.allclose(np.column_stack([lon[first], lat[first]]), ring)
    assert len(np.unique(owner)) == len(cells)
    assert all(
        one.equals(hexes.outline(int(cell))) for one, cell in zip(hexes.outlines(cells), cells, strict=True)
    )
