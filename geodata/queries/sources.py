"""What an overlay may be drawn from, said in names only; `relations` checks them against the schema."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from geodata.types import Bilingual


@dataclass(frozen=True, slots=True)
class Thin:
    """Below a zoom only the rows whose column holds one of the values are drawn."""

    below_zoom: int
    column: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Shapes:
    """Lines or polygons of a table; `columns` maps the attribute a feature carries to the column it comes from."""

    table: str
    columns: Mapping[str, str] = field(hash=False)
    where: Mapping[str, str] = field(default_factory=dict, hash=False)
    min_zoom: int = 0
    thin: tuple[Thin, ...] = ()
    labels: bool = False


@dataclass(frozen=True, slots=True)
class Tiles:
    """Points of a table, too many to send at once; below a zoom only their number per patch is drawn.

    `counted` names an attribute of a patch and the column and value whose points it counts.
    """

    table: str
    columns: Mapping[str, str] = field(hash=False)
    where: Mapping[str, str] = field(default_factory=dict, hash=False)
    min_zoom: int = 0
    cluster_below_zoom: int = 0
    counted: tuple[str, str, str] | None = None


@dataclass(frozen=True, slots=True)
class Cells:
    """Located tickets counted per H3 cell, at a resolution that follows the zoom."""

    min_zoom: int = 0


@dataclass(frozen=True, slots=True)
class Raster:
    """A cloud-optimised GeoTIFF in the folder of rasters; values from `low` to `high` take the palette's colours.

    `per_pixel` says that the file counts things in each pixel; they are then drawn per hectare.
    """

    file: str
    low: float
    high: float
    min_zoom: int = 0
    per_pixel: bool = False


@dataclass(frozen=True, slots=True)
class People:
    """People per H3 cell in the newest tick of a crowd feed, at a resolution that follows the zoom.

    `breaks` are the lowest densities of the colour classes, people per m² that can be walked on, ascending from 0.
    """

    breaks: tuple[float, ...]
    min_zoom: int = 0


@dataclass(frozen=True, slots=True)
class OpenAlerts:
    """Alerts that are open, few enough to be sent whole: their outlines, levels and states."""

    min_zoom: int = 0


@dataclass(frozen=True, slots=True)
class Stretches:
    """Stretches of road that stand out by the tickets of a question, all its categories taken together."""

    min_zoom: int = 0


@dataclass(frozen=True, slots=True)
class Classed:
    """Cells or lines that a door answers whole for a question, each in one of the classes; `labels` name those.

    A class takes the colour of the layer's palette at its place; `neutral` is not drawn; `glyphs` (up, stay, down or
    nothing, a class each) are drawn on the cells, so that they can be read without colour.
    """

    door: str
    labels: tuple[Bilingual, ...]
    neutral: int | None = None
    glyphs: tuple[str, ...] = ()
    drawn: Literal["cells", "lines"] = "cells"
    min_zoom: int = 0


Source = Stretches | Shapes | Tiles | Cells | Raster | People | OpenAlerts | Classed


def named(*same: str, **renamed: str) -> dict[str, str]:
    """Columns by attribute: those that keep their names, then those that get another."""
    return {name: name for name in same} | renamed
