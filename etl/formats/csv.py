"""CSV: text in columns; encoding and separator are found from the file, rows are read a batch at a time."""

from __future__ import annotations

import codecs
import csv
import re
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import NamedTuple, TextIO

from etl.formats.base import Format, Opening, Raw, Source
from etl.formats.csv_rows import Lines, Table
from etl.formats.encodings import codec_of, guessed
from etl.intake import BLOCK_BYTES, Intake
from etl.quality import Ledger
from geodata.errors import FileRefused

BOMS = {
    codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF32_LE: "utf-32", codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16",
}  # fmt: skip
QUOTED = re.compile(r'"[^"]*"')


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
            lines = Lines(stream, intake)
            table = Table(lines, intake, layout.separator, layout.header_row, ledger)
            yield from table.raws(places)

    return Source(header, None, None, has_shapes=False, rows=rows, encoding=encoding)


def _header(intake: Intake, encoding: str, layout: _Layout) -> tuple[str, ...]:
    with _text(intake, encoding) as stream:
        lines = csv.reader(Lines(stream, intake), delimiter=layout.separator, strict=True)
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
        lines = [line.rstrip("\r\n") for line in islice(Lines(stream, intake), max(header_row or 1, 2))]
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


FORMAT = Format("csv", recognises, open_csv)
