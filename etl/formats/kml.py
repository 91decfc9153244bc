"""KML, and KMZ, which is KML in a .zip: the folders one below the other, by GDAL."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from etl.formats import archive, markup
from etl.formats.base import Format, Opening, Raw, Source
from etl.formats.gdal import Place, chosen, layers_of, rows_of, source_of
from etl.formats.kml_text import prepare
from etl.formats.workroom import Workroom
from etl.intake import Intake
from etl.quality import Ledger
from geodata.errors import FileRefused

LARGEST_BYTES = 100_000_000  # GDAL holds the whole document, about ten times its size
FOLDER = "folder"
FILE = "file.kml"
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
    """Open the folder asked for, else all of them."""
    room = Workroom()
    names = prepare(intake, _text_of(intake, room), room.folder / FILE, opening.encoding)
    place = Place(str(room.folder / FILE), "LIBKML", intake.path.name, room, names=names)
    layers = layers_of(place)
    if opening.layer is None and len(layers) > 1:
        return _together(place, layers)
    layer = chosen(place.name, layers, opening.layer)
    return source_of(replace(place, layer=layer), layer, layers, asked=True, hidden=DRAWING)


def _together(place: Place, layers: tuple[str, ...]) -> Source:
    """All folders one below the other: they sort alike things, by sub-district say, and so become a column."""
    places = {name: replace(place, layer=name) for name in layers}
    parts = {name: source_of(one, name, (), asked=True, hidden=DRAWING) for name, one in places.items()}
    columns = tuple(dict.fromkeys([FOLDER, *(column for part in parts.values() for column in part.columns)]))

    def rows(wanted: Sequence[str], ledger: Ledger) -> Iterator[Raw]:
        first, before = 1, ledger.read
        for name, part in parts.items():
            there = [column for column in wanted if column in part.columns]
            for raw in rows_of(places[name], there, ledger, first):
                yield Raw(raw.table.assign(**{FOLDER: name}).reindex(columns=list(wanted)), raw.shapes)
            first = ledger.read - before + 1

    source = next(iter(parts.values()))
    return replace(source, columns=columns, rows=rows, layers=layers, layer=None)


def _text_of(intake: Intake, room: Workroom) -> bytes:
    if not archive.is_archive(intake):
        _check_size(intake, intake.size)
        return intake.path.read_bytes()
    found = archive.members(intake)
    markup.check_members(intake, found)
    main = min(
        (m for m in found if m.suffix == ".kml"), key=lambda m: (len(m.path.parts), m.name != "doc.kml")
    )
    _check_size(intake, main.info.file_size)
    archive.unpack(intake, [(main, room.folder / "packed.kml")])
    return (room.folder / "packed.kml").read_bytes()


def _check_size(intake: Intake, size: int) -> None:
    if size > LARGEST_BYTES:
        limit = LARGEST_BYTES // 1_000_000
        raise FileRefused(
            f"“{intake.path.name}” has {size / 1e6:,.0f} MB of KML; {limit} MB are allowed: split it."
        )


FORMAT = Format("kml", recognises, open_kml)
