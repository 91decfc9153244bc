"""The ground under a map that is drawn whole: land, borders, water, greens and streets, thinned for paper and files."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import shapely
from sqlalchemy import Connection, text

from geodata.profile import Profile

VALID = "a.valid_from <= :on and (a.valid_to is null or a.valid_to > :on)"
OUTLINES = f"""
    select distinct on (a.code) a.code, ST_AsBinary(ST_SimplifyPreserveTopology(a.geom, :tolerance)) as geom from areas a
    where a.scheme = :scheme and a.level = :level order by a.code, ({VALID}) desc, a.valid_from desc"""
GROUND = """
    select theme, ST_AsBinary(ST_SimplifyPreserveTopology(geom, :tolerance)) as geom from ground_features order by id"""
STREETS = """
    select class, ST_AsBinary(ST_Simplify(geom, :tolerance)) as geom from roads where class = any(:classes) order by id"""
MAIN, ALL = ("motorway", "trunk", "primary"), ("motorway", "trunk", "primary", "secondary", "tertiary")


@dataclass(frozen=True, slots=True)
class BaseMap:
    """Geometries in EPSG:4326; roads with their class, `borders` of the level below the district."""

    land: list[shapely.Geometry]
    borders: list[shapely.Geometry]
    water: list[shapely.Geometry]
    green: list[shapely.Geometry]
    roads: list[tuple[str, shapely.Geometry]]


def base_map(
    c: Connection, profile: Profile, on: date, *, tolerance_deg: float = 0.00003, all_roads: bool = False
) -> BaseMap:
    """The ground of the district as it was on a day; a tolerance of 0.00003° is 3 m."""
    thin = {"tolerance": tolerance_deg}
    levels = [outlines(c, profile, level.key, on, tolerance_deg) for level in profile.levels[:2]]
    ground = [(row.theme, shapely.from_wkb(bytes(row.geom))) for row in c.execute(text(GROUND), thin)]
    streets = c.execute(text(STREETS), thin | {"classes": list(ALL if all_roads else MAIN)})
    return BaseMap(
        land=list((levels[0] or levels[-1]).values()),
        borders=list(levels[-1].values()),
        water=[shape for theme, shape in ground if theme == "water"],
        green=[shape for theme, shape in ground if theme == "green"],
        roads=[(row[0], shapely.from_wkb(bytes(row.geom))) for row in streets],
    )


def outlines(
    c: Connection, profile: Profile, level: str, on: date, tolerance_deg: float = 0.0
) -> dict[str, shapely.Geometry]:
    """The outline of every area of a level by code, EPSG:4326, in the version of a day or else the newest."""
    rows = c.execute(
        text(OUTLINES), {"scheme": profile.scheme, "level": level, "on": on, "tolerance": tolerance_deg}
    )
    return {row.code: shapely.from_wkb(bytes(row.geom)) for row in rows}
