"""Gaps of camera coverage 监控盲区: cells with streets or places that no camera online sees."""

from __future__ import annotations

from layers.base import Bilingual, Layer, Shapes, named

LAYER = Layer(
    key="coverage",
    title=Bilingual("监控盲区", "Camera gaps"),
    source=Shapes("coverage_gaps", columns=named("kind", "streets_m", "places"), min_zoom=13),
    unit=Bilingual("六边形，过半街面看不到", "cells, most of their street unseen"),
    palette=("--silent",),
    roles=("commander", "operator", "admin"),
    refresh_s=600,
    attribution=Bilingual(
        "按监控朝向、视角、距离和建筑推算", "Reckoned from heading, field of view, range and buildings"
    ),
    order=33,
)
