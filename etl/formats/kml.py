"""KML, and KMZ, which is KML in a .zip: the folders one below the other, by GDAL."""

from __future__ import annotations

from dataclasses import replace

from etl.formats import archive, markup
from etl.formats.base import Format, Opening, Source
from etl.formats.gdal import Place, chosen, layers_of, source_of
from etl.formats.workroom import Workroom
from etl.intake import Intake
from geodata.errors import FileRefused

LARGEST_BYTES = 100_000_000  # GDAL holds the whole document, about ten times its size
DRAWING = ("altitudeMode", "tessellate", "extrude", "visibility", "drawOrder", "icon")


def recognises(intake: Intake) -> bool:
    """Whether it is XML whose root is <kml>, or a .zip with a .kml in it."""
    if archive.is_archive(intake):
        found = archive.members(intake, inner=True)
        endings = {member.suffix for member in found}
        return ".kml" in endings and ".shp" not in endings
    text = intake.head.replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")
    return text.startswith(b"<") and b"<kml" in text


def open_kml(intake: Intake, opening: Opening) -> Source:
    """Open the folder asked for, else the first that GDAL finds."""
    room = Workroom()
    file = room.folder / "file.kml"
    if archive.is_archive(intake):
        found = archive.members(intake)
        markup.check_members(intake, found)
        main = min(
            (m for m in found if m.suffix == ".kml"), key=lambda m: (len(m.path.parts), m.name != "doc.kml")
        )
        _check_size(intake, main.info.file_size)
        archive.unpack(intake, [(main, file)])
    else:
        _check_size(intake, intake.size)
        markup.check_file(intake)
        room.show(intake.path, file.name)
    place = Place(str(file), "LIBKML", intake.path.name, room)
    layers = layers_of(place)
    layer = chosen(place.name, layers, opening.layer)
    return source_of(
        replace(place, layer=layer), layer, layers, asked=opening.layer is not None, hidden=DRAWING
    )


def _check_size(intake: Intake, size: int) -> None:
    if size > LARGEST_BYTES:
        limit = LARGEST_BYTES // 1_000_000
        raise FileRefused(
            f"“{intake.path.name}” has {size / 1e6:,.0f} MB of KML; {limit} MB are allowed: split it."
        )


FORMAT = Format("kml", recognises, open_kml)
