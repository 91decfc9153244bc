"""Rows of a text table: quickly, a block of lines at a time, and with care where a block is not as it should be."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple, TextIO

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray
from pyarrow import csv as arrow_csv

from etl.formats.base import Raw
from etl.formats.cells import as_array
from etl.intake import Intake
from etl.quality import Fault, Ledger
from geodata.errors import FileRefused
from geodata.types import Bilingual

BATCH_ROWS = 20_000
BLOCK_CHARACTERS = 2_500_000
LONGEST_LINE = 1_000_000  # characters; a row of an honest table has some thousands
WRONG_WIDTH = Fault(
    "wrong_width", "rejected", Bilingual("列数与表头不符", "has not as many columns as the header")
)
BAD_QUOTES = Fault("bad_quotes", "rejected", Bilingual("引号有误", "its quotation marks do not match"))


class Lines:
    """The lines of an open text with their ends: one at a time, or all at hand as one text."""

    def __init__(self, stream: TextIO, intake: Intake) -> None:
        self._stream, self._name = stream, intake.path.name
        self._text = ""
        self._single: io.StringIO | None = None  # over the same text, once a line of it has been taken
        self._rest = ""
        self.number = 0
        self.last = ""

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        if not self.are_left():
            self._text = self._more()
        if self._single is None:
            self._single = io.StringIO(self._text, newline="")
        line = self._single.readline()
        if not line:
            raise StopIteration
        self.number += 1
        self.last = line
        return line

    def are_left(self) -> bool:
        """Whether there are lines at hand."""
        if self._single is not None and self._single.tell() >= len(self._text):
            self._text, self._single = "", None
        return bool(self._text)

    def block(self) -> str:
        """The lines at hand, which are not taken by that; "" at the end."""
        if not self.are_left():
            self._text = self._more()
        if self._single is not None:
            self._text, self._single = self._single.read(), None
        return self._text

    def take_all(self) -> None:
        """Take the lines that `block` told of."""
        self.number += self._text.count("\n")
        self.last = self._text[-1:]
        self._text = ""

    def _more(self) -> str:
        """Whole lines, the next of the stream."""
        text = self._rest
        while block := self._read():
            text += block
            cut = max(text.rfind("\n"), text.rfind("\r", 0, len(text) - 1)) + 1
            if cut:
                self._rest = text[cut:]
                break
            self._check(text)
        else:
            cut, self._rest = len(text), ""
        text = text[:cut]
        half = LONGEST_LINE // 2
        if any(text.find("\n", start, start + half) < 0 for start in range(0, len(text) - half, half)):
            self._check(max(text.replace("\r", "\n").split("\n"), key=len))
        return text

    def _read(self) -> str:
        try:
            return self._stream.read(BLOCK_CHARACTERS)
        except UnicodeError:
            raise FileRefused(
                f"After line {self.number:,} “{self._name}” holds bytes that are no {self._stream.encoding} text; save it as UTF-8."
            ) from None
        except OSError as fault:
            raise FileRefused(f"The file “{self._name}” cannot be read: {fault.strerror or fault}.") from None

    def _check(self, line: str) -> None:
        if len(line) > LONGEST_LINE:
            limit = f"{LONGEST_LINE:,}"
            raise FileRefused(
                f"A line after line {self.number:,} of “{self._name}” is longer than {limit} characters: no table."
            )


class Table:
    """The rows of an open table below its header, with what is wrong with some of them told to the ledger."""

    def __init__(self, lines: Lines, intake: Intake, separator: str, header_row: int, ledger: Ledger) -> None:
        self._lines, self._name, self._ledger, self._separator = lines, intake.path.name, ledger, separator
        self._reader = csv.reader(lines, delimiter=separator, strict=True)
        self._width = len(next(islice(self._reader, header_row - 1, None)))
        self._short = False
        self.row = 0

    def raws(self, places: dict[str, int]) -> Iterator[Raw]:
        """The columns at these places, from 0, some thousands of rows at a time."""
        while text := self._lines.block():
            cells = _plain(text, self._separator, self._width, places)
            if cells is not None:
                self._lines.take_all()
                numbers = self._all_good(cells.height)
            elif (rows := _quoted(text, self._separator, self._width)) is not None:
                self._lines.take_all()
                numbers, cells = self._all_good(len(rows)), _of_rows(rows, places)
            else:
                found, rows = self._with_care()
                numbers, cells = np.array(found, np.int64), _of_rows(rows, places)
            yield from _batches(numbers, cells)
        if self._short and not self._lines.last.endswith(("\n", "\r")):
            raise FileRefused(f"“{self._name}” ends in the middle of row {self.row:,}; ask for it again.")

    def _all_good(self, count: int) -> NDArray[np.int64]:
        first = self.row + 1
        self.row += count
        self._ledger.read += count
        self._short = False
        return np.arange(first, first + count)

    def _with_care(self) -> tuple[list[int], list[list[str]]]:
        """The good rows of the lines at hand; the last of them may go beyond those."""
        numbers, rows = [], []
        while self._lines.are_left() and (cells := self._next()) is not None:
            if not cells:
                continue  # an empty line is no row
            self.row += 1
            self._ledger.read += 1
            self._short = len(cells) < self._width
            if len(cells) == self._width:
                numbers.append(self.row)
                rows.append(cells)
            else:
                self._refuse_row(WRONG_WIDTH, f"{len(cells)} / {self._width}")
        return numbers, rows

    def _next(self) -> list[str] | None:
        while True:
            try:
                return next(self._reader, None)
            except csv.Error as fault:
                self._broken(str(fault))

    def _broken(self, fault: str) -> None:
        row = self.row + 1
        if "end of data" in fault:
            raise FileRefused(
                f"“{self._name}” ends inside the quotation marks of row {row:,}; ask for it again."
            )
        if "field limit" in fault:
            limit = f"{csv.field_size_limit():,}"
            raise FileRefused(
                f"Row {row:,} of “{self._name}” has a field of over {limit} characters: a quotation mark is open."
            )
        self.row = row
        self._ledger.read += 1
        self._refuse_row(BAD_QUOTES, None)

    def _refuse_row(self, fault: Fault, value: str | None) -> None:
        self._ledger.rejected += 1
        self._ledger.add(fault, row=self.row, value=value)


class _Cells(NamedTuple):
    """How many rows, and the wanted columns of them by name."""

    height: int
    columns: dict[str, NDArray[np.object_]]


def _plain(text: str, separator: str, width: int, places: dict[str, int]) -> _Cells | None:
    """Rows without any quotation mark, read in columns; None when there is one or a row is not as wide as the header."""
    if '"' in text:
        return None
    names = [str(place) for place in range(width)]
    wanted = list(dict.fromkeys(str(place) for place in (0, *places.values())))
    try:
        body = text.encode()
        table = arrow_csv.read_csv(
            pa.BufferReader(body),
            read_options=arrow_csv.ReadOptions(
                column_names=names, use_threads=False, block_size=len(body) + 1
            ),
            parse_options=arrow_csv.ParseOptions(delimiter=separator, quote_char=False),
            convert_options=arrow_csv.ConvertOptions(
                include_columns=wanted,
                column_types=dict.fromkeys(wanted, pa.string()),
                strings_can_be_null=False,
            ),
        )
    except (pa.ArrowException, UnicodeError):
        return None
    columns = {name: table[str(place)].to_numpy(zero_copy_only=False) for name, place in places.items()}
    return _Cells(table.num_rows, columns)


def _quoted(text: str, separator: str, width: int) -> list[list[str]] | None:
    """Rows of which each is one line and as wide as the header; None when one is not."""
    lines = list(io.StringIO(text, newline=""))
    try:
        rows = list(csv.reader(lines, delimiter=separator, strict=True))
    except csv.Error:
        return None
    widths = set(map(len, rows))
    if len(rows) != len(lines) or not widths <= {0, width}:
        return None
    return [row for row in rows if row] if 0 in widths else rows


def _of_rows(rows: list[list[str]], places: dict[str, int]) -> _Cells:
    turned = list(zip(*rows, strict=True)) if rows else [()] * (max(places.values(), default=0) + 1)
    return _Cells(len(rows), {name: as_array(turned[place]) for name, place in places.items()})


def _batches(numbers: NDArray[np.int64], cells: _Cells) -> Iterator[Raw]:
    for start in range(0, cells.height, BATCH_ROWS):
        part = slice(start, start + BATCH_ROWS)
        index = pd.Index(numbers[part])
        columns = {name: column[part] for name, column in cells.columns.items()}
        yield Raw(pd.DataFrame(columns, index=index, dtype=object, copy=False))
