"""KML made readable for GDAL, which knows few encodings and turns names of columns that are not ASCII into underscores."""

from __future__ import annotations

import codecs
import html
import re
from pathlib import Path

from etl.formats import markup
from etl.formats.encodings import codec_of
from etl.intake import Intake
from geodata.errors import FileRefused

DECLARED = re.compile(rb"""^\s*<\?xml[^>]*?encoding\s*=\s*["']([A-Za-z0-9._-]+)["']""")
DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")
COLUMN = re.compile(
    r"""(<(?:\w+:)?(?:Data|SimpleField|SimpleData)\b[^>]*?\bname\s*=\s*)(?:"([^"<]*)"|'([^'<]*)')"""
)
BOMS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}


def prepare(intake: Intake, body: bytes, place: Path, said: str | None) -> dict[str, str]:
    """Write a KML to a place of ours in UTF-8; columns get plain names, which are returned with the sender's."""
    text = _decoded(intake, body, said)
    markup.check_text(intake, text)
    plain: dict[str, str] = {}

    def rename(found: re.Match[str]) -> str:
        name = html.unescape(found[2] if found[2] is not None else found[3])
        return f'{found[1]}"{plain.setdefault(name, f"column_{len(plain)}")}"'

    place.write_text(COLUMN.sub(rename, DECLARATION.sub("", text, count=1)), "utf-8", errors="replace")
    return {column: name for name, column in plain.items()}


def _decoded(intake: Intake, body: bytes, said: str | None) -> str:
    declared = DECLARED.match(body[:400])
    marked = next((encoding for bom, encoding in BOMS.items() if body.startswith(bom)), None)
    encoding = marked or said or (declared[1].decode() if declared else "utf-8")
    codec = codec_of(encoding)
    try:
        return body.decode(codec or "utf-8")
    except UnicodeError:
        raise FileRefused(
            f"“{intake.path.name}” is not in {encoding}, as it says; name the encoding it is in."
        ) from None
