"""Puts the demo district together: outline, streets, water, blocks, cells, areas."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import geopandas as gpd
from shapely.geometry import Point, Polygon
from shapely.geometry.base import BaseGeometry

from etl.demo.geography import areas, blocks, cells, nature, places, streets
from etl.demo.geography.metric import to_metres
from etl.demo.geography.outline import district_outline
from etl.demo.geography.source import ring, rows

CELLS = 1358
_OLD_TOWN_CELL_M2 = 21_000.0
_SUBURB_CELL_M2 = 60_000.0
_EDGE_CELL_M2 = 130_000.0
_EDGE_M = 4_500.0  # from the moat


@dataclass(frozen=True)
class Geography:
    """The demo district: tables in EPSG:4326 whose columns are told by the functions that make them."""

    outline: BaseGeometry
    areas: gpd.GeoDataFrame
    roads: gpd.GeoDataFrame
    water: gpd.GeoDataFrame
    greens: gpd.GeoDataFrame
    places: gpd.GeoDataFrame
    heritage: gpd.GeoDataFrame


def build() -> Geography:
    """The demo district, the same at every call; takes a few seconds."""
    outline = to_metres(district_outline())
    named = streets.named_streets(outline)
    wanted = _wanted(nature.moat_ground())
    lines = [s.line for s in named if not s.raised] + nature.water_lines()
    rings = [to_metres(ring(row["ring"])) for row in rows("subdistricts")]
    grid, cuts = cells.cut(blocks.blocks(outline, lines, rings, wanted), CELLS, wanted)
    table = areas.area_table(grid)
    small = streets.lanes(cuts, named, nature.barriers())
    return Geography(
        outline=table.geometry.iloc[0],
        areas=table,
        roads=streets.street_table([*named, *small]),
        water=nature.water_table(outline),
        greens=nature.green_table(outline),
        places=places.place_table(),
        heritage=places.heritage_table(),
    )


def _wanted(old_town: Polygon) -> Callable[[Point], float]:
    """How large a cell should be at a place, square metres: small inside the moat, growing outwards."""

    def wanted_m2(spot: Point) -> float:
        away = old_town.distance(spot)
        if away == 0:
            return _OLD_TOWN_CELL_M2
        return _SUBURB_CELL_M2 + (_EDGE_CELL_M2 - _SUBURB_CELL_M2) * min(1.0, away / _EDGE_M)

    return wanted_m2
