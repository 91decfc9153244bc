"""The demo's ground as the database keeps it: areas, roads, water, greens, places, heritage and the hexagons above."""

from __future__ import annotations

from datetime import date
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import Transformer
from sqlalchemy import Connection

from etl.demo.geography import Geography
from geodata.commands.areas import AreaVersion, add_versions, relink
from geodata.commands.bulk import copy_rows
from geodata.commands.copy_binary import Field, number, strings
from geodata.profile import Profile
from geodata.space import hexes

VALID_FROM = date(2022, 1, 1)


def write_ground(connection: Connection, profile: Profile, geography: Geography) -> None:
    """Write all of it into empty tables; keys count from 1 in the geography's order."""
    areas = [
        AreaVersion(
            str(row.level),
            str(row.code),
            str(row.name),
            _or_none(row.name_en),
            _or_none(row.parent_code),
            shape,
        )
        for row, shape in zip(_rows(geography.areas), geography.areas.geometry, strict=True)
    ]
    add_versions(connection, profile.scheme, areas, valid_from=VALID_FROM)
    relink(connection, profile.scheme)
    _roads(connection, geography.roads)
    _features(connection, geography)
    _places(connection, geography.places)
    _heritage(connection, geography.heritage)


def write_hexes(connection: Connection, outline: shapely.Geometry) -> None:
    """Write the cells over a district (EPSG:4326) and one ring around it, at each resolution."""
    to_web = Transformer.from_crs(4326, 3857, always_xy=True)
    for resolution in hexes.RESOLUTIONS:
        cells = hexes.cover(outline, resolution, rings=1)  # type: ignore[arg-type]
        lon, lat = hexes.centres(cells)
        corner_lon, corner_lat, owner = hexes.corners(cells)
        web = np.column_stack(to_web.transform(corner_lon, corner_lat))
        outlines = shapely.set_srid(shapely.polygons(shapely.linearrings(web, indices=owner)), 3857)
        copy_rows(connection, "hexes", ("cell", "resolution", "centre_lon", "centre_lat", "area_m2", "geom_3857"), [
            number(cells, "i8"), number(np.full(len(cells), resolution), "i2"), number(lon, "f8"), number(lat, "f8"),
            number(hexes.areas_m2(cells), "f8"), shapes(outlines),
        ])  # fmt: skip


def shapes(geometries: Any) -> Field:
    """A geometry column from shapely geometries that carry their SRID."""
    return strings(
        [bytes(body) for body in shapely.to_wkb(np.asarray(geometries, object), include_srid=True)]
    )


def _roads(connection: Connection, roads: gpd.GeoDataFrame) -> None:
    first, last = (
        pd.to_numeric(roads[name], errors="coerce").to_numpy(float) for name in ("door_first", "door_last")
    )
    unnumbered = ~(np.isfinite(first) & np.isfinite(last) & (first > 0))
    copy_rows(connection, "roads", ("id", "code", "name", "name_en", "class", "door_first", "door_last", "geom"), [
        number(np.arange(1, len(roads) + 1), "i8"),
        strings([f"R{at:05d}" for at in range(1, len(roads) + 1)]),
        _texts(roads["name"]), _texts(roads["name_en"]), _texts(roads["class"]),
        number(first, "i4", unnumbered), number(last, "i4", unnumbered),
        shapes(_many(roads, shapely.multilinestrings)),
    ])  # fmt: skip


def _features(connection: Connection, geography: Geography) -> None:
    for theme, frame in (("water", geography.water), ("green", geography.greens)):
        copy_rows(connection, "ground_features", ("theme", "kind", "name", "name_en", "geom"), [
            strings([theme] * len(frame)), _texts(frame["kind"]), _texts(frame["name"]), _texts(frame["name_en"]),
            shapes(_many(frame, shapely.multipolygons)),
        ])  # fmt: skip


def _places(connection: Connection, places: gpd.GeoDataFrame) -> None:
    copy_rows(connection, "places", ("code", "kind", "name", "name_en", "address", "geom"), [
        strings([f"P{at:04d}" for at in range(1, len(places) + 1)]),
        _texts(places["kind"]), _texts(places["name"]), _texts(places["name_en"]), _texts(places["address"]),
        shapes(shapely.set_srid(places.geometry.to_numpy(), 4326)),
    ])  # fmt: skip


def _heritage(connection: Connection, objects: gpd.GeoDataFrame) -> None:
    columns = ("name", "name_en", "grade", "condition", "era", "address")
    copy_rows(connection, "heritage_objects", ("code", *columns, "geom"), [
        strings([f"W{at:04d}" for at in range(1, len(objects) + 1)]),
        *(_texts(objects[column]) for column in columns),
        shapes(shapely.set_srid(objects.geometry.to_numpy(), 4326)),
    ])  # fmt: skip


def _many(frame: gpd.GeoDataFrame, join: Any) -> Any:
    parts, owners = shapely.get_parts(frame.geometry.to_numpy(), return_index=True)
    return shapely.set_srid(join(parts, indices=owners), 4326)


def _texts(column: pd.Series) -> Field:
    return strings([_or_none(value) for value in column])


def _or_none(value: Any) -> str | None:
    return None if value is None or value is pd.NA or value != value or value == "" else str(value)  # noqa: PLR0124


def _rows(frame: gpd.GeoDataFrame) -> Any:
    return frame.drop(columns="geometry").itertuples(index=False)
