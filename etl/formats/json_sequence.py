"""GeoJSON one feature at a time: newline-delimited, or with record separators (RFC 8142); never held whole."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from typing import Any

import orjson

from etl.intake import Intake
from geodata.errors import FileRefused

SEPARATOR = b"\x1e"
LONGEST_BYTES = 50_000_000  # of one feature
BROKEN = object()  # stands for a record that is no JSON


def is_sequence(intake: Intake) -> bool:
    """Whether the first line is an object by itself and others follow."""
    if intake.head.startswith(SEPARATOR):
        return True
    with intake.path.open("rb") as stream:
        first = stream.readline(LONGEST_BYTES).removeprefix(codecs.BOM_UTF8)
        rest = stream.read(4096).strip()
    if not rest or not rest.startswith(b"{"):
        return False
    try:
        return isinstance(orjson.loads(first), dict)
    except orjson.JSONDecodeError:
        return False


def records(intake: Intake) -> Iterator[Any]:
    """Each record; BROKEN for one that is no JSON. FileRefused when the last is cut off."""
    cut = False
    for text in _texts(intake):
        try:
            record = orjson.loads(text)
        except orjson.JSONDecodeError:
            record, cut = BROKEN, not text.endswith(b"\n")
        if cut:
            raise FileRefused(f"“{intake.path.name}” is cut off in its last record; ask for it again.")
        yield record


def _texts(intake: Intake) -> Iterator[bytes]:
    """The records as bytes; with separators, one may go over several lines."""
    separated = intake.head.startswith(SEPARATOR)
    held = b""
    with intake.path.open("rb") as stream:
        while line := stream.readline(LONGEST_BYTES):
            line = line.removeprefix(codecs.BOM_UTF8)
            if not separated or line.startswith(SEPARATOR):
                yield from _told(held)
                held = b""
            held += line.lstrip(SEPARATOR)
            if len(held) >= LONGEST_BYTES:
                limit = LONGEST_BYTES // 1_000_000
                raise FileRefused(f"A feature in “{intake.path.name}” has more than {limit} MB; split it.")
    yield from _told(held)


def _told(text: bytes) -> Iterator[bytes]:
    if text.strip():
        yield text
