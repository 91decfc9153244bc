"""FlatGeobuf, by GDAL."""

from __future__ import annotations

from etl.formats.base import Format, Opening, Source
from etl.formats.gdal import Place, source_of
from etl.formats.workroom import Workroom
from etl.intake import Intake


def recognises(intake: Intake) -> bool:
    """Whether the file begins with the mark of FlatGeobuf, of any patch version."""
    return intake.head[:3] == b"fgb" and intake.head[4:7] == b"fgb"


def open_flatgeobuf(intake: Intake, _: Opening) -> Source:
    """Open its one layer."""
    room = Workroom()
    place = Place(str(room.show(intake.path, "file.fgb")), "FlatGeobuf", intake.path.name, room)
    return source_of(place, None, (), asked=True)


FORMAT = Format("flatgeobuf", recognises, open_flatgeobuf)
