"""Water and greens: true widths around centre lines, parks as turned boxes or drawn rings."""

from __future__ import annotations

import geopandas as gpd
import shapely
from shapely import affinity
from shapely.geometry import LineString, Polygon
from shapely.geometry.base import BaseGeometry

from etl.demo.geography.bends import rounded
from etl.demo.geography.metric import DEGREES, all_to_degrees, to_metres
from etl.demo.geography.source import Row, coordinates, line, ring, rows

_TURN_DEGREES = 8.5  # the old town's streets lean this much to the west of north
_BEYOND_M = 150.0  # the Grand Canal is the border: some of its width lies outside
_BROAD_M = 20.0
_BELT_M = 32.0  # the green belt on both banks of the moat
_CORNER = 0.3  # of the shorter side of a park, the radius of its corners


def water_lines() -> list[LineString]:
    """Centre lines that cells follow, EPSG:4549."""
    return [to_metres(line(row["line"])) for row in rows("water") if row["cut"] == "1"]


def moat_ground() -> Polygon:
    """The ground inside the moat's centre line, EPSG:4549."""
    row = next(row for row in rows("water") if row["kind"] == "moat")
    return to_metres(ring(row["line"]))


def barriers() -> BaseGeometry:
    """What no small lane crosses: broad water, lakes and greens, EPSG:4549."""
    lakes = [to_metres(ring(row["ring"])) for row in rows("lakes")]
    return shapely.union_all([_broad_water(), *lakes, *(_green(row) for row in rows("greens"))])


def _broad_water() -> BaseGeometry:
    return shapely.union_all([_river(row) for row in rows("water") if float(row["width_m"]) >= _BROAD_M])


def water_table(outline: Polygon) -> gpd.GeoDataFrame:
    """Water as polygons, EPSG:4326: name, name_en, kind, geometry; `outline` in EPSG:4549."""
    edge = outline.buffer(_BEYOND_M)
    drawn = [(row, shapely.intersection(_river(row), edge)) for row in rows("water")]
    drawn += [(row, Polygon(rounded(to_metres(ring(row["ring"]).exterior)))) for row in rows("lakes")]
    return _table(drawn)


def green_table(outline: Polygon) -> gpd.GeoDataFrame:
    """Greens as polygons, EPSG:4326: name, name_en, kind, geometry; water is left out; `outline` in EPSG:4549."""
    broad = _broad_water()
    drawn = [
        (row, shapely.difference(shapely.intersection(_green(row), outline), broad)) for row in rows("greens")
    ]
    moat = next(row for row in rows("water") if row["kind"] == "moat")
    banks = shapely.difference(_river(moat).buffer(_BELT_M), broad)
    belt = {"name": "环古城风貌绿带", "name_en": "Moat Green Belt", "kind": "park"}
    return _table([*drawn, (belt, banks)])


def _river(row: Row) -> BaseGeometry:
    centre = to_metres(line(row["line"]))
    return rounded(centre).buffer(float(row["width_m"]) / 2, quad_segs=4)


def _green(row: Row) -> BaseGeometry:
    if not row["width_m"]:
        return Polygon(rounded(to_metres(ring(row["shape"]).exterior)))
    middle = to_metres(shapely.Point(coordinates(row["shape"])[0]))
    width, height = float(row["width_m"]), float(row["height_m"])
    corner = _CORNER * min(width, height)
    box = shapely.box(corner - width / 2, corner - height / 2, width / 2 - corner, height / 2 - corner)
    turned = affinity.rotate(box.buffer(corner, quad_segs=4), _TURN_DEGREES, origin=(0, 0))
    return affinity.translate(turned, middle.x, middle.y)


def _table(drawn: list[tuple[Row, BaseGeometry]]) -> gpd.GeoDataFrame:
    kept = [(row, shape) for row, shape in drawn if not shape.is_empty]
    table = [{key: row[key] for key in ("name", "name_en", "kind")} for row, _ in kept]
    shapes = [shapely.make_valid(shape) for shape in all_to_degrees([shape for _, shape in kept])]
    return gpd.GeoDataFrame(table, geometry=shapes, crs=DEGREES)
