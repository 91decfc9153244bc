"""Rows as PostgreSQL's binary COPY format, built from whole numpy columns at once.

The format is that of the PostgreSQL manual, chapter “COPY”, section “Binary Format”: for each row a count of fields,
and for each field its length in bytes (−1 for null) and its body, big endian.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]
Mask = NDArray[np.bool_]

HEADER = b"PGCOPY\n\xff\r\n\x00" + bytes(8)
TRAILER = b"\xff\xff"
POSTGRES_EPOCH = np.datetime64("2000-01-01", "us")
BLOCK = 16_384  # rows at a time, so that what is written stays in the processor's cache
POINT_4326 = b"\x01\x01\x00\x00\x20\xe6\x10\x00\x00"  # little endian, point with SRID, 4326


@dataclass(frozen=True, slots=True)
class Fixed:
    """A column whose values all have the same width: `body` is (rows, width)."""

    body: Bytes
    missing: Mask | None = None


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Distinct byte strings end to end; made once and pointed into by many rows."""

    blob: Bytes
    starts: NDArray[np.int64]
    sizes: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Part:
    """One stretch of text per row: which entry of a vocabulary."""

    words: Vocabulary
    codes: NDArray[Any]


@dataclass(frozen=True, slots=True)
class Text:
    """A column of varying width: its parts one after the other, without anything between."""

    parts: tuple[Part, ...]
    missing: Mask | None = None


Field = Fixed | Text


def vocabulary(words: Sequence[str | bytes]) -> Vocabulary:
    """Lay words end to end, as UTF-8."""
    encoded = [word.encode() if isinstance(word, str) else word for word in words]
    sizes = np.array([len(word) for word in encoded], np.int64)
    blob = np.frombuffer(b"".join(encoded) or b"\x00", np.uint8)
    return Vocabulary(blob, np.cumsum(sizes) - sizes, sizes)


