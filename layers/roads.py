"""Streets by class, the lesser ones from nearer zooms."""

from __future__ import annotations

from layers.base import Bilingual, Layer, Shapes, Thin

MAIN = ("motorway", "trunk", "primary")
THROUGH = (*MAIN, "secondary", "tertiary")

LAYER = Layer(
    key="roads",
    title=Bilingual("道路", "Roads"),
    source=Shapes(
        table="roads",
        columns={"name": "name", "name_en": "name_en", "class": "class"},
        thin=(Thin(12, "class", MAIN), Thin(15, "class", THROUGH)),
    ),
    palette=("--map-road", "--map-road-main"),
    order=20,
)
