"""Rows in PostgreSQL's binary form, byte for byte."""

from __future__ import annotations

import numpy as np

from geodata.commands.copy_binary import (
    BLOCK,
    Part,
    digits,
    encode,
    instants,
    number,
    strings,
    text,
    vocabulary,
)


def test_a_row_byte_for_byte() -> None:
    fields = [
        number(np.array([258]), "i2"),
        strings(["街"]),
        number(np.array([1.5]), "f8", np.array([True])),
        instants(np.array(["2000-01-01T00:00:01"], "datetime64[s]")),
    ]
    assert encode(fields) == (
        b"\x00\x04"
        b"\x00\x00\x00\x02\x01\x02"
        b"\x00\x00\x00\x03\xe8\xa1\x97"
        b"\xff\xff\xff\xff"
        b"\x00\x00\x00\x08" + (1_000_000).to_bytes(8, "big")
    )


def test_a_text_is_its_parts_in_order() -> None:
    words = vocabulary(["", "路", "人民路"])
    field = text(
        Part(words, np.array([2, 0, 1])),
        digits(np.array([7, 42, 0]), 3),
        missing=np.array([False, False, True]),
    )
    rows = encode([field])
    assert rows == (
        b"\x00\x01\x00\x00\x00\x0c"
        + "人民路007".encode()
        + b"\x00\x01\x00\x00\x00\x03042"
        + b"\x00\x01\xff\xff\xff\xff"
    )


def test_more_rows_than_a_block_come_out_in_order() -> None:
    count = BLOCK * 2 + 5
    rows = encode([number(np.arange(count), "i4"), strings([str(at) for at in range(count)])])
    whole = b"".join(
        b"\x00\x02\x00\x00\x00\x04"
        + at.to_bytes(4, "big")
        + len(str(at)).to_bytes(4, "big")
        + str(at).encode()
        for at in range(count)
    )
    assert rows == whole


def test_no_rows_are_no_bytes() -> None:
    assert encode([number(np.zeros(0), "i4"), strings([])]) == b""
