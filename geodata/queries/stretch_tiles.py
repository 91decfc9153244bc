"""Stretches of road that stand out, drawn into vector tiles as lines with their name and count, or as GeoJSON."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import mapping
from shapely.geometry.base import BaseGeometry

from geodata.queries.hotspot_roads import RoadRow
from geodata.space.tiling import BUFFER, EXTENT, TileAddress, mercator
from geodata.space.vector_tile import LINE, layer, lines
from geodata.types import BBox

DECIMALS = 6  # of a degree: 0.1 m


def stretch_tile(key: str, at: TileAddress, rows: Sequence[RoadRow]) -> bytes:
    """A tile of those stretches that meet it; empty bytes where none does."""
    drawn = [(row, shape) for row in rows if not (shape := _in_tile(row.geometry, at)).is_empty]
    paths = [[np.rint(shapely.get_coordinates(part)).astype(np.int64) for part in shapely.get_parts(shape)
              if part.geom_type == "LineString"] for _, shape in drawn]  # fmt: skip
    held = [(row, parts) for (row, _), parts in zip(drawn, paths, strict=True) if parts]
    columns = {name: [value(row) for row, _ in held] for name, value in ATTRIBUTES.items()}
    return layer(key, [lines(parts) for _, parts in held], columns, LINE)


def stretch_features(rows: Sequence[RoadRow], bbox: BBox | None, limit: int) -> dict[str, Any]:
    """A FeatureCollection (RFC 7946) of those that meet the box; `truncated` says that there are more."""
    box = shapely.box(*bbox) if bbox else None
    found = [row for row in rows if box is None or row.geometry.intersects(box)]
    features = [
        {"type": "Feature", "id": row.key, "properties": {name: value(row) for name, value in ATTRIBUTES.items()},
         "geometry": mapping(shapely.transform(row.geometry, lambda points: np.round(points, DECIMALS)))}
        for row in found[:limit]
    ]  # fmt: skip
    return {"type": "FeatureCollection", "truncated": len(found) > limit, "features": features}


ATTRIBUTES: dict[str, Any] = {
    "key": lambda row: row.key,
    "name": lambda row: row.name.zh,
    "name_en": lambda row: row.name.en,
    "area": lambda row: row.area_name,
    "area_en": lambda row: row.area_name_en or row.area_name,
    "count": lambda row: row.count,
    "rank": lambda row: row.rank,
}


def _in_tile(shape: BaseGeometry, at: TileAddress) -> BaseGeometry:
    def units(points: NDArray[np.float64]) -> NDArray[np.float64]:
        x, y = mercator(points[:, 0], points[:, 1])
        return np.column_stack([x * 2**at.z - at.x, y * 2**at.z - at.y]) * EXTENT

    return shapely.clip_by_rect(
        shapely.transform(shape, units), -BUFFER, -BUFFER, EXTENT + BUFFER, EXTENT + BUFFER
    )
