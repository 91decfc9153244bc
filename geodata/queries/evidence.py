"""What the store knows of where things are, to hold a new file's coordinates against."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from sqlalchemy import Connection, text

from geodata.profile import Profile
from geodata.space.crs import shapes_to_metric
from geodata.types import BBox

Shapes = NDArray[np.object_]
SEGMENT_M = 150.0
MOST_AREAS = 4000  # the outlines of so many say enough
AREAS = """
    select name, st_asbinary(geom), row_number() over (partition by level order by id) as place from areas
    where scheme = :scheme and valid_to is null order by place limit :most"""
TOP = """
    select st_asbinary(st_union(geom)) from areas
    where scheme = :scheme and valid_to is null and level = :level"""
ROADS = "select st_asbinary(geom) from roads order by id"
PLACES = """
    select name, st_asbinary(geom) from places union all
    select name, st_asbinary(geom) from heritage_objects"""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known of a district, in its metric CRS; only the box is in degrees, EPSG:4326.

    `roads` and `edges` (of areas) are trees of single segments, None where the store has none; `outline` is that of the
    whole district; `names` are centres (x, y), m, of what has a name of its own, and how far, m, another may put it.
    """

    box: BBox
    metric_srid: int
    roads: shapely.STRtree | None = None
    edges: shapely.STRtree | None = None
    outline: shapely.Geometry | None = None
    names: Mapping[str, tuple[float, float, float]] | None = None


def evidence(connection: Connection, profile: Profile) -> Evidence:
    """All that the store has; a fresh district has its box alone."""
    given = {"scheme": profile.scheme, "most": MOST_AREAS, "level": profile.levels[0].key}
    areas = connection.execute(text(AREAS), given).all()
    top = connection.execute(text(TOP), given).scalar()
    roads = connection.execute(text(ROADS)).scalars().all()
    places = connection.execute(text(PLACES)).all()
    return of_shapes(
        profile,
        areas=([row[0] for row in areas], _read(row[1] for row in areas)),
        roads=_read(roads),
        places=([row[0] for row in places], _read(row[1] for row in places)),
        outline=shapely.from_wkb(bytes(top)) if top else None,
    )


def of_shapes(
    profile: Profile,
    *,
    areas: tuple[Sequence[str], Shapes],
    roads: Shapes,
    places: tuple[Sequence[str], Shapes],
    outline: shapely.Geometry | None,
) -> Evidence:
    """The same from shapes in EPSG:4326, each list beside its names."""
    srid = profile.metric_srid
    drawn, lines, spots = (_metric(shapes, srid) for shapes in (areas[1], roads, places[1]))
    whole = None if outline is None else _metric(np.array([outline], object), srid)[0]
    names = _alone(areas[0], shapely.centroid(drawn), within_m=120.0)
    names |= _alone(places[0], shapely.centroid(spots), within_m=60.0)
    return Evidence(
        profile.bbox, srid, _tree(lines), _tree(shapely.boundary(drawn)), whole, names
    )  # fmt: skip


def _read(wkbs: Iterable[bytes]) -> Shapes:
    return np.asarray(shapely.from_wkb(np.array([bytes(wkb) for wkb in wkbs], object)), object)


def _metric(shapes: Shapes, srid: int) -> Shapes:
    return shapes_to_metric(shapes, srid) if len(shapes) else shapes


def _alone(names: Sequence[str], spots: Shapes, *, within_m: float) -> dict[str, tuple[float, float, float]]:
    """Names that one thing alone bears."""
    times = Counter(names)
    x, y = shapely.get_x(spots), shapely.get_y(spots)
    return {
        name: (float(east), float(north), within_m)
        for name, east, north in zip(names, x, y, strict=True)
        if times[name] == 1
    }


def _tree(lines: Shapes) -> shapely.STRtree | None:
    """A tree of the single segments of lines: the nearest of many short ones is found sooner than of a few long ones."""
    parts = shapely.get_parts(lines) if len(lines) else lines
    parts = shapely.get_parts(parts) if len(parts) else parts
    if not len(parts):
        return None
    points, line = shapely.get_coordinates(shapely.segmentize(parts, SEGMENT_M), return_index=True)
    same = line[1:] == line[:-1]
    ends = np.stack([points[:-1][same], points[1:][same]], axis=1)
    return shapely.STRtree(np.asarray(shapely.linestrings(ends), object))
