"""A dBase table alone, without the shapes that belong to it, by GDAL."""

from __future__ import annotations

from dataclasses import replace

from etl.formats.base import Format, Opening, Source
from etl.formats.dbase import encoding_of
from etl.formats.gdal import Place, source_of
from etl.formats.workroom import Workroom
from etl.intake import Intake

VERSIONS = (0x03, 0x30, 0x31, 0x83, 0x8B, 0xF5)


def recognises(intake: Intake) -> bool:
    """Whether the header is that of a dBase table: a version, a date, and as long as its columns make it."""
    head = intake.head
    if len(head) < 65 or head[0] not in VERSIONS or not (head[2] <= 12 and head[3] <= 31):
        return False
    length = int.from_bytes(head[8:10], "little")
    return length >= 65 and 0x0D in head[length - 1 : length] + head[length - 264 : length - 263]


def open_dbf(intake: Intake, opening: Opening) -> Source:
    """Open the table."""
    room = Workroom()
    file = room.show(intake.path, "file.dbf")
    encoding = encoding_of(file, intake.path.name, opening.encoding, None)
    place = Place(str(file), "ESRI Shapefile", intake.path.name, room, encoding=encoding)
    return replace(source_of(place, None, (), asked=True), encoding=encoding)


FORMAT = Format("dbf", recognises, open_dbf)
