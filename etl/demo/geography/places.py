"""Landmarks, estates, bridges and gates, and the protected objects of the old town, as points."""

from __future__ import annotations

import geopandas as gpd

from etl.demo.geography.metric import DEGREES
from etl.demo.geography.source import point, rows


def place_table() -> gpd.GeoDataFrame:
    """Places, EPSG:4326: name, name_en, kind, address, geometry."""
    return _points("places", ["name", "name_en", "kind", "address"])


def heritage_table() -> gpd.GeoDataFrame:
    """Protected objects, EPSG:4326: name, name_en, grade, condition, era, address, geometry."""
    return _points("heritage", ["name", "name_en", "grade", "condition", "era", "address"])


def _points(name: str, columns: list[str]) -> gpd.GeoDataFrame:
    read = rows(name)
    table = [{column: row[column] for column in columns} for row in read]
    return gpd.GeoDataFrame(table, geometry=[point(row) for row in read], crs=DEGREES)
