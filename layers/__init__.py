"""Overlays of the map, one file each; a new file here is a new overlay."""

from __future__ import annotations

import importlib
import pkgutil
from dataclasses import replace
from functools import cache
from types import MappingProxyType

from geodata.profile import Profile
from layers.base import Layer, Shapes


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


@cache
def of(profile: Profile) -> MappingProxyType[str, Layer]:
    """The overlays of one district: outlines speak of its own levels, and those it does not have are left out."""
    fitted = {key: fit(layer, profile) for key, layer in discover().items()}
    return MappingProxyType({key: layer for key, layer in fitted.items() if layer})


def fit(layer: Layer, profile: Profile) -> Layer | None:
    """A layer as this district has it, None where its level does not exist there."""
    if layer.depth is None or not isinstance(layer.source, Shapes):
        return layer
    if layer.depth >= len(profile.levels):
        return None
    level = profile.levels[layer.depth]
    where = {"scheme": profile.scheme, "level": level.key}
    if layer.source.where == where:
        return layer
    return replace(layer, title=level.title, source=replace(layer.source, where=where, min_zoom=0))
