"""A batch as rows for the store: values by field in order, the area things stand in, and the shape as EWKB."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from etl.rows import Batch
from geodata.commands.locating import Ground
from geodata.profile import Profile

Column = Sequence[Any]


def rows_of(
    batch: Batch, fields: Sequence[str], *further: Column, many: bool = False
) -> list[tuple[Any, ...]]:
    """Each row: the fields, further columns, and the geometry in hexadecimal; `many` makes lines multiple lines."""
    table = batch.table
    values = [[None if _absent(value) else value for value in table[field].tolist()] for field in fields]
    return list(zip(*values, *further, _geometry(table["shape"].to_numpy(), many=many), strict=True))


def areas_of(batch: Batch, ground: Ground, profile: Profile) -> list[int | None]:
    """Key of the area that each point stands in today; None outside all."""
    shapes = batch.table["shape"].to_numpy()
    today = np.full(len(shapes), np.datetime64(profile.today()), "datetime64[D]")
    found = ground.area_of(shapely.get_x(shapes), shapely.get_y(shapes), today)
    return [key or None for key in found.tolist()]


def _geometry(shapes: NDArray[np.object_], *, many: bool) -> list[str]:
    if many:
        shapes = np.array(
            [one if one.geom_type.startswith("Multi") else shapely.MultiLineString([one]) for one in shapes],
            object,
        )
    found: list[str] = shapely.to_wkb(shapely.set_srid(shapes, 4326), hex=True, include_srid=True).tolist()
    return found


def _absent(value: object) -> bool:
    return value is None or (isinstance(value, float) and np.isnan(value))
