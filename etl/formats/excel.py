"""Excel .xlsx: one sheet, by openpyxl, row by row; a title above the header is passed over, merged cells are filled."""

from __future__ import annotations

import weakref
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import openpyxl
from openpyxl.cell.cell import ERROR_CODES

from etl.formats import archive, markup
from etl.formats.base import Format, Opening, Raw, Source
from etl.formats.cells import as_table
from etl.formats.gdal import calm, chosen, tell_others
from etl.formats.merged import Block, Filler, merged_cells
from etl.formats.sheet_header import Header, find_header
from etl.intake import Intake
from etl.quality import Ledger
from geodata.errors import FileRefused

BATCH_ROWS = 20_000
LOOK_ROWS = 60  # in which a header is looked for
MOST_COLUMNS = 2_000
MOST_SHARED_BYTES = 300_000_000  # texts and styles are held whole, at three times their size; sheets are not
STREAMED = "xl/worksheets/"


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet to read: its workbook, its name, where its header is and which cells are merged."""

    book: Book
    name: str
    header: Header
    merged: list[Block]


def recognises(intake: Intake) -> bool:
    """Whether it is a .zip with a workbook in it."""
    if not archive.is_archive(intake):
        return False
    names = {member.name for member in archive.members(intake, inner=True)}
    return "xl/workbook.xml" in names


def open_excel(intake: Intake, opening: Opening) -> Source:
    """Open the sheet asked for, else the first that holds a table; its header is the row given, else found."""
    _check(intake)
    with calm(intake.path.name):
        book = Book(intake)
        sheets = book.sheets()
    asked = opening.layer is not None
    looked_at = [chosen(intake.path.name, sheets, opening.layer)] if asked else sheets
    with calm(intake.path.name):
        found = [book.table(name, opening.header_row) for name in looked_at]
    tables = [table for table in found if table]
    sheet = next((table for table in tables if table.header.is_table), next(iter(tables), None))
    if sheet is None:
        where = f"row {opening.header_row}" if opening.header_row else "any row"
        raise FileRefused(
            f"No columns are named in {where} of “{intake.path.name}”; say which row is the header."
        )
    others = [other.name for other in tables]

    def rows(wanted: Sequence[str], ledger: Ledger) -> Iterator[Raw]:
        tell_others(ledger, others, sheet.name, asked=asked)
        yield from _rows(sheet, wanted, ledger)

    return Source(
        sheet.header.columns, None, None, has_shapes=False, rows=rows,
        layers=sheets, layer=sheet.name, header_row=sheet.header.row,
    )  # fmt: skip


def _check(intake: Intake) -> None:
    found = archive.members(intake, inner=True)
    held = sum(m.info.file_size for m in found if m.suffix == ".xml" and not m.name.startswith(STREAMED))
    if held > MOST_SHARED_BYTES:
        limit = MOST_SHARED_BYTES // 1_000_000
        raise FileRefused(
            f"“{intake.path.name}” holds {held / 1e6:,.0f} MB of text; {limit} MB are allowed: split it or save it as CSV."
        )
    markup.check_members(intake, found)


class Book:
    """An open workbook; it is closed when nobody holds it any more."""

    def __init__(self, intake: Intake) -> None:
        """Open it as a stream, because openpyxl asks a name for its ending."""
        stream = intake.path.open("rb")
        self._end = weakref.finalize(self, stream.close)
        self.book: Any = openpyxl.load_workbook(stream, read_only=True, data_only=True, keep_links=False)
        self.name = intake.path.name

    def sheets(self) -> tuple[str, ...]:
        """The sheets that are shown."""
        return tuple(sheet.title for sheet in self.book.worksheets if sheet.sheet_state == "visible")

    def table(self, name: str, header_row: int | None) -> Sheet | None:
        """A sheet that has a header."""
        merged = merged_cells(self.book[name])
        lines = _lines(self.book[name], merged, MOST_COLUMNS)
        header = find_header(list(islice(lines, max(LOOK_ROWS, 2 * (header_row or 0)))), header_row)
        return Sheet(self, name, header, merged) if header else None


def _lines(sheet: Any, merged: list[Block], width: int) -> Iterator[list[Any]]:
    """The cells of every row from row 1 on, those merged filled with what they show."""
    sheet.reset_dimensions()  # what a file says of its size is often wrong
    filler = Filler(merged)
    for row, cells in enumerate(sheet.iter_rows(max_col=width, values_only=True), 1):
        yield filler.filled(row, list(cells))


def _rows(sheet: Sheet, wanted: Sequence[str], ledger: Ledger) -> Iterator[Raw]:
    header, name = sheet.header, sheet.book.name
    lines = islice(_lines(sheet.book.book[sheet.name], sheet.merged, header.width), header.row, None)
    numbered = ((row, cells) for row, cells in enumerate(lines, 1) if any(map(_is_said, cells)))
    while batch := _batch(numbered, name):
        ledger.read += len(batch)
        yield Raw(_table(batch, header, wanted))


def _batch(numbered: Iterator[tuple[int, list[Any]]], name: str) -> list[tuple[int, list[Any]]]:
    with calm(name):
        return list(islice(numbered, BATCH_ROWS))


def _is_said(cell: Any) -> bool:
    return cell is not None and cell != ""


def _table(batch: Sequence[tuple[int, list[Any]]], header: Header, wanted: Sequence[str]) -> Any:
    columns = {}
    for name in wanted:
        place = header.place(name)
        values = (cells[place] if place < len(cells) else None for _, cells in batch)
        columns[name] = [None if value in ERROR_CODES else value for value in values]
    return as_table(columns, [row for row, _ in batch])


FORMAT = Format("excel", recognises, open_excel)
