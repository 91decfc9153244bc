"""Merged cells of a sheet: each of them says what the first of them says, as a reader of the sheet sees it."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import IO, Any, NamedTuple

from openpyxl.utils import range_boundaries

from etl.intake import BLOCK_BYTES
from geodata.errors import FileRefused

MOST = 200_000
MOST_BYTES = 50_000_000
END_OF_CELLS = re.compile(rb"</(?:\w+:)?sheetData\s*>|<(?:\w+:)?sheetData\s*/>")
OVERLAP = 64
MERGED = re.compile(rb"""<(?:\w+:)?mergeCell\s[^>]*?\bref\s*=\s*["']([A-Z]+[0-9]+:[A-Z]+[0-9]+)["']""")


class Block(NamedTuple):
    """Cells merged into one, from 1, the last included."""

    left: int
    top: int
    right: int
    bottom: int


def merged_cells(sheet: Any) -> list[Block]:
    """The merged cells of a sheet that is being streamed, which openpyxl passes over.

    They stand behind the cells, which are skipped unread: reading them would take as long as the rows themselves.
    """
    with sheet.parent._archive.open(sheet._worksheet_path) as stream:  # noqa: SLF001 (no other way to the part)
        found = [Block(*range_boundaries(ref.decode())) for ref in MERGED.findall(_behind_the_cells(stream))]
    if len(found) > MOST:
        raise FileRefused(f"The sheet “{sheet.title}” has over {MOST:,} merged cells; save it without.")
    return found


def _behind_the_cells(stream: IO[bytes]) -> bytes:
    tail = b""
    while block := stream.read(BLOCK_BYTES):
        tail += block
        end = END_OF_CELLS.search(tail)
        if end:
            return tail[end.end() :] + stream.read(MOST_BYTES)
        tail = tail[-OVERLAP:]
    return b""


class Filler:
    """Fills the rows of a sheet as they come, as far as they are wide."""

    def __init__(self, blocks: list[Block]) -> None:
        self._begins: dict[int, list[Block]] = defaultdict(list)
        for block in blocks:
            self._begins[block.top].append(block)
        self._open: list[tuple[Block, Any]] = []

    def filled(self, row: int, cells: list[Any]) -> list[Any]:
        """The cells of a row; rows are to be given in their order."""
        for block in self._begins.pop(row, ()):
            value = cells[block.left - 1] if block.left <= len(cells) else None
            self._open.append((block, value))
        if not self._open:
            return cells
        for block, value in self._open:
            for place in range(block.left - 1, min(block.right, len(cells))):
                cells[place] = value
        self._open = [(block, value) for block, value in self._open if block.bottom > row]
        return cells
