"""CSV: text in columns; encoding and separator are found from the file, rows are read a batch at a time."""

from __future__ import annotations

import codecs
import csv
import re
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import NamedTuple, TextIO

import pandas as pd

from etl.formats.base import Format, Opening, Raw, Source
from etl.formats.encodings import codec_of, guessed
from etl.intake import BLOCK_BYTES, Intake
from etl.quality import Fault, Ledger
from geodata.errors import FileRefused
from geodata.types import Bilingual

BATCH_ROWS = 20_000
LONGEST_LINE = 1_000_000  # characters; a row of an honest table has some thousands
BOMS = {
    codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF32_LE: "utf-32", codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16",
}  # fmt: skip
QUOTED = re.compile(r'"[^"]*"')
WRONG_WIDTH = Fault(
    "wrong_width", "rejected", Bilingual("列数与表头不符", "has not as many columns as the header")
)
BAD_QUOTES = Fault("bad_quotes", "rejected", Bilingual("引号有误", "its quotation marks do not match"))


def recognises(intake: Intake) -> bool:
    """Whether the bytes look like text, and neither like JSON nor like XML."""
    head = intake.head
    wide = any(head.startswith(bom) for bom in BOMS if bom != codecs.BOM_UTF8)
    plain = head.replace(b"\0", b"").lstrip(b"\xff\xfe") if wide else head.removeprefix(codecs.BOM_UTF8)
    odd = not wide and any(byte < 32 and byte not in b"\t\r\n\f" for byte in plain[:4096])
    return bool(plain.strip()) and not odd and plain.lstrip()[:1] not in b"{[<"


def open_csv(intake: Intake, opening: Opening) -> Source:
    """Find encoding and separator and read the header; FileRefused when there is no table in it."""
    encoding = _known(opening.encoding) if opening.encoding else _encoding(intake)
    layout = _layout(intake, encoding, opening.header_row)
    header = _header(intake, encoding, layout)
    if not any(header):
        where = "first line" if layout.header_row == 1 else f"row {layout.header_row}"
        raise FileRefused(f"The {where} of “{intake.path.name}” names no columns.")

    def rows(wanted: Sequence[str], ledger: Ledger) -> Iterator[Raw]:
        places = {name: header.index(name) for name in wanted}
        with _text(intake, encoding) as stream:
            table = iter(_Table(stream, intake, layout, ledger))
            while batch := list(islice(table, BATCH_ROWS)):
                yield _raw(batch, places)

    return Source(header, None, None, has_shapes=False, rows=rows, encoding=encoding)


def _header(intake: Intake, encoding: str, layout: _Layout) -> tuple[str, ...]:
    with _text(intake, encoding) as stream:
        lines = csv.reader(_lines(stream, intake), delimiter=layout.separator, strict=True)
        try:
            names = next(islice(lines, layout.header_row - 1, None), [])
        except csv.Error as fault:
            raise FileRefused(
                f"The header of “{intake.path.name}” cannot be read ({fault}); ask for it again."
            ) from None
    return tuple(name.strip() for name in names)


class _Layout(NamedTuple):
    """What separates columns, and which line names them, from 1."""

    separator: str
    header_row: int


def _layout(intake: Intake, encoding: str, header_row: int | None) -> _Layout:
    """The separator that the header has most of outside quotation marks, or the one that Excel's `sep=` names."""
    with _text(intake, encoding) as stream:
        lines = [line.rstrip("\r\n") for line in islice(_lines(stream, intake), max(header_row or 1, 2))]
    if lines and len(lines[0]) == 5 and lines[0].lower().startswith("sep="):
        return _Layout(lines[0][4], header_row or 2)
    head = lines[(header_row or 1) - 1] if len(lines) >= (header_row or 1) else ""
    bare = QUOTED.sub("", head)
    return _Layout(max(",;\t|", key=bare.count), header_row or 1)


def _known(said: str) -> str:
    codec = codec_of(said)
    if codec is None:
        raise FileRefused(f"“{said}” is no encoding; name it like UTF-8 or GB18030.")
    return codec


def _text(intake: Intake, encoding: str) -> TextIO:
    return intake.path.open(encoding=encoding, newline="")


