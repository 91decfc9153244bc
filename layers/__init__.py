"""Overlays of the map, one file each; a new file here is a new overlay."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache
from types import MappingProxyType

from layers.base import Layer


@cache
def discover() -> MappingProxyType[str, Layer]:
    """All overlays by key, lowest first; a file's name is the key of its LAYER."""
    found: list[Layer] = []
    for module in pkgutil.iter_modules(__path__):
        if module.name == "base":
            continue
        layer = importlib.import_module(f"{__name__}.{module.name}").LAYER
        if layer.key != module.name:
            raise ValueError(f"layers/{module.name}.py holds a layer called {layer.key}")
        found.append(layer)
    return MappingProxyType(
        {layer.key: layer for layer in sorted(found, key=lambda layer: (layer.order, layer.key))}
    )
