"""Residents per hectare, a generated population raster."""

from __future__ import annotations

from layers.base import Bilingual, Layer, Raster

LAYER = Layer(
    key="population",
    title=Bilingual("常住人口密度", "Population density"),
    source=Raster("population.tif", low=0, high=300, per_pixel=True),
    unit=Bilingual("人/公顷", "residents per hectare"),
    palette=tuple(f"--heat-{step}" for step in range(1, 8)),
    attribution=Bilingual("按建成区推算的示例数据", "Sample data derived from built-up land"),
    order=25,
)
