"""Water and greens: true widths around centre lines, parks as turned boxes or drawn rings."""

from __future__ import annotations

from itertools import pairwise

import geopandas as gpd
import shapely
from shapely import affinity
from shapely.geometry import LineString, Polygon
from shapely.geometry.base import BaseGeometry

from etl.demo.geography.metric import DEGREES, all_to_degrees, to_metres
from etl.demo.geography.source import Row, coordinates, line, ring, rows

_TURN_DEGREES = 8.5  # the old town's streets lean this much to the west of north
_BEYOND_M = 150.0  # the Grand Canal is the border: some of its width lies outside
_BELT_M = 32.0  # the green belt on both banks of the moat
_SMOOTH_M = 60.0
_CORNER = 0.22


def water_lines() -> list[LineString]:
    """Centre lines that cells follow, EPSG:4549."""
    return [to_metres(line(row["line"])) for row in rows("water") if row["cut"] == "1"]


def moat_ground() -> Polygon:
    """The ground inside the moat's centre line, EPSG:4549."""
    row = next(row for row in rows("water") if row["kind"] == "moat")
    return to_metres(ring(row["line"]))


def broad_water(least_m: float) -> BaseGeometry:
    """All water at least `least_m` wide, EPSG:4549."""
    return shapely.union_all([_river(row) for row in rows("water") if float(row["width_m"]) >= least_m])


def water_table(outline: Polygon) -> gpd.GeoDataFrame:
    """Water as polygons, EPSG:4326: name, name_en, kind, geometry; `outline` in EPSG:4549."""
    edge = outline.buffer(_BEYOND_M)
    drawn = [(row, shapely.intersection(_river(row), edge)) for row in rows("water")]
    drawn += [(row, _rounded(to_metres(ring(row["ring"])))) for row in rows("lakes")]
    return _table(drawn)


def green_table(outline: Polygon) -> gpd.GeoDataFrame:
    """Greens as polygons, EPSG:4326: name, name_en, kind, geometry; water is left out; `outline` in EPSG:4549."""
    broad = broad_water(20)
    drawn = [
        (row, shapely.difference(shapely.intersection(_green(row), outline), broad)) for row in rows("greens")
    ]
    moat = next(row for row in rows("water") if row["kind"] == "moat")
    banks = shapely.difference(_river(moat).buffer(_BELT_M), broad)
    belt = {"name": "环古城风貌绿带", "name_en": "Moat Green Belt", "kind": "park"}
    return _table([*drawn, (belt, banks)])


def _river(row: Row) -> BaseGeometry:
    centre = to_metres(line(row["line"]))
    return _smooth(centre).buffer(float(row["width_m"]) / 2, cap_style="flat", join_style="round")


def _smooth(centre: LineString) -> LineString:
    """Bends as water makes them: each corner is cut twice; rings stay rings."""
    points = [(p[0], p[1]) for p in centre.coords]
    closed = points[0] == points[-1]
    for _ in range(2):
        bent = [] if closed else [points[0]]
        for (ax, ay), (bx, by) in pairwise(points):
            reach = min(_CORNER, _SMOOTH_M / max(1.0, ((bx - ax) ** 2 + (by - ay) ** 2) ** 0.5))
            bent += [
                (ax + reach * (bx - ax), ay + reach * (by - ay)),
                (bx + reach * (ax - bx), by + reach * (ay - by)),
            ]
        points = [*bent, bent[0]] if closed else [*bent, points[-1]]
    return LineString(points)


def _green(row: Row) -> BaseGeometry:
    if not row["width_m"]:
        return _rounded(to_metres(ring(row["shape"])))
    middle = to_metres(shapely.Point(coordinates(row["shape"])[0]))
    width, height = float(row["width_m"]), float(row["height_m"])
    box = shapely.box(-width / 2, -height / 2, width / 2, height / 2)
    turned = affinity.rotate(box, _TURN_DEGREES, origin=(0, 0))
    return affinity.translate(turned, middle.x, middle.y)


def _rounded(polygon: Polygon) -> Polygon:
    return Polygon(_smooth(polygon.exterior).coords)


def _table(drawn: list[tuple[Row, BaseGeometry]]) -> gpd.GeoDataFrame:
    kept = [(row, shape) for row, shape in drawn if not shape.is_empty]
    table = [{key: row[key] for key in ("name", "name_en", "kind")} for row, _ in kept]
    shapes = [shapely.make_valid(shape) for shape in all_to_degrees([shape for _, shape in kept])]
    return gpd.GeoDataFrame(table, geometry=shapes, crs=DEGREES)
