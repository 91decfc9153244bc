"""Shapefiles in a .zip, one layer or several, by GDAL: a missing .shx is rebuilt, a missing .prj is asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pyogrio

from etl.formats import archive
from etl.formats.archive import Member
from etl.formats.base import Format, Opening, Source
from etl.formats.dbase import encoding_of
from etl.formats.gdal import Place, chosen, source_of
from etl.formats.workroom import Workroom
from etl.intake import Intake
from geodata.errors import FileRefused

PARTS = (".shp", ".shx", ".dbf", ".prj", ".cpg")
MAGIC = b"\x00\x00\x27\x0a"


def recognises(intake: Intake) -> bool:
    """Whether it is a .zip with a .shp in it, or a .shp that came alone."""
    if not archive.is_archive(intake):
        return intake.head.startswith(MAGIC)
    return any(member.suffix == ".shp" for member in archive.members(intake, inner=True))


def open_shapefile(intake: Intake, opening: Opening) -> Source:
    """Unpack the layer asked for, else the first by name, and open it."""
    if not archive.is_archive(intake):
        raise FileRefused(
            f"“{intake.path.name}” is a .shp alone; pack it with its .dbf, .shx and .prj into one .zip."
        )
    layers = _layers(intake)
    layer = chosen(intake.path.name, tuple(layers), opening.layer)
    room = Workroom()
    _unpack(intake, layer, layers[layer], room.folder)
    return _opened(intake, opening, room, (layer, tuple(layers)))


def _layers(intake: Intake) -> dict[str, dict[str, Member]]:
    """Parts by ending, by layer; the folder is in the name only where two layers would share one."""
    stems: dict[str, dict[str, Member]] = {}
    for member in archive.members(intake):
        if member.suffix in PARTS:
            stems.setdefault(str(member.path.with_suffix("")).lower(), {})[member.suffix] = member
    whole = [parts for parts in stems.values() if ".shp" in parts]
    names = [parts[".shp"].path.stem for parts in whole]
    told = [
        name if names.count(name) == 1 else str(parts[".shp"].path.with_suffix(""))
        for name, parts in zip(names, whole, strict=True)
    ]
    return dict(sorted(zip(told, whole, strict=True)))


def _unpack(intake: Intake, layer: str, parts: dict[str, Member], folder: Path) -> None:
    if ".dbf" not in parts:
        raise FileRefused(f"“{intake.path.name}” holds {layer}.shp without its .dbf; send both.")
    archive.unpack(intake, ((member, folder / f"file{suffix}") for suffix, member in parts.items()))


def _opened(intake: Intake, opening: Opening, room: Workroom, which: tuple[str, Sequence[str]]) -> Source:
    name, folder = intake.path.name, room.folder
    pyogrio.set_gdal_config_options({"SHAPE_RESTORE_SHX": True})
    cpg = folder / "file.cpg"
    said = cpg.read_bytes()[:60].decode("latin-1") if cpg.exists() else None
    encoding = encoding_of(folder / "file.dbf", name, opening.encoding, said)
    place = Place(str(folder / "file.shp"), "ESRI Shapefile", name, room, encoding=encoding)
    layer, layers = which
    source = source_of(place, layer, tuple(layers), asked=opening.layer is not None)
    return replace(source, encoding=encoding)


FORMAT = Format("shapefile", recognises, open_shapefile)
