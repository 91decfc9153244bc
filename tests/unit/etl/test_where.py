"""What coordinates probably are: told by what is known of the district, and left open where that says too little."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from numpy.typing import NDArray

from etl.where import Where, doubted, probable, settle
from geodata.errors import FileRefused
from geodata.profile import Profile
from geodata.queries.evidence import Evidence, of_shapes
from geodata.space import crs, offset
from tests.unit.etl.faulty_town import Town, town

Numbers = NDArray[np.float64]
SYSTEMS = ("EPSG:4326", "GCJ-02", "BD-09", "EPSG:3857", "EPSG:4549", "EPSG:4528", "EPSG:4498", "EPSG:32651")


@pytest.fixture(scope="module")
def small(gusu: Profile) -> Town:
    """A made-up district with streets."""
    return town(gusu)


@pytest.fixture(scope="module")
def bare(gusu: Profile) -> Evidence:
    """A district of which only its box is known."""
    nothing = np.array([], object)
    return of_shapes(gusu, areas=([], nothing), roads=nothing, places=([], nothing), outline=None)


def along_streets(small: Town, count: int = 400) -> tuple[Numbers, Numbers]:
    """Places beside the town's streets, some metres off, in EPSG:4326."""
    rng = np.random.default_rng(7)
    lines = shapely.boundary(small.cells.shapes)
    spots = shapely.line_interpolate_point(
        lines[rng.integers(0, len(lines), count)], rng.random(count), normalized=True
    )
    x, y = shapely.get_x(spots), shapely.get_y(spots)
    return x + rng.normal(0, 5e-5, count), y + rng.normal(0, 5e-5, count)


def written_in(system: str, lon: Numbers, lat: Numbers) -> tuple[Numbers, Numbers]:
    if system in ("GCJ-02", "BD-09"):
        return offset.from_wgs84(lon, lat, system)
    x, y = crs._way(crs.STORED, system).transform(lon, lat)
    return np.asarray(x), np.asarray(y)


@pytest.mark.parametrize("swapped", [False, True])
@pytest.mark.parametrize("system", SYSTEMS)
def test_what_lies_along_streets_is_told_in_either_order(small: Town, system: str, *, swapped: bool) -> None:
    x, y = written_in(system, *along_streets(small))
    told = probable(y, x, None, small.known) if swapped else probable(x, y, None, small.known)
    assert (told.probable, told.swapped) == (system, swapped), told
    assert told.confidence >= 0.9


@pytest.mark.parametrize("system", SYSTEMS[1:3])
def test_a_shifted_file_that_says_wgs84_is_doubted_and_a_true_one_is_not(small: Town, system: str) -> None:
    lon, lat = along_streets(small)
    assert not doubted(probable(lon, lat, "EPSG:4326", small.known), "EPSG:4326")
    told = probable(*written_in(system, lon, lat), "EPSG:4326", small.known)
    assert doubted(told, "EPSG:4326")
    with pytest.raises(FileRefused, match=f"--crs “{system}”"):
        settle(told, "EPSG:4326", None)
    assert settle(told, "EPSG:4326", "EPSG:4326") == "EPSG:4326"  # a person stands above it


def test_where_nothing_is_known_degrees_are_left_open_and_metres_are_not(small: Town, bare: Evidence) -> None:
    lon, lat = along_streets(small)
    told = probable(lon, lat, None, bare)
    assert told.probable is None
    assert told.confidence <= 0.5
    assert probable(*written_in("EPSG:4528", lon, lat), None, bare).probable == "EPSG:4528"


def test_what_lies_elsewhere_or_nowhere_is_not_guessed(small: Town) -> None:
    lon, lat = along_streets(small)
    assert probable(lon - 40, lat, None, small.known).probable is None
    assert probable(lon[:0], lat[:0], None, small.known) == probable(
        lon * np.nan, lat, "EPSG:4326", small.known
    )


def test_a_file_that_says_nothing_is_asked_for_its_crs() -> None:
    with pytest.raises(FileRefused, match="say which with --crs"):
        settle(Where(None, 0.0, swapped=False, why=""), None, None)
    with pytest.raises(FileRefused, match="97% sure"):
        settle(Where("EPSG:4549", 0.97, swapped=True, why=""), None, None)
