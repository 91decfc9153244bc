"""The streets of the district cut into segments and steps, with their names and the places that people name along them.

Cutting takes a moment, so a process keeps what it cut until the roads or places are others.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from threading import Lock
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from sqlalchemy import Connection, text

from geodata.profile import Profile
from geodata.rules.hotspots.segments import STEP_M, Segments, cut
from geodata.rules.hotspots.usual import Streets, streets
from geodata.space import crs
from geodata.types import Bilingual

NAMED_WITHIN_M = 260.0  # of a stretch lie the places it may be named after
PRINT = """
    select (select (count(*), max(id), sum(ST_NPoints(geom)), sum(ST_Length(geom)),
                    sum(hashtext(concat(name, '|', name_en))))::text from roads),
           (select (count(*), max(id), sum(ST_X(geom) + ST_Y(geom)),
                    sum(hashtext(concat(name, '|', name_en))))::text from places)"""
KEPT = 4


@dataclass(frozen=True)
class RoadNetwork:
    """Steps of segments, and of each road (ascending key) its key and name; places as a tree of metric points with names.

    `print` is what the roads and places were known by when they were cut.
    """

    segments: Segments
    streets: Streets
    print: tuple[Any, ...]
    road_ids: NDArray[np.int64]
    road_names: list[Bilingual | None]
    place_tree: shapely.STRtree
    place_names: list[Bilingual]
    srid: int

    def rows_of(self, road_ids: NDArray[np.int64]) -> NDArray[np.int64]:
        """The row of each road; -1 for a key that is no road's."""
        if not len(self.road_ids):
            return np.full(len(road_ids), -1, np.int64)
        at = np.minimum(np.searchsorted(self.road_ids, road_ids), len(self.road_ids) - 1)
        return np.where(self.road_ids[at] == road_ids, at, -1)

    def lines(self, segments: Iterable[int]) -> Any:
        """Segments as one line, or several, in the metric CRS."""
        pieces = self.segments.lines[list(segments)]
        return shapely.line_merge(shapely.union_all(pieces)) if len(pieces) > 1 else pieces[0]

    def places_near(self, line: Any) -> list[Bilingual]:
        """Names of the places near a line (metric CRS), the nearest first."""
        near = self.place_tree.query(line, predicate="dwithin", distance=NAMED_WITHIN_M)
        away = shapely.distance(self.place_tree.geometries[near], line)
        return [self.place_names[at] for at in near[np.argsort(away, kind="stable")].tolist()]


_known: dict[tuple[Any, ...], RoadNetwork] = {}
_one_at_a_time = Lock()


def road_network(c: Connection, profile: Profile) -> RoadNetwork:
    """The network of this database as it stands."""
    key = (profile.metric_srid, *c.execute(text(PRINT)).one())
    with _one_at_a_time:
        if key not in _known:
            made = _read(c, key)
            while len(_known) >= KEPT:
                _known.pop(next(iter(_known)))
            _known[key] = made
        return _known[key]


def _read(c: Connection, key: tuple[Any, ...]) -> RoadNetwork:
    srid = int(key[0])
    roads = c.execute(text("select id, name, name_en, ST_AsBinary(geom) from roads order by id")).all()
    places = c.execute(text("""
        select name, name_en, ST_AsBinary(geom) from places where kind <> 'government' order by id""")).all()  # fmt: skip
    names = [Bilingual(row[1], row[2] or row[1]) if row[1] else None for row in roads]
    segments = cut(
        _shapes([row[3] for row in roads], srid), [name and name.zh for name in names], srid, step_m=STEP_M
    )
    along = streets(segments.road, segments.from_m, segments.to_m)
    return RoadNetwork(
        segments, along, key[1:], np.array([row[0] for row in roads], np.int64), names,
        shapely.STRtree(_shapes([row[2] for row in places], srid)),
        [Bilingual(row[0], row[1] or row[0]) for row in places], srid,
    )  # fmt: skip


def _shapes(wkbs: list[bytes], srid: int) -> NDArray[np.object_]:
    return crs.shapes_to_metric(np.asarray(shapely.from_wkb(np.array(wkbs, object)), object), srid)
