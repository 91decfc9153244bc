"""File formats, one module each with a `FORMAT`; a new format is one new file here.

Modules without one are what several formats share.
"""

from __future__ import annotations

import pkgutil
from dataclasses import replace
from functools import lru_cache
from importlib import import_module

from etl.formats.base import Format, Opening, Source
from etl.intake import Intake
from geodata.errors import FileRefused


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
    known = ", ".join(discover())
    raise FileRefused(f"“{intake.path.name}” is in none of the formats that can be read here ({known}).")


def open_file(intake: Intake, opening: Opening = Opening()) -> Source:  # noqa: B008 (a frozen value)
    """Open a file by what its bytes are; FileRefused when no format knows them."""
    found = format_of(intake)
    return replace(found.open(intake, opening), format=found.key)
