"""The chain district › sub-district › station › community › cell, each level the exact union of the one below."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from shapely.geometry import Point, Polygon
from shapely.geometry.base import BaseGeometry

from etl.demo.geography.blocks import Block
from etl.demo.geography.graph import Adjacency, adjacency, grow
from etl.demo.geography.metric import DEGREES, all_to_degrees, to_metres
from etl.demo.geography.source import Row, point, rows

LEVELS = ("district", "subdistrict", "station", "community", "grid_cell")
DISTRICT = ("320508", "姑苏区", "Gusu District")


@dataclass
class _Ground:
    """The cells, in metres for measuring and in degrees for keeping, and the rows made of them so far."""

    polygons: list[Polygon]
    shapes: list[Polygon]
    graph: Adjacency
    centres: list[Point]
    rows: list[dict[str, Any]] = field(default_factory=list)

    def add(self, area: tuple[str, str, str], level: str, parent: str | None, cells: Iterable[int]) -> None:
        names = dict(zip(("code", "name", "name_en"), area, strict=True))
        union = shapely.coverage_union_all(np.array([self.shapes[i] for i in cells], dtype=object))
        self.rows.append({**names, "level": level, "parent_code": parent, "geometry": union.normalize()})


def area_table(cells: Sequence[Block]) -> gpd.GeoDataFrame:
    """All areas of the five levels, EPSG:4326: code, name, name_en, level, parent_code, geometry.

    Codes: district 6 digits, sub-district 9, station 9 + 2, community 9 + 3, cell that of its community + 3.
    """
    polygons = [cell.polygon for cell in cells]
    centres = [p.representative_point() for p in polygons]
    ground = _Ground(polygons, all_to_degrees(polygons), adjacency(polygons), centres)
    ground.add(DISTRICT, "district", None, range(len(cells)))
    seeds = defaultdict(list)
    for row in rows("communities"):
        seeds[row["subdistrict"]].append(row)
    for label, row in enumerate(rows("subdistricts")):
        members = {i for i, cell in enumerate(cells) if cell.label == label}
        _add_subdistrict(ground, row, seeds[row["code"]], members)
    ground.rows.sort(key=lambda r: (LEVELS.index(r["level"]), r["code"]))
    return gpd.GeoDataFrame(ground.rows, geometry="geometry", crs=DEGREES)


def _add_subdistrict(ground: _Ground, row: Row, seeds: list[Row], members: set[int]) -> None:
    code = row["code"]
    ground.add((code, row["name"], row["name_en"]), "subdistrict", DISTRICT[0], members)
    owner = grow(members, ground.graph, ground.centres, [to_metres(point(seed)) for seed in seeds])
    homes = [sorted(i for i in members if owner[i] == k) for k in range(len(seeds))]
    wholes = [shapely.union_all([ground.polygons[i] for i in home]) for home in homes]
    for number, group in enumerate(_stations(wholes, int(row["stations"])), start=1):
        station, lead = f"{code}{number:02d}", seeds[group[0]]
        names = (station, _station_name(lead["name"]), lead["name_en"].replace("Community", "Work Station"))
        ground.add(names, "station", code, [i for k in group for i in homes[k]])
        for k in group:
            community = f"{code}{k + 1:03d}"
            ground.add((community, seeds[k]["name"], seeds[k]["name_en"]), "community", station, homes[k])
            _add_cells(ground, community, homes[k])


def _station_name(community: str) -> str:
    return community.removesuffix("社区") + "联动工作站"


def _add_cells(ground: _Ground, community: str, home: Sequence[int]) -> None:
    """Numbers the cells of a community in rows from the north-west, as one reads."""
    spots = {i: ground.shapes[i].representative_point() for i in home}
    order = sorted(home, key=lambda i: (-round(spots[i].y, 3), spots[i].x))
    for number, i in enumerate(order, start=1):
        names = (f"{community}{number:03d}", f"第{number:03d}网格", f"Cell {number:03d}")
        ground.add(names, "grid_cell", community, [i])


def _stations(grounds: Sequence[BaseGeometry], count: int) -> list[list[int]]:
    """Communities in `count` neighbouring groups, from north to south; the first of each is its lead."""
    centres = [ground.centroid for ground in grounds]
    groups = grow(set(range(len(grounds))), adjacency(grounds), centres, _spread(centres, count))
    members: list[list[int]] = [[] for _ in range(count)]
    for community, group in sorted(groups.items()):
        members[group].append(community)
    return sorted(members, key=lambda m: -max(centres[i].y for i in m))


def _spread(points: Sequence[Point], count: int) -> list[Point]:
    """`count` of the points, far from each other, beginning with the northernmost."""
    chosen = [max(points, key=lambda p: (p.y, p.x))]
    while len(chosen) < count:
        chosen.append(max(points, key=lambda p: min(p.distance(c) for c in chosen)))
    return chosen