def _encoding(intake: Intake) -> str:
    for bom, encoding in BOMS.items():  # UTF-32 stands before UTF-16, whose mark it begins with
        if intake.head.startswith(bom):
            return encoding
    decoder = codecs.getincrementaldecoder("utf-8")()
    with intake.path.open("rb") as stream:
        while block := stream.read(BLOCK_BYTES):
            try:
                decoder.decode(block)
            except UnicodeDecodeError:
                return _guessed(intake, block)
    return "utf-8"


def _guessed(intake: Intake, block: bytes) -> str:
    sample = block[block.find(b"\n") + 1 :][:200_000]
    lines = (sample[: sample.rfind(b"\n") + 1] or sample).splitlines()
    found = guessed([line for line in lines if not line.isascii()] or [block])
    if found is None:
        raise FileRefused(f"The text of “{intake.path.name}” is in no known encoding; save it as UTF-8.")
    return found


def _lines(stream: TextIO, intake: Intake) -> Iterator[str]:
    number = 0
    try:
        while line := stream.readline(LONGEST_LINE):
            number += 1
            if len(line) >= LONGEST_LINE and not line.endswith("\n"):
                limit = f"{LONGEST_LINE:,}"
                raise FileRefused(
                    f"Line {number:,} of “{intake.path.name}” is longer than {limit} characters: no table."
                )
            yield line
    except UnicodeError:
        raise FileRefused(
            f"After line {number:,} “{intake.path.name}” holds bytes that are no {stream.encoding} text; save it as UTF-8."
        ) from None
    except OSError as fault:
        raise FileRefused(
            f"The file “{intake.path.name}” cannot be read: {fault.strerror or fault}."
        ) from None


class _Table:
    """The rows of an open table, with what is wrong with some of them told to the ledger."""

    def __init__(self, stream: TextIO, intake: Intake, layout: _Layout, ledger: Ledger) -> None:
        self._intake, self._ledger, self._last_line = intake, ledger, ""
        self._reader = csv.reader(
            self._watched(_lines(stream, intake)), delimiter=layout.separator, strict=True
        )
        self._width = len(next(islice(self._reader, layout.header_row - 1, None)))
        self._short = False
        self.row = 0

    def _watched(self, lines: Iterator[str]) -> Iterator[str]:
        for line in lines:
            self._last_line = line
            yield line

    def __iter__(self) -> Iterator[tuple[int, list[str]]]:
        while (cells := self._next()) is not None:
            if not cells:
                continue  # an empty line is no row
            self.row += 1
            self._ledger.read += 1
            self._short = len(cells) < self._width
            if len(cells) == self._width:
                yield self.row, cells
            else:
                self._refuse_row(WRONG_WIDTH, f"{len(cells)} / {self._width}")
        if self._short and not self._last_line.endswith(("\n", "\r")):
            raise FileRefused(
                f"“{self._intake.path.name}” ends in the middle of row {self.row:,}; ask for it again."
            )

    def _next(self) -> list[str] | None:
        while True:
            try:
                return next(self._reader, None)
            except csv.Error as fault:
                self._broken(str(fault))

    def _broken(self, fault: str) -> None:
        name, row = self._intake.path.name, self.row + 1
        if "end of data" in fault:
            raise FileRefused(f"“{name}” ends inside the quotation marks of row {row:,}; ask for it again.")
        if "field limit" in fault:
            limit = f"{csv.field_size_limit():,}"
            raise FileRefused(
                f"Row {row:,} of “{name}” has a field of over {limit} characters: a quotation mark is open."
            )
        self.row = row
        self._ledger.read += 1
        self._refuse_row(BAD_QUOTES, None)

    def _refuse_row(self, fault: Fault, value: str | None) -> None:
        self._ledger.rejected += 1
        self._ledger.add(fault, row=self.row, value=value)


def _raw(batch: Sequence[tuple[int, list[str]]], places: dict[str, int]) -> Raw:
    columns = {name: [cells[place] for _, cells in batch] for name, place in places.items()}
    index = pd.Index([row for row, _ in batch], dtype="int64")
    return Raw(pd.DataFrame(columns, index=index, dtype=object))


FORMAT = Format("csv", recognises, open_csv)
