"""The named streets of the district and the small lanes inside its blocks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import cast

import geopandas as gpd
import shapely
from shapely.geometry import LineString, MultiLineString, Polygon
from shapely.geometry.base import BaseGeometry

from etl.demo.geography.junctions import bent, joined
from etl.demo.geography.metric import DEGREES, all_to_degrees, all_to_metres
from etl.demo.geography.source import Row, line, rows

_METRES_PER_DOOR = 4.5  # two sides, a door every nine metres
_LANE_M = (70.0, 700.0)
_DIGITS = "〇一二三四五六七八九"
_TEN = 10


@dataclass(frozen=True)
class Street:
    """One street, its line in EPSG:4549 in the direction of its door numbers (odd on the left)."""

    name: str
    name_en: str
    kind: str
    doors: tuple[int, int] | None
    line: LineString
    raised: bool = False  # runs above another street and shares its line


def named_streets(outline: Polygon) -> list[Street]:
    """The streets of the data file, kept to the part inside `outline` (EPSG:4549)."""
    ground = [row for row in rows("streets") if not row["line"].startswith("=")]
    lines = joined(
        [_longest(own, outline) for own in bent(all_to_metres(line(row["line"]) for row in ground))]
    )
    streets = [_street(row, own) for row, own in zip(ground, lines, strict=True)]
    by_name = {street.name: street.line for street in streets}
    for row in rows("streets"):
        if row["line"].startswith("="):
            below = [by_name[name.removeprefix("=")] for name in row["line"].split()]
            whole = _longest(shapely.line_merge(MultiLineString(below)), outline)
            streets.append(replace(_street(row, whole), raised=True))
    return streets


def _street(row: Row, whole: LineString) -> Street:
    doors = (int(row["door_first"]), int(row["door_last"])) if row["door_first"] else None
    return Street(row["name"], row["name_en"], row["class"], doors, whole)


def _longest(geometry: BaseGeometry, outline: Polygon) -> LineString:
    """The longest unbroken part inside the outline."""
    parts = shapely.get_parts(shapely.intersection(geometry, outline))
    return cast("LineString", max(parts, key=lambda part: part.length))


def lanes(cuts: Sequence[LineString], streets: Sequence[Street], barriers: BaseGeometry) -> list[Street]:
    """Lanes along the cuts through blocks, named after the street they are nearest to; none crosses a barrier."""
    usable = [c for c in cuts if isinstance(c, LineString) and _LANE_M[0] < c.length < _LANE_M[1]]
    usable = [c for c in usable if not c.intersects(barriers)]
    ground = [s for s in streets if not s.raised and s.kind != "motorway"]
    tree = shapely.STRtree([s.line for s in ground])
    taken: Counter[str] = Counter()
    result: list[Street] = []
    for cut in sorted(usable, key=lambda c: (-c.coords[0][1], c.coords[0][0])):
        base = ground[int(tree.nearest(cut.interpolate(0.5, normalized=True)))]
        taken[base.name] += 1
        number = taken[base.name]
        name, name_en = f"{base.name}{chinese(number)}弄", f"{base.name_en}, Alley {number}"
        result.append(Street(name, name_en, "lane", None, cut))
    return result


def chinese(number: int) -> str:
    """A number below 100 in Chinese figures."""
    tens, ones = divmod(number, _TEN)
    head = "" if tens == 0 else ("" if tens == 1 else _DIGITS[tens]) + "十"
    return head + (_DIGITS[ones] if ones or not tens else "")


def street_table(streets: Sequence[Street]) -> gpd.GeoDataFrame:
    """Streets as rows, EPSG:4326: name, name_en, class, door_first, door_last, geometry."""
    table = [
        {"name": s.name, "name_en": s.name_en, "class": s.kind, "door_first": first, "door_last": last}
        for s in streets
        for first, last in [s.doors or (1, max(2, round(s.line.length / _METRES_PER_DOOR)))]
    ]
    shapes = all_to_degrees([s.line for s in streets])
    return gpd.GeoDataFrame(table, geometry=shapes, crs=DEGREES)
