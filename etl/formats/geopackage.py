"""GeoPackage: one of its layers, by GDAL."""

from __future__ import annotations

from dataclasses import replace

from etl.formats.base import Format, Opening, Source
from etl.formats.gdal import Place, chosen, layers_of, source_of
from etl.formats.workroom import Workroom
from etl.intake import Intake

MAGIC = b"SQLite format 3\0"


def recognises(intake: Intake) -> bool:
    """Whether it is an SQLite file that calls itself a GeoPackage or has its table of contents."""
    return intake.head.startswith(MAGIC) and (intake.head[68:70] == b"GP" or b"gpkg_contents" in intake.head)


def open_geopackage(intake: Intake, opening: Opening) -> Source:
    """Open the layer asked for, else the first."""
    room = Workroom()
    path = f"GPKG:{room.show(intake.path, 'file.gpkg')}"
    # A file that says it is being written (WAL) would otherwise need to be written to.
    place = Place(path, "GPKG", intake.path.name, room, options={"IMMUTABLE": "YES"})
    layers = layers_of(place)
    layer = chosen(place.name, layers, opening.layer)
    return source_of(replace(place, layer=layer), layer, layers, asked=opening.layer is not None)


FORMAT = Format("geopackage", recognises, open_geopackage)
