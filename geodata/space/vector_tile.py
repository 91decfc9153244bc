"""Writes polygons, lines and points into a Mapbox Vector Tile 2.1 where the rows are in memory and a database would only be asked to draw.

The layout of the protocol buffer is that of the specification: https://github.com/mapbox/vector-tile-spec/tree/master/2.1
A tile of thousands of cells is written many times a minute, so outlines are encoded once and only attributes anew.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

EXTENT = 4096
POINT, LINE, POLYGON = 1, 2, 3
MOVE_TO_ONE, CLOSE_PATH = 9, 15
VERSION = bytes([0x78, 2])  # layer field 15
Value = str | int | float | bool


def varint(value: int) -> bytes:
    """A number of at least zero, seven bits a byte, the lowest first."""
    out = bytearray()
    while value > 127:
        out.append((value & 127) | 128)
        value >>= 7
    out.append(value)
    return bytes(out)


SHORT = tuple(varint(value) for value in range(1 << 14))  # nearly every number of a tile is one of these


def _varint(value: int) -> bytes:
    return SHORT[value] if value < len(SHORT) else varint(value)


def layer(
    name: str, outlines: Sequence[bytes], columns: Mapping[str, Sequence[Value | None]], kind: int = POLYGON
) -> bytes:
    """A tile of one layer: outlines of `polygons`, and for each attribute a column as long, None where it has none.

    With kind POINT the outlines are those of `points`, with LINE those of `lines`.

    Empty bytes where there are no outlines.
    """
    if not outlines:
        return b""
    told: list[bytes] = []
    tags = [_tags(number, column, told) for number, column in enumerate(columns.values())]
    shape = bytes([0x18, kind])
    features = [
        _feature(shape + outline, b"".join(parts)) for outline, *parts in zip(outlines, *tags, strict=True)
    ]
    head = field(1, name.encode()) + b"".join(features) + b"".join(field(3, key.encode()) for key in columns)
    return field(3, head + b"".join(told) + b"\x28" + _varint(EXTENT) + VERSION)


def _tags(key: int, column: Sequence[Value | None], told: list[bytes]) -> list[bytes]:
    """Key and value of each feature as numbers; equal values of a column are written once, after those in `told`."""
    known: dict[Value | None, bytes] = {None: b""}
    first = _varint(key)
    tags = []
    for value in column:
        tag = known.get(value)
        if tag is None:
            tag = known[value] = first + _varint(len(told))
            told.append(field(4, _value(value)))
        tags.append(tag)
    return tags


def _feature(shape: bytes, tags: bytes) -> bytes:
    if len(tags) >= 128:
        return field(2, field(2, tags) + shape)
    return b"\x12" + _varint(len(tags) + len(shape) + 2) + b"\x12" + SHORT[len(tags)] + tags + shape


def points(places: NDArray[np.int64]) -> list[bytes]:
    """The geometry of single points (n, 2) in tile units with y downwards."""
    numbers = ((places << 1) ^ (places >> 63)).tolist()
    return [field(4, SHORT[MOVE_TO_ONE] + _varint(x) + _varint(y)) for x, y in numbers]


def lines(parts: Sequence[NDArray[np.int64]]) -> bytes:
    """The geometry of one line of several parts, each (n, 2) in tile units with y downwards, n of two or more."""
    out, before = [], np.zeros((1, 2), np.int64)
    for part in parts:
        steps = np.diff(part, axis=0, prepend=before)
        numbers = [_varint(number) for number in ((steps << 1) ^ (steps >> 63)).reshape(-1).tolist()]
        out += [SHORT[MOVE_TO_ONE], *numbers[:2], _varint(((len(part) - 1) << 3) | 2), *numbers[2:]]
        before = part[-1:]
    return field(4, b"".join(out))


def polygons(corners: NDArray[np.int64], starts: NDArray[np.int64]) -> list[bytes]:
    """The geometry of each ring, not closed, in tile units with y downwards; ring i begins at `starts[i]`.

    Rings must turn as the specification wants an outside one: clockwise on the screen.
    """
    steps = np.diff(corners, axis=0, prepend=np.zeros((1, 2), np.int64))
    steps[starts[:-1]] = corners[starts[:-1]]
    numbers = [_varint(number) for number in ((steps << 1) ^ (steps >> 63)).reshape(-1).tolist()]
    ends = (2 * starts).tolist()
    return [_ring(numbers[a:b]) for a, b in pairwise(ends)]


def _ring(numbers: Sequence[bytes]) -> bytes:
    line = _varint(((len(numbers) // 2 - 1) << 3) | 2)
    return field(4, b"".join((SHORT[MOVE_TO_ONE], *numbers[:2], line, *numbers[2:], SHORT[CLOSE_PATH])))


def field(number: int, body: bytes) -> bytes:
    """A field of bytes with its length before it."""
    return bytes([(number << 3) | 2]) + _varint(len(body)) + body


def _value(value: Value | None) -> bytes:
    if isinstance(value, bool):
        return bytes([0x38, value])
    if isinstance(value, int):
        return b"\x30" + _varint(((value << 1) ^ (value >> 63)) & (2**64 - 1))
    if isinstance(value, float):
        return b"\x19" + struct.pack("<d", value)
    return field(1, str(value).encode())