def digits(values: NDArray[Any], width: int) -> Part:
    """Numbers in decimal, with leading zeros to `width`."""
    powers = 10 ** np.arange(width - 1, -1, -1, dtype=np.int64)
    body = (values.astype(np.int64)[:, None] // powers % 10 + ord("0")).astype(np.uint8)
    rows = np.arange(len(values), dtype=np.int64)
    return Part(Vocabulary(body.reshape(-1), rows * width, np.full(len(values), width, np.int64)), rows)


def text(*parts: Part, missing: Mask | None = None) -> Text:
    """A text (or enum) column from its parts."""
    return Text(parts, missing)


def strings(values: Sequence[str | bytes | None]) -> Text:
    """A text, enum, bytea or geometry (EWKB) column from ready values; None is null."""
    missing = np.array([value is None for value in values], bool)
    words = vocabulary([b"" if value is None else value for value in values])
    return Text((Part(words, np.arange(len(values))),), missing if missing.any() else None)


def number(values: NDArray[Any], kind: str, missing: Mask | None = None) -> Fixed:
    """A number column; `kind` is the numpy name of the column's width: i2, i4, i8, f4, f8 or bool."""
    if kind == "bool":
        return Fixed(np.ascontiguousarray(values, np.uint8)[:, None], missing)
    filled = values if missing is None else np.where(missing, 0, values)
    body = np.ascontiguousarray(filled).astype(f">{kind}")
    return Fixed(body.view(np.uint8).reshape(len(values), body.itemsize), missing)


def instants(values: NDArray[np.datetime64]) -> Fixed:
    """A timestamptz column from UTC instants; NaT is null."""
    missing = np.isnat(values)
    since = (values.astype("datetime64[us]") - POSTGRES_EPOCH).astype(np.int64)
    return number(since, "i8", missing if missing.any() else None)


def days(values: NDArray[np.datetime64]) -> Fixed:
    """A date column; NaT is null."""
    missing = np.isnat(values)
    since = (values.astype("datetime64[D]") - POSTGRES_EPOCH.astype("datetime64[D]")).astype(np.int64)
    return number(since, "i4", missing if missing.any() else None)


def points(lon: NDArray[np.float64], lat: NDArray[np.float64], missing: Mask | None = None) -> Fixed:
    """A point column in EPSG:4326, from degrees."""
    body = np.empty((len(lon), 25), np.uint8)
    body[:, :9] = np.frombuffer(POINT_4326, np.uint8)
    pairs = (
        np.column_stack([lon, lat])
        if missing is None
        else np.where(missing[:, None], 0, np.column_stack([lon, lat]))
    )
    body[:, 9:] = pairs.astype("<f8").view(np.uint8).reshape(len(lon), 16)
    return Fixed(body, missing)


def encode(fields: Sequence[Field]) -> bytes:
    """The rows, without the file's header and trailer."""
    first = fields[0]
    rows = len(first.body) if isinstance(first, Fixed) else len(first.parts[0].codes)
    blocks = (slice(begin, begin + BLOCK) for begin in range(0, rows, BLOCK))
    return b"".join(_block([_rows(field, block) for field in fields]) for block in blocks)


def _rows(field: Field, block: slice) -> Field:
    missing = None if field.missing is None else field.missing[block]
    if isinstance(field, Fixed):
        return Fixed(field.body[block], missing)
    return Text(tuple(Part(part.words, np.asarray(part.codes)[block]) for part in field.parts), missing)


def _block(fields: Sequence[Field]) -> bytes:
    lengths = [_lengths(field) for field in fields]
    room = [np.maximum(length, 0) for length in lengths]
    row_bytes = 2 + 4 * len(fields) + np.sum(room, axis=0)
    ends = np.cumsum(row_bytes)
    out = np.empty(int(ends[-1]), np.uint8)
    at = ends - row_bytes
    _scatter(out, at, np.broadcast_to(np.frombuffer(len(fields).to_bytes(2, "big"), np.uint8), (len(at), 2)))
    at = at + 2
    for field, length, taken in zip(fields, lengths, room, strict=True):
        _write(out, at, field, length.astype(">i4").view(np.uint8).reshape(len(at), 4))
        at = at + 4 + taken
    return out.tobytes()


def _lengths(field: Field) -> NDArray[np.int64]:
    if isinstance(field, Fixed):
        length = np.full(len(field.body), field.body.shape[1], np.int64)
    else:
        length = np.sum([part.words.sizes[part.codes] for part in field.parts], axis=0)
    if field.missing is not None:
        length[field.missing] = -1
    return length


def _write(out: Bytes, at: NDArray[np.int64], field: Field, head: Bytes) -> None:
    if isinstance(field, Fixed) and field.missing is None:
        _scatter(out, at, np.concatenate([head, field.body], axis=1))
        return
    _scatter(out, at, head)
    keep = slice(None) if field.missing is None else np.flatnonzero(~field.missing)
    at = at[keep] + 4
    if isinstance(field, Fixed):
        _scatter(out, at, field.body[keep])
        return
    for part in field.parts:
        codes = np.asarray(part.codes)[keep]
        _scatter_text(out, at, part.words, codes)
        at = at + part.words.sizes[codes]


def _scatter(out: Bytes, at: NDArray[np.int64], body: Bytes) -> None:
    """Write rows of bytes, all of one width, at these places."""
    _windows(out, body.shape[1])[at] = _windows(np.ascontiguousarray(body).reshape(-1), body.shape[1])[
        :: body.shape[1]
    ]


def _scatter_text(out: Bytes, at: NDArray[np.int64], words: Vocabulary, codes: NDArray[Any]) -> None:
    """Write a word (under 64 KiB) per row: those of one size together, so that each size is one copy."""
    sizes = words.sizes[codes]
    order = np.argsort(sizes.astype(np.uint16), kind="stable")  # 16 bits are sorted by counting
    sorted_sizes = sizes[order]
    begins = np.flatnonzero(np.diff(sorted_sizes, prepend=-1)).tolist()  # none when a column is all null
    for begin, end in zip(begins, [*begins, len(order)][1:], strict=True):
        size = int(sorted_sizes[begin])
        if size:
            rows = order[begin:end]
            _windows(out, size)[at[rows]] = _windows(words.blob, size)[words.starts[codes[rows]]]


def _windows(body: Bytes, width: int) -> NDArray[np.void]:
    """Every stretch of `width` bytes, one beginning at each byte; they overlap and share the memory."""
    return np.ndarray((max(len(body) - width + 1, 0),), f"V{width}", body.data, strides=(1,))
