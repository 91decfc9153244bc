"""What an overlay is: a value that says what it shows and where its rows come from."""

from __future__ import annotations

from dataclasses import dataclass

from geodata.queries.sources import (
    Cells,
    Classed,
    OpenAlerts,
    People,
    Raster,
    Shapes,
    Source,
    Stretches,
    Thin,
    Tiles,
    named,
)
from geodata.types import ROLES, Bilingual, Role

__all__ = [
    "DEMO",
    "Bilingual",
    "Cells",
    "Classed",
    "Layer",
    "OpenAlerts",
    "People",
    "Raster",
    "Shapes",
    "Source",
    "Stretches",
    "Thin",
    "Tiles",
    "area_shapes",
    "named",
]

DEMO = Bilingual("区空间数据库", "District spatial database")


@dataclass(frozen=True, slots=True)
class Layer:
    """One overlay; `palette` names design tokens from low to high, `order` stacks it (higher is above).

    `refresh_s` is how often a page asks again, None when the rows change only by a load. `depth` is set for outlines of
    areas: how far below the district the level stands, whatever this district calls it.
    """

    key: str
    title: Bilingual
    source: Source
    unit: Bilingual | None = None
    palette: tuple[str, ...] = ()
    roles: tuple[Role, ...] = ROLES
    refresh_s: int | None = None
    attribution: Bilingual = DEMO
    order: int = 0
    depth: int | None = None

    @property
    def kind(self) -> str:
        """Shapes, cells, tiles, raster, people, openalerts or classed: which renderer draws it."""
        return type(self.source).__name__.lower()


def area_shapes(level: str, min_zoom: int) -> Shapes:
    """The outlines of one level of the district's own scheme, with their labels."""
    return Shapes(
        table="areas",
        columns=named("id", "code", "name", "name_en", "level"),
        where={"scheme": "grid", "level": level},
        min_zoom=min_zoom,
        labels=True,
    )
