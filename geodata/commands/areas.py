"""Writing area versions, and the table that says which area lies in which."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import Geod
from shapely import MultiPolygon, Polygon
from sqlalchemy import Connection, text

from geodata.commands.bulk import copy_rows
from geodata.commands.copy_binary import days, number, strings
from geodata.commands.loads import references_unchecked

SPHEROID = Geod(ellps="WGS84")
COLUMNS = (
    "scheme", "level", "code", "name", "name_en", "parent_code", "valid_from", "valid_to", "area_km2", "load_id", "geom",
)  # fmt: skip

# A version's parent is the last version of its parent's code whose days meet its own; a parent that was never loaded
# still counts by its code. The path stops a chain that runs in a circle. Who is above is found once for each code and
# span of days, which are few, and not for each area.
RELINK = """
with recursive spans as materialized (
    select distinct daterange(valid_from, valid_to) as days from areas where scheme = :scheme
), above as materialized (
    select distinct on (s.days, a.code) s.days, a.code, a.parent_code
    from areas a join spans s on daterange(a.valid_from, a.valid_to) && s.days
    where a.scheme = :scheme and a.code in (select parent_code from areas where scheme = :scheme)
    order by s.days, a.code, a.valid_from desc
), chain as (
    select id as area_id, code as ancestor_code, 0 as steps, parent_code, array[code] as path,
           daterange(valid_from, valid_to) as days
    from areas where scheme = :scheme
    union all
    select c.area_id, c.parent_code, c.steps + 1, p.parent_code, c.path || c.parent_code, c.days
    from chain c
    left join above p on p.code = c.parent_code and p.days = c.days
    where c.parent_code is not null and c.parent_code <> all(c.path)
)
insert into area_ancestors (area_id, ancestor_code, steps) select area_id, ancestor_code, steps from chain
"""


@dataclass(frozen=True, slots=True)
class AreaVersion:
    """One area from a day on; the outline in EPSG:4326."""

    level: str
    code: str
    name: str
    name_en: str | None
    parent_code: str | None
    outline: Polygon | MultiPolygon


def area_km2(outline: Polygon | MultiPolygon) -> float:
    """Area on the spheroid, km²; the outline in degrees."""
    return float(areas_km2([outline])[0])


def areas_km2(outlines: Sequence[Polygon | MultiPolygon]) -> NDArray[np.float64]:
    """Areas on the spheroid, km²; outlines in degrees. A ring adds what it holds, a hole takes it away."""
    parts, owner = shapely.get_parts(np.array(outlines, object), return_index=True)
    rings, part = shapely.get_rings(parts, return_index=True)
    spots, ring = shapely.get_coordinates(rings, return_index=True)
    bounds = np.searchsorted(ring, np.arange(len(rings) + 1))
    held = np.array([
        abs(SPHEROID.polygon_area_perimeter(*spots[begin:end].T)[0]) for begin, end in pairwise(bounds)
    ], float)  # fmt: skip
    hole = np.diff(part, prepend=-1) == 0
    return np.bincount(owner[part], np.where(hole, -held, held), len(outlines)) / 1e6


def add_versions(
    connection: Connection,
    scheme: str,
    areas: Sequence[AreaVersion],
    *,
    valid_from: date,
    load_id: int | None = None,
) -> None:
    """Write versions valid from a day on; whoever calls ends the versions before and relinks after."""
    rows = len(areas)
    nothing = np.ones(rows, bool)
    outlines = [shapely.set_srid(_many(area.outline), 4326) for area in areas]
    copy_rows(connection, "areas", COLUMNS, [
        strings([scheme] * rows),
        strings([area.level for area in areas]),
        strings([area.code for area in areas]),
        strings([area.name for area in areas]),
        strings([area.name_en for area in areas]),
        strings([area.parent_code for area in areas]),
        days(np.full(rows, np.datetime64(valid_from))),
        days(np.full(rows, np.datetime64("NaT"))),
        number(areas_km2([area.outline for area in areas]), "f8"),
        number(np.full(rows, load_id or 0), "i8", nothing if load_id is None else None),
        strings([bytes(shapely.to_wkb(outline, include_srid=True)) for outline in outlines]),
    ])  # fmt: skip


def relink(connection: Connection, scheme: str) -> None:
    """Say anew, for every version of a scheme, in which areas it lies."""
    connection.execute(
        text("delete from area_ancestors where area_id in (select id from areas where scheme = :scheme)"),
        {"scheme": scheme},
    )
    with references_unchecked(connection):  # each row speaks of an area that was read in the same statement
        connection.execute(text(RELINK), {"scheme": scheme})


def _many(outline: Polygon | MultiPolygon) -> MultiPolygon:
    return outline if isinstance(outline, MultiPolygon) else MultiPolygon([outline])
