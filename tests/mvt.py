"""A small reader of Mapbox Vector Tiles (specification 2.1), written from the specification for the tests alone."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Feature:
    """One feature: its key, attributes, kind (1 point, 2 line, 3 polygon) and vertices in tile units."""

    id: int | None
    properties: dict[str, Any]
    kind: int
    points: list[tuple[int, int]] = field(default_factory=list)


def decode(data: bytes) -> dict[str, list[Feature]]:
    """Features by layer name; every layer must say version 2 and extent 4096."""
    return dict(_layer(body) for number, body in _fields(data) if number == 3)


def _layer(data: bytes) -> tuple[str, list[Feature]]:
    parts = list(_fields(data))
    single = dict(parts)
    assert single[15] == 2
    assert single[5] == 4096
    keys = [body.decode() for number, body in parts if number == 3]
    values = [_value(body) for number, body in parts if number == 4]
    return single[1].decode(), [_feature(body, keys, values) for number, body in parts if number == 2]


def _feature(data: bytes, keys: list[str], values: list[Any]) -> Feature:
    single = dict(_fields(data))
    tags = list(_varints(single.get(2, b"")))
    pairs = zip(tags[::2], tags[1::2], strict=True)
    geometry = list(_points(list(_varints(single.get(4, b"")))))
    return Feature(single.get(1), {keys[k]: values[v] for k, v in pairs}, single[3], geometry)


def _points(commands: list[int]) -> Iterator[tuple[int, int]]:
    x = y = at = 0
    while at < len(commands):
        command, repeat = commands[at] & 7, commands[at] >> 3
        at += 1
        for _ in range(repeat if command != 7 else 0):
            x += _signed(commands[at])
            y += _signed(commands[at + 1])
            at += 2
            yield x, y


def _value(data: bytes) -> Any:
    ((number, body),) = _fields(data)
    if number == 1:
        return body.decode()
    if number == 2:
        return struct.unpack("<f", body)[0]
    if number == 3:
        return struct.unpack("<d", body)[0]
    return _signed(body) if number == 6 else bool(body) if number == 7 else body


def _fields(data: bytes) -> Iterator[tuple[int, Any]]:
    at = 0
    while at < len(data):
        key, at = _varint(data, at)
        kind = key & 7
        if kind == 0:
            value, at = _varint(data, at)
            yield key >> 3, value
            continue
        length, at = _varint(data, at) if kind == 2 else ({1: 8, 5: 4}[kind], at)
        yield key >> 3, data[at : at + length]
        at += length


def _varints(data: bytes) -> Iterator[int]:
    at = 0
    while at < len(data):
        value, at = _varint(data, at)
        yield value


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 127) << shift
        at, shift = at + 1, shift + 7
        if byte < 128:
            return value, at


def _signed(value: int) -> int:
    return (value >> 1) ^ -(value & 1)
