"""File formats, one module each with a `FORMAT`; a new format is one new file here.

Modules without one are what several formats share.
"""

from __future__ import annotations

import pkgutil
from dataclasses import replace
from functools import lru_cache
from importlib import import_module

from etl.formats.archive import is_archive
from etl.formats.base import Format, Opening, Source
from etl.intake import Intake
from geodata.errors import FileRefused

ADVICE = {
    b"\xd0\xcf\x11\xe0": "is an Excel file of the old kind (.xls) or locked with a password; save it as .xlsx without one",
    b"Rar!": "is a RAR archive; pack it as .zip",
    b"7z\xbc\xaf": "is a 7z archive; pack it as .zip",
    b"\x1f\x8b": "is packed with gzip; unpack it first",
    b"%PDF": "is a PDF; ask for the data it was made from",
    b"AC10": "is a drawing (DWG); have it saved as a shapefile or GeoJSON",
    b"\x00\x00\x27\x0a": "is one part of a shapefile; pack all of its parts into one .zip",
}


@lru_cache(maxsize=1)
def discover() -> dict[str, Format]:
    """Every format, by key."""
    names = sorted(module.name for module in pkgutil.iter_modules(__path__))
    modules = {name: import_module(f"{__name__}.{name}") for name in names}
    formats = {name: module.FORMAT for name, module in modules.items() if hasattr(module, "FORMAT")}
    for name, found in formats.items():
        if found.key != name:
            raise LookupError(f"the format in {name}.py calls itself {found.key}")
    return formats


def format_of(intake: Intake) -> Format:
    """The format that a file's bytes are in; FileRefused when none knows them."""
    if intake.size == len(intake.head) and not intake.head.strip():
        raise FileRefused(f"The file “{intake.path.name}” is empty; ask for it again.")
    for found in discover().values():
        if found.recognises(intake):
            return found
    raise FileRefused(f"“{intake.path.name}” {_advice(intake)}.")


def _advice(intake: Intake) -> str:
    known = ", ".join(discover())
    if is_archive(intake):
        return f"is an archive with nothing in it that can be read so; unpack it and send the file itself ({known})"
    told = (advice for magic, advice in ADVICE.items() if intake.head.startswith(magic))
    return next(told, f"is in none of the formats that can be read here ({known})")


def open_file(intake: Intake, opening: Opening = Opening()) -> Source:  # noqa: B008 (a frozen value)
    """Open a file by what its bytes are; FileRefused when no format knows them."""
    found = format_of(intake)
    return replace(found.open(intake, opening), format=found.key)
