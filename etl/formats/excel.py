"""Excel .xlsx: one sheet, by openpyxl, row by row; a title above the header is passed over, merged cells are filled."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
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
MOST_SHARED_BYTES = (
    300_000_000  # its texts and styles are held whole, about three times their size; sheets are not
)
STREAMED = "xl/worksheets/"


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet to read: its file, its name, where its header is and which cells are merged."""

    intake: Intake
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
    sheets = _sheets(intake)
    asked = opening.layer is not None
    first = chosen(intake.path.name, sheets, opening.layer)
    tables = _tables(intake, [first] if asked else sheets, opening.header_row)
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


@contextmanager
def _book(intake: Intake) -> Iterator[Any]:
    """The workbook, opened as a stream, because openpyxl asks a name for its ending."""
    with intake.path.open("rb") as stream:
        book = openpyxl.load_workbook(stream, read_only=True, data_only=True, keep_links=False)
        try:
            yield book
        finally:
            book.close()


def _sheets(intake: Intake) -> tuple[str, ...]:
    with calm(intake.path.name), _book(intake) as book:
        return tuple(sheet.title for sheet in book.worksheets if sheet.sheet_state == "visible")


def _tables(intake: Intake, sheets: Sequence[str], header_row: int | None) -> list[Sheet]:
    """The sheets that have a header, in their order."""
    found = []
    for name in sheets:
        with calm(intake.path.name), _book(intake) as book:
            merged = merged_cells(book[name])
            lines = _lines(book[name], merged, MOST_COLUMNS)
            header = find_header(list(islice(lines, max(LOOK_ROWS, 2 * (header_row or 0)))), header_row)
        if header:
            found.append(Sheet(intake, name, header, merged))
    return found


def _lines(sheet: Any, merged: list[Block], width: int) -> Iterator[list[Any]]:
    """The cells of every row from row 1 on, those merged filled with what they show."""
    sheet.reset_dimensions()  # what a file says of its size is often wrong
    filler = Filler(merged)
    for row, cells in enumerate(sheet.iter_rows(max_col=width, values_only=True), 1):
        yield filler.filled(row, list(cells))


def _rows(sheet: Sheet, wanted: Sequence[str], ledger: Ledger) -> Iterator[Raw]:
    header, name = sheet.header, sheet.intake.path.name
    with ExitStack() as held:
        with calm(name):
            book = held.enter_context(_book(sheet.intake))
            lines = islice(_lines(book[sheet.name], sheet.merged, header.width), header.row, None)
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
