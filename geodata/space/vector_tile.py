"""Writes polygons into a Mapbox Vector Tile 2.1 where the rows are in memory and a database would only be asked to draw.

The layout of the protocol buffer is that of the specification: https://github.com/mapbox/vector-tile-spec/tree/master/2.1
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

EXTENT = 4096
POLYGON = 3
MOVE_TO_ONE, CLOSE_PATH = 9, 15
VERSION = bytes([0x78, 2])  # layer field 15
Value = str | int | float | bool


def layer(name: str, features: Iterable[tuple[bytes, Mapping[str, Value]]], extent: int = EXTENT) -> bytes:
    """A tile of one layer; each feature is a geometry of `polygon` and its attributes. Empty bytes for none."""
    keys: dict[str, int] = {}
    values: dict[tuple[type, Value], int] = {}
    body = bytearray()
    for geometry, attributes in features:
        tags = bytearray()
        for key, value in attributes.items():
            tags += _varint(keys.setdefault(key, len(keys)))
            tags += _varint(values.setdefault((type(value), value), len(values)))
        body += _field(2, _field(2, bytes(tags)) + bytes([0x18, POLYGON]) + geometry)
    if not body:
        return b""
    names = b"".join(_field(3, key.encode()) for key in keys)
    told = b"".join(_field(4, _value(value)) for _, value in values)
    return _field(3, _field(1, name.encode()) + body + names + told + b"\x28" + _varint(extent) + VERSION)


def polygon(ring: NDArray[np.int64]) -> bytes:
    """The geometry of one ring, not closed, in tile units with y downwards; clockwise on the screen is outside."""
    x, y = ring[:, 0], ring[:, 1]
    if np.dot(x, np.roll(y, -1)) - np.dot(np.roll(x, -1), y) < 0:
        ring = ring[::-1]
    steps = np.diff(ring, axis=0, prepend=np.zeros((1, 2), np.int64)).reshape(-1)
    zigzag: list[int] = ((steps << 1) ^ (steps >> 63)).tolist()
    commands: Sequence[int] = [MOVE_TO_ONE, *zigzag[:2], ((len(ring) - 1) << 3) | 2, *zigzag[2:], CLOSE_PATH]
    return _field(4, b"".join(map(_varint, commands)))


def _field(number: int, body: bytes) -> bytes:
    """A field of bytes with its length before it."""
    return bytes([(number << 3) | 2]) + _varint(len(body)) + body


def _varint(value: int) -> bytes:
    if value < 128:
        return bytes([value])
    out = bytearray()
    while value > 127:
        out.append((value & 127) | 128)
        value >>= 7
    out.append(value)
    return bytes(out)


def _value(value: Value) -> bytes:
    if isinstance(value, bool):
        return bytes([0x38, value])
    if isinstance(value, int):
        return b"\x30" + _varint(((value << 1) ^ (value >> 63)) & (2**64 - 1))
    if isinstance(value, float):
        return b"\x19" + struct.pack("<d", value)
    return _field(1, value.encode())
