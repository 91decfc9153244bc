"""Places of the demo where crowds gather: their ground from the demo's streets, greens and places, and what they hold.

Capacity is ground × walkable share × a density: for walking the dense end of Fruin's level of service D on walkways
(10 ft² = 0.93 m² a person), for queues the dense end of his level C for standing (7 ft² = 0.65 m² a person);
J. J. Fruin, Pedestrian Planning and Design, 1971.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import shapely
from shapely import LineString, MultiPolygon, affinity
from shapely.geometry.base import BaseGeometry
from shapely.ops import substring

from etl.demo.catalogue import read
from etl.demo.geography.metric import to_degrees, to_metres
from geodata.commands.demo_live import CrowdPlace
from geodata.queries.demo import Named

AT_EASE_PER_M2 = {"walking": 1 / 0.93, "queue": 1 / 0.65}
ROUNDED_TO = 50  # nobody knows a capacity to the person
TURN_DEGREES = 8.5  # boxes lean with the old town's streets


def wanted() -> dict[str, set[str]]:
    """Which names of the ground the places are made from, by theme."""
    rows = read("crowd_places")["place"]
    return {theme: {row[theme] for row in rows if theme in row} for theme in ("street", "green", "place")}


def crowd_places(ground: Named) -> list[CrowdPlace]:
    """The places whose ground this database has; outlines in EPSG:4326."""
    return [_place(row, shape) for row in read("crowd_places")["place"] if (shape := _ground(row, ground))]


def _ground(row: Mapping[str, Any], ground: Named) -> BaseGeometry | None:
    """The ground of one place, EPSG:4549; None where the database lacks what it is drawn from."""
    theme = next(theme for theme in ("street", "green", "place") if theme in row)
    source = ground.get((theme, row[theme]))
    if source is None:
        return None
    shape = to_metres(source)
    if theme == "street":
        return _street(row, shape)
    return _box(row, shape) if theme == "place" else shape


def _street(row: Mapping[str, Any], line: BaseGeometry) -> BaseGeometry:
    whole = shapely.get_parts(shapely.line_merge(line))
    longest: LineString = max(whole, key=lambda part: part.length)
    stretch: BaseGeometry = substring(longest, row.get("from_m", 0.0), row.get("to_m", longest.length))
    return stretch.buffer(row["width_m"] / 2, cap_style="flat", join_style="mitre")


def _box(row: Mapping[str, Any], point: BaseGeometry) -> BaseGeometry:
    east, north = row.get("shift_m", (0.0, 0.0))
    half = row["width_m"] / 2, row["height_m"] / 2
    box = shapely.box(east - half[0], north - half[1], east + half[0], north + half[1])
    middle = point.centroid
    turned: BaseGeometry = affinity.rotate(box, TURN_DEGREES, origin=(0, 0))
    moved: BaseGeometry = affinity.translate(turned, middle.x, middle.y)
    return moved


def _place(row: Mapping[str, Any], ground: BaseGeometry) -> CrowdPlace:
    people = ground.area * row["walkable_share"] * AT_EASE_PER_M2[row["mode"]]
    outline = to_degrees(MultiPolygon(list(shapely.get_parts(ground))))
    return CrowdPlace(
        code=row["code"], name=row["name"], name_en=row["name_en"], kind=row["kind"], mode=row["mode"],
        capacity_people=max(ROUNDED_TO, round(people / ROUNDED_TO) * ROUNDED_TO),
        walkable_share=row["walkable_share"], outline_wkb=outline.wkb,
    )  # fmt: skip
