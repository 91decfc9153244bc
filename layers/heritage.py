"""Protected objects of the old town 古城保护 with grade and condition."""

from __future__ import annotations

from layers.base import Bilingual, Layer, Tiles, named

LAYER = Layer(
    key="heritage",
    title=Bilingual("文物保护", "Heritage"),
    source=Tiles(
        "heritage_objects", columns=named("id", "code", "name", "name_en", "grade", "condition", "era")
    ),
    unit=Bilingual("处", "objects"),
    palette=("--jade", "--watch", "--warning"),
    order=60,
)
