"""What we write as a vector tile is what a reader of the specification reads."""

from __future__ import annotations

import numpy as np
import pytest

from geodata.space.vector_tile import layer, polygon
from tests.mvt import decode

SQUARE = np.array([[10, 10], [300, 10], [300, 290], [10, 290]], np.int64)


def test_a_ring_and_its_attributes_come_back() -> None:
    about = {"cell": "8b3", "people": 4_000_000_000, "density": 0.25, "low": -7, "drill": True}
    (found,) = decode(layer("crowd", [(polygon(SQUARE), about)]))["crowd"]
    assert found.kind == 3
    assert found.points == [tuple(point) for point in SQUARE.tolist()]
    assert found.properties == about


@pytest.mark.parametrize("ring", [SQUARE, SQUARE[::-1]])
def test_an_outside_ring_turns_as_the_specification_wants(ring: np.ndarray) -> None:
    (found,) = decode(layer("crowd", [(polygon(ring), {})]))["crowd"]
    points = np.array(found.points)
    x, y = points[:, 0], points[:, 1]
    assert np.dot(x, np.roll(y, -1)) - np.dot(np.roll(x, -1), y) > 0
    assert {tuple(point) for point in found.points} == {tuple(point) for point in SQUARE.tolist()}


def test_corners_beyond_the_tile_and_long_values_survive() -> None:
    ring = np.array([[-64, -64], [5000, -64], [2000, 70_000]], np.int64)
    (found,) = decode(layer("x", [(polygon(ring), {"name": "观前街" * 60})]))["x"]
    assert found.points == [(-64, -64), (5000, -64), (2000, 70_000)]
    assert found.properties == {"name": "观前街" * 60}


def test_equal_values_are_written_once() -> None:
    one = layer("x", [(polygon(SQUARE), {"level": "danger" * 20})])
    two = layer("x", [(polygon(SQUARE), {"level": "danger" * 20})] * 2)
    assert len(two) - len(one) < 60


def test_nothing_is_no_tile() -> None:
    assert layer("crowd", []) == b""
