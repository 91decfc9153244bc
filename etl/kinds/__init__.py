"""Kinds of files, one module each with a `KIND`; a new kind is one new file here."""

from __future__ import annotations

import pkgutil
from importlib import import_module

from etl.kinds.base import KindOf
from geodata.errors import Refused


def discover() -> dict[str, KindOf]:
    """Every kind, by key."""
    names = sorted(module.name for module in pkgutil.iter_modules(__path__) if module.name != "base")
    kinds = [import_module(f"{__name__}.{name}").KIND for name in names]
    for name, found in zip(names, kinds, strict=True):
        if found.key != name:
            raise LookupError(f"the kind in {name}.py calls itself {found.key}")
    return {found.key: found for found in kinds}


def kind_of(key: str) -> KindOf:
    """A kind by key; Refused names those there are."""
    kinds = discover()
    if key not in kinds:
        raise Refused(f"There is no kind of file “{key}”; there are: {', '.join(kinds)}.")
    return kinds[key]
