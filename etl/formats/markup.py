"""XML at the door: definitions of entities are refused before any reader can expand or fetch them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import IO

from etl.formats.archive import Member, opened
from etl.intake import BLOCK_BYTES, Intake
from geodata.errors import FileRefused

DEFINES = (b"<!DOCTYPE", b"<!ENTITY")
OVERLAP = 16
PARTS = (".xml", ".rels", ".kml", ".vml")


def check_text(intake: Intake, text: str) -> None:
    """Refuse an XML text with a document type."""
    _refuse_definitions(text.upper().encode("utf-8", "replace"), intake.path.name)


def check_members(intake: Intake, found: Iterable[Member]) -> None:
    """Refuse an archive in which an XML part has a document type."""
    with opened(intake) as archive:
        for member in found:
            if member.suffix in PARTS:
                with archive.open(member.info) as stream:
                    _check(stream, intake.path.name)


def _check(stream: IO[bytes], name: str) -> None:
    """Zero bytes are left out, so that UTF-16 hides nothing."""
    tail = b""
    while block := stream.read(BLOCK_BYTES):
        text = tail + block.replace(b"\0", b"").upper()
        _refuse_definitions(text, name)
        tail = text[-OVERLAP:]


def _refuse_definitions(text: bytes, name: str) -> None:
    if any(word in text for word in DEFINES):
        raise FileRefused(
            f"“{name}” defines XML entities (DOCTYPE), which can be misused; export it again without them."
        )
