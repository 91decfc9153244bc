"""What can be taken away, one file a kind; a new file here is a new kind."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache
from types import MappingProxyType

from app.exports.base import Export

PARTS = ("base", "drawing", "frames", "matter", "words")


@cache
def discover() -> MappingProxyType[str, Export]:
    """All kinds by key; a file's name is the key of its EXPORT."""
    found: dict[str, Export] = {}
    for module in pkgutil.iter_modules(__path__):
        if module.name in PARTS:
            continue
        export = importlib.import_module(f"{__name__}.{module.name}").EXPORT
        if export.key != module.name:
            raise ValueError(f"app/exports/{module.name}.py holds an export called {export.key}")
        found[export.key] = export
    return MappingProxyType(found)
