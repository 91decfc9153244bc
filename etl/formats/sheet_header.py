"""Which row of a sheet names its columns: not the title above, and the lower one of two where groups are merged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from openpyxl.utils import get_column_letter

LEAST_SHARE = 0.6  # of the width that a header has to fill


@dataclass(frozen=True, slots=True)
class Header:
    """The row with the names, from 1, and for each column its name and place from 0.

    `is_table` says that it names several columns and that something stands below.
    """

    row: int
    columns: tuple[str, ...]
    places: tuple[int, ...]
    is_table: bool

    @property
    def width(self) -> int:
        """How many cells of a row matter."""
        return max(self.places) + 1

    def place(self, name: str) -> int:
        """The place of the first column of a name."""
        return self.places[self.columns.index(name)]


def find_header(lines: Sequence[Sequence[Any]], given: int | None) -> Header | None:
    """The header among the first rows of a sheet: the row given, from 1, else the one found; None when there is none."""
    said = [[_text(cell) for cell in line] for line in lines]
    row = given if given is not None else _found(lines, said)
    if row is None or not 0 < row <= len(said) or not any(said[row - 1]):
        return None
    return _header(row, said)


def _found(lines: Sequence[Sequence[Any]], said: Sequence[Sequence[str]]) -> int | None:
    most = max((len(_names(line)) for line in said), default=0)
    for row, line in enumerate(said, 1):
        names = _names(line)
        if len(names) >= max(min(2, most), LEAST_SHARE * most) and _all_text(lines[row - 1]):
            return _lowest(lines, said, row)
    return None


def _lowest(lines: Sequence[Sequence[Any]], said: Sequence[Sequence[str]], row: int) -> int:
    """Where names repeat because a group is merged over several columns, the row below tells them apart."""
    while row < len(lines):
        above, below = said[row - 1], said[row]
        filled = [cell for cell in above if cell]
        shares = any(a and a == b for a, b in zip(above, below, strict=False))
        grouped = len(set(filled)) < len(filled) and shares
        if not (grouped and _all_text(lines[row]) and len(_names(below)) > len(set(filled))):
            return row
        row += 1
    return row


def _names(line: Sequence[str]) -> set[str]:
    return {cell for cell in line if cell}


def _all_text(line: Sequence[Any]) -> bool:
    return all(isinstance(cell, str) for cell in line if cell is not None)


def _text(cell: Any) -> str:
    return "" if cell is None else " ".join(str(cell).split())


def _header(row: int, said: Sequence[Sequence[str]]) -> Header:
    """Columns without a name that hold something are called by their letter."""
    names = said[row - 1]
    width = max(len(line) for line in said)
    used = [any(place < len(line) and line[place] for line in said[row:]) for place in range(width)]
    columns = [
        (names[place] if place < len(names) and names[place] else get_column_letter(place + 1), place)
        for place in range(width)
        if (place < len(names) and names[place]) or used[place]
    ]
    return Header(
        row,
        tuple(name for name, _ in columns),
        tuple(place for _, place in columns),
        len(columns) > 1 and any(used),
    )
