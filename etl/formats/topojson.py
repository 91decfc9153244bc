"""TopoJSON: one of its objects, by GDAL; its coordinates are WGS 84, as in GeoJSON."""

from __future__ import annotations

import codecs
import re
from dataclasses import replace

from etl.formats.base import Format, Opening, Source
from etl.formats.gdal import Place, chosen, layers_of, source_of
from etl.formats.workroom import Workroom
from etl.intake import Intake
from geodata.errors import FileRefused
from geodata.space.crs import STORED

LARGEST_BYTES = 100_000_000  # GDAL holds the whole document, about ten times its size
TOPOLOGY = re.compile(rb'"type"\s*:\s*"Topology"')


def recognises(intake: Intake) -> bool:
    """Whether it is a JSON object that calls itself a Topology, at its beginning or at its end."""
    if intake.head.removeprefix(codecs.BOM_UTF8).lstrip()[:1] != b"{":
        return False
    if TOPOLOGY.search(intake.head[:4096]):
        return True
    with intake.path.open("rb") as stream:
        stream.seek(max(0, intake.size - 4096))
        return b'"arcs"' in intake.head + (tail := stream.read()) and bool(TOPOLOGY.search(tail))


def open_topojson(intake: Intake, opening: Opening) -> Source:
    """Open the object asked for, else the first."""
    if intake.size > LARGEST_BYTES:
        limit = LARGEST_BYTES // 1_000_000
        raise FileRefused(
            f"“{intake.path.name}” has {intake.size / 1e6:,.0f} MB; a TopoJSON may have {limit} MB: split it."
        )
    room = Workroom()
    path = f"TopoJSON:{room.show(intake.path, 'file.topojson')}"
    place = Place(path, "TopoJSON", intake.path.name, room)
    layers = layers_of(place)
    layer = chosen(place.name, layers, opening.layer)
    source = source_of(replace(place, layer=layer), layer, layers, asked=opening.layer is not None)
    return replace(source, crs=source.crs or STORED)


FORMAT = Format("topojson", recognises, open_topojson)
