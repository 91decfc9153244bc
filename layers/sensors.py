"""Sensors 物联感知 with their state and last reading."""

from __future__ import annotations

from layers.base import Bilingual, Layer, Tiles, named

LAYER = Layer(
    key="sensors",
    title=Bilingual("物联感知", "Sensors"),
    source=Tiles("sensors", columns=named("id", "code", "name", "kind", "state", "value", "unit")),
    unit=Bilingual("个", "sensors"),
    palette=("--jade", "--notice", "--watch", "--warning", "--danger"),
    refresh_s=60,
    order=71,
)
