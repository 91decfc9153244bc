"""What we write as a vector tile is what a reader of the specification reads."""

from __future__ import annotations

import numpy as np

from geodata.space.vector_tile import Value, layer, polygons, varint
from tests.mvt import Feature, decode

SQUARE = [(10, 10), (300, 10), (300, 290), (10, 290)]


def rings(*told: list[tuple[int, int]]) -> list[bytes]:
    starts = np.cumsum([0, *map(len, told)])
    return polygons(np.array([point for ring in told for point in ring], np.int64), starts)


def read(outlines: list[bytes], **columns: list[Value | None]) -> list[Feature]:
    return decode(layer("crowd", outlines, columns))["crowd"]


def test_rings_and_their_attributes_come_back() -> None:
    about: dict[str, Value] = {
        "cell": "8b3",
        "people": 4_000_000_000,
        "density": 0.25,
        "low": -7,
        "drill": True,
    }
    (found,) = read(rings(SQUARE), **{key: [value] for key, value in about.items()})
    assert found.kind == 3
    assert found.points == SQUARE
    assert found.properties == about


def test_each_ring_stands_for_itself() -> None:
    far = [(-64, -64), (5000, -64), (2000, 70_000)]
    found = read(rings(SQUARE, far, SQUARE), n=[1, 2, 3])
    assert [f.points for f in found] == [SQUARE, far, SQUARE]
    assert [f.properties["n"] for f in found] == [1, 2, 3]


def test_what_has_no_value_has_no_attribute() -> None:
    found = read(rings(SQUARE, SQUARE), level=["danger", None], people=[None, 0])
    assert [f.properties for f in found] == [{"level": "danger"}, {"people": 0}]


def test_many_attributes_and_long_values_survive() -> None:
    columns: dict[str, list[Value | None]] = {f"k{i}": ["观前街" * 60] for i in range(80)}
    (found,) = read(rings(SQUARE), **columns)
    assert found.properties == {key: values[0] for key, values in columns.items()}


def test_equal_values_are_written_once() -> None:
    one, two = (layer("x", rings(*[SQUARE] * n), {"level": ["danger" * 20] * n}) for n in (1, 2))
    assert len(two) - len(one) < 60


def test_numbers_are_seven_bits_a_byte() -> None:
    assert [varint(n).hex() for n in (0, 127, 128, 300, 1 << 14)] == ["00", "7f", "8001", "ac02", "808001"]


def test_nothing_is_no_tile() -> None:
    assert layer("crowd", [], {}) == b""
