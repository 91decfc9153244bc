"""The chain district › sub-district › station › community › cell, each level the exact union of the one below."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
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

DISTRICT = ("320508", "姑苏区", "Gusu District")


@dataclass
class _Table:
    rows: list[dict[str, Any]] = field(default_factory=list)

    def add(self, area: tuple[str, str, str], level: str, parent: str | None, geometry: BaseGeometry) -> None:
        code, name, name_en = area
        self.rows.append(
            {"code": code, "name": name, "name_en": name_en, "level": level, "parent_code": parent, "geometry": geometry}
        )


def area_table(cells: Sequence[Block]) -> gpd.GeoDataFrame:
    """All areas of the five levels, EPSG:4326: code, name, name_en, level, parent_code, geometry."""
    polygons = [cell.polygon for cell in cells]
    graph, table = adjacency(polygons), _Table()
    shapes = all_to_degrees(polygons)
    table.add(DISTRICT, "district", None, _union(shapes))
    seeds = defaultdict(list)
    for row in rows("communities"):
        seeds[row["subdistrict"]].append(row)
    for label, row in enumerate(rows("subdistricts")):
        members = {i for i, cell in enumerate(cells) if cell.label == label}
        _add_subdistrict(table, row, seeds[row["code"]], members, graph, polygons, shapes)
    order = ["district", "subdistrict", "station", "community", "grid_cell"]
    table.rows.sort(key=lambda r: (order.index(r["level"]), r["code"]))
    return gpd.GeoDataFrame(table.rows, geometry="geometry", crs=DEGREES)


def _add_subdistrict(
    table: _Table,
    row: Row,
    seeds: list[Row],
    members: set[int],
    graph: Adjacency,
    polygons: Sequence[Polygon],
    shapes: Sequence[Polygon],
) -> None:
    code = row["code"]
    table.add((code, row["name"], row["name_en"]), "subdistrict", DISTRICT[0], _union([shapes[i] for i in members]))
    centres = [p.representative_point() for p in polygons]
    owner = grow(members, graph, centres, [to_metres(point(seed)) for seed in seeds])
    grounds = [sorted(i for i in members if owner[i] == k) for k in range(len(seeds))]
    stations = _stations([shapely.union_all([polygons[i] for i in g]) for g in grounds], int(row["stations"]))
    for number, group in enumerate(stations, start=1):
        station = f"{code}{number:02d}"
        lead = seeds[group[0]]
        names = (station, _station_name(lead["name"]), lead["name_en"].replace("Community", "Work Station"))
        table.add(names, "station", code, _union([shapes[i] for k in group for i in grounds[k]]))
        for k in group:
            community = f"{code}{k + 1:03d}"
            seed = seeds[k]
            ground = [shapes[i] for i in grounds[k]]
            table.add((community, seed["name"], seed["name_en"]), "community", station, _union(ground))
            _add_cells(table, community, ground)


def _station_name(community: str) -> str:
    return community.removesuffix("社区") + "联动工作站"


def _add_cells(table: _Table, community: str, ground: Sequence[Polygon]) -> None:
    """Numbers the cells of a community in rows from the north-west, as one reads."""
    spots = [shape.representative_point() for shape in ground]
    order = sorted(range(len(ground)), key=lambda i: (-round(spots[i].y, 3), spots[i].x))
    for number, i in enumerate(order, start=1):
        names = (f"{community}{number:03d}", f"第{number:03d}网格", f"Cell {number:03d}")
        table.add(names, "grid_cell", community, ground[i])


def _stations(grounds: Sequence[BaseGeometry], count: int) -> list[list[int]]:
    """Communities grouped into `count` neighbouring groups, from north to south; each group's own first is its lead."""
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


def _union(shapes: Sequence[BaseGeometry]) -> BaseGeometry:
    return shapely.coverage_union_all(np.array(shapes, dtype=object)).normalize()
