"""Cells of the workbooks that leave us: text that no program takes for a formula, and without addresses' passwords."""

from __future__ import annotations

import re

from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

BEGINNINGS = ("=", "+", "-", "@", "\t", "\r", "\n")
NUMBER = re.compile(r"[-+]?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?")
CREDENTIALS = re.compile(r"(?<=://)[^/\s@]+(?=@)")
LONGEST = 32_000  # letters; a cell takes 32,767


def harmless(value: object) -> str | None:
    """A value as text: one that a program might run is made plain text by an apostrophe; a number stays."""
    if value is None:
        return None
    text = ILLEGAL_CHARACTERS_RE.sub("", CREDENTIALS.sub("***", str(value)))[:LONGEST]
    return f"'{text}" if text.startswith(BEGINNINGS) and not NUMBER.fullmatch(text.strip()) else text
