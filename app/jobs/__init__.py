"""Long work that the worker does, one file a kind; a new file here is a new kind."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache
from types import MappingProxyType

from app.jobs.base import Kind


@cache
def discover() -> MappingProxyType[str, Kind]:
    """All kinds by key; a file's name is the key of its KIND."""
    found: dict[str, Kind] = {}
    for module in pkgutil.iter_modules(__path__):
        if module.name in ("base", "doing", "uploaded"):
            continue
        kind = importlib.import_module(f"{__name__}.{module.name}").KIND
        if kind.key != module.name:
            raise ValueError(f"app/jobs/{module.name}.py holds a kind called {kind.key}")
        found[kind.key] = kind
    return MappingProxyType(found)
