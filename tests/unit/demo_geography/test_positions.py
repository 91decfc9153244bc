"""The demo's streets, gardens and gates against where they really are."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
import shapely
from shapely.geometry import Point
from shapely.geometry.base import BaseGeometry

from etl.demo.geography import Geography
from etl.demo.geography.metric import METRES, to_metres

FILE = Path(__file__).with_name("control_points.csv")
TOLERANCE_M = 150.0


def control_points() -> list[dict[str, str]]:
    with FILE.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(line for line in file if not line.startswith("#")))


def street(town: Geography, name: str) -> BaseGeometry:
    """Our one street of that name, EPSG:4549."""
    (geometry,) = town.roads.to_crs(METRES).geometry[town.roads.name == name]
    return geometry


def ours(town: Geography, row: dict[str, str]) -> BaseGeometry:
    """The feature of ours that the control point speaks of, EPSG:4549."""
    if row["what"] == "crossing":
        crossing = shapely.intersection(street(town, row["first"]), street(town, row["second"]))
        assert not crossing.is_empty, f"{row['first']} and {row['second']} do not meet"
        return crossing
    if row["what"] == "street":
        return street(town, row["first"])
    table = {"green": town.greens, "place": town.places, "water": town.water}[row["what"]]
    (geometry,) = table.to_crs(METRES).geometry[table.name == row["first"]]
    return geometry


@pytest.mark.parametrize("row", control_points(), ids=lambda row: row["name"])
def test_a_known_point_is_where_it_really_is(town: Geography, row: dict[str, str]) -> None:
    there = to_metres(Point(float(row["lon"]), float(row["lat"])))
    assert ours(town, row).distance(there) < TOLERANCE_M


def test_every_control_point_names_its_source() -> None:
    assert len(control_points()) >= 30
    assert {row["source"] for row in control_points()} <= {"metro", "gardens", "amap", "osm"}
    assert sum(row["what"] == "crossing" for row in control_points()) >= 15
