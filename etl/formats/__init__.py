"""File formats, one module each with a `FORMAT`; a new format is one new file here."""

from __future__ import annotations

import pkgutil
from importlib import import_module

from etl.formats.base import Format, Source
from etl.intake import Intake
from geodata.errors import FileRefused


def discover() -> dict[str, Format]:
    """Every format, by key."""
    names = sorted(module.name for module in pkgutil.iter_modules(__path__) if module.name != "base")
    formats = [import_module(f"{__name__}.{name}").FORMAT for name in names]
    for name, found in zip(names, formats, strict=True):
        if found.key != name:
            raise LookupError(f"the format in {name}.py calls itself {found.key}")
    return {found.key: found for found in formats}


def open_file(intake: Intake) -> Source:
    """Open a file by what its bytes are; FileRefused when no format knows them."""
    if intake.size == len(intake.head) and not intake.head.strip():
        raise FileRefused(f"The file “{intake.path.name}” is empty; ask for it again.")
    formats = discover()
    for found in formats.values():
        if found.recognises(intake.head):
            return found.open(intake)
    known = ", ".join(formats)
    raise FileRefused(f"“{intake.path.name}” is in none of the formats that can be read here ({known}).")
