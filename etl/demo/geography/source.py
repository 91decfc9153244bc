"""Reads the hand-made data files: CSV in degrees (EPSG:4326) below `data/`, comment lines first."""

from __future__ import annotations

import csv
from pathlib import Path

from shapely.geometry import LineString, Point, Polygon

DATA = Path(__file__).parent / "data"

Row = dict[str, str]


def rows(name: str) -> list[Row]:
    """Rows of `data/NAME.csv` as text, comment lines left out."""
    with (DATA / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(line for line in file if not line.startswith("#")))


def coordinates(text: str) -> list[tuple[float, float]]:
    """Longitude and latitude pairs of "120.61 31.30, 120.62 31.31"."""
    pairs = (pair.split() for pair in text.split(","))
    return [(float(lon), float(lat)) for lon, lat in pairs]


def line(text: str) -> LineString:
    """The line through the points of `text`, EPSG:4326."""
    return LineString(coordinates(text))


def ring(text: str) -> Polygon:
    """The polygon whose ring has the points of `text`, EPSG:4326."""
    return Polygon(coordinates(text))


def point(row: Row) -> Point:
    """The point in a row's columns lon and lat, EPSG:4326."""
    return Point(float(row["lon"]), float(row["lat"]))
