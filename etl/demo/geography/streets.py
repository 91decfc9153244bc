"""The named streets of the district and the small lanes inside its blocks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

import geopandas as gpd
import shapely
from shapely.geometry import LineString, MultiLineString, Polygon
from shapely.geometry.base import BaseGeometry

from etl.demo.geography.metric import DEGREES, all_to_degrees, to_metres
from etl.demo.geography.source import line, rows

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
    ground = {row["name"]: row for row in rows("streets")}
    streets: list[Street] = []
    for row in ground.values():
        raised = row["line"].startswith("=")
        below = [name.removeprefix("=") for name in row["line"].split()] if raised else [row["name"]]
        whole = shapely.line_merge(MultiLineString([to_metres(line(ground[name]["line"])) for name in below]))
        doors = (int(row["door_first"]), int(row["door_last"])) if row["door_first"] else None
        kept = _longest(whole, outline)
        streets.append(Street(row["name"], row["name_en"], row["class"], doors, kept, raised))
    return streets


def _longest(geometry: BaseGeometry, outline: Polygon) -> LineString:
    """The longest unbroken part inside the outline."""
    parts = shapely.get_parts(shapely.line_merge(shapely.intersection(geometry, outline)))
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
