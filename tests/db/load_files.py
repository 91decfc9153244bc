"""Small files as departments send them, made by the tests themselves."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, text

HEADER = "number,received,due,closed,state,lon,lat,what,kind,by,said"
MAPPING = """
origin = "test"
dates = ["%Y-%m-%d %H:%M"]
default_points = [[120.6001, 31.3001]]
[columns]
number = "number"
received = "received"
due = "due"
closed = "closed"
lon = "lon"
lat = "lat"
title = "said"
[state]
column = "state"
values = { open = "handling", done = "closed" }
[source]
column = "by"
create = true
[category]
scheme = "theirs"
columns = ["what", "kind"]
create = true
[family]
value = "service"
"""


def mapping(folder: Path, text: str = MAPPING) -> str:
    """Write a mapping; returns the name to give."""
    path = folder / "mapping.toml"
    path.write_text(text, "utf-8")
    return str(path)


def ticket(number: object, **other: object) -> str:
    """A row of the table that `MAPPING` reads, sound unless told otherwise."""
    sound: dict[str, object] = {
        "number": number, "received": "2025-05-06 07:08", "due": "2025-05-08 07:08", "closed": "", "state": "open",
        "lon": 120.61, "lat": 31.31, "what": "streets", "kind": "rubbish", "by": "hotline", "said": "something",
    }  # fmt: skip
    return ",".join(str(value) for value in (sound | other).values())


def table(folder: Path, rows: Iterable[str], name: str = "tickets.csv", header: str = HEADER) -> Path:
    """Write a table of tickets."""
    path = folder / name
    path.write_text("\n".join([header, *rows]) + "\n", "utf-8")
    return path


def box(west: float, south: float, east: float, north: float) -> dict[str, Any]:
    """A rectangle as GeoJSON has it."""
    return {
        "type": "Polygon",
        "coordinates": [[[west, south], [east, south], [east, north], [west, north], [west, south]]],
    }


def areas(
    folder: Path, rows: Sequence[tuple[str, str, Any]], name: str = "areas.geojson", **more: Any
) -> Path:
    """Write areas, each a code, a name and a geometry."""
    features = [
        {"type": "Feature", "properties": {"code": code, "name": called}, "geometry": shape}
        for code, called, shape in rows
    ]
    path = folder / name
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features, **more}), "utf-8")
    return path


def rows_of(engine: Engine, statement: str, **values: Any) -> list[tuple[Any, ...]]:
    """What a question to the database answers."""
    with engine.connect() as connection:
        return [tuple(row) for row in connection.execute(text(statement), values)]


def everything(engine: Engine) -> list[tuple[Any, ...]]:
    """A checksum of all that a load may write, the book of loads left out."""
    tables = (
        "areas",
        "area_ancestors",
        "tickets",
        "ticket_events",
        "categories",
        "ticket_sources",
        "units",
        "hexes",
        "facts",
    )
    asked = " union all ".join(
        f"select '{t}', md5(string_agg(x::text, '|' order by x::text)) from {t} x" for t in tables
    )
    return rows_of(engine, asked)
