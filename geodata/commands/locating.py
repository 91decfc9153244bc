"""What a load needs of the ground to say where a ticket lies, read once for each load."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

import numpy as np
import shapely
from numpy.typing import NDArray
from sqlalchemy import Connection, text

from geodata.profile import Profile
from geodata.space import crs, locate

FAR_AHEAD = date(9999, 12, 31)
NEAR_ROAD_M = 100.0


@dataclass(frozen=True, slots=True)
class Ground:
    """Area versions and roads, with the keys that the database knows them by."""

    areas: locate.Areas
    area_ids: NDArray[np.int64]
    roads: locate.Roads
    road_ids: NDArray[np.int64]
    metric_srid: int

    def area_of(self, lon: locate.Degrees, lat: locate.Degrees, day: locate.Days) -> NDArray[np.int64]:
        """Key of the finest area version that holds each point on its day; 0 for none."""
        return _keys(self.area_ids, self.areas.find(lon, lat, day))

    def road_of(self, lon: locate.Degrees, lat: locate.Degrees) -> tuple[NDArray[np.int64], locate.Metres]:
        """Key of the nearest road within 100 m (0 for none) and the distance along it, m."""
        if not len(self.road_ids):
            return np.zeros(len(lon), np.int64), np.full(len(lon), np.nan)
        x, y = crs.to_metric(lon, lat, self.metric_srid)
        found, offset = self.roads.nearest(x, y, NEAR_ROAD_M)
        return _keys(self.road_ids, found), offset


def read_ground(connection: Connection, profile: Profile) -> Ground:
    """Everything of the profile's scheme that tickets are located in."""
    depths = {level.key: depth for depth, level in enumerate(profile.levels)}
    versions = connection.execute(
        text(
            "select id, level, valid_from, valid_to, st_asbinary(geom) from areas where scheme = :scheme order by id"
        ),
        {"scheme": profile.scheme},
    ).all()
    versions = [version for version in versions if version[1] in depths]
    areas = locate.Areas(
        shapes=_shapes(version[4] for version in versions),
        depths=np.array([depths[version[1]] for version in versions], np.int64),
        first=np.array([version[2] for version in versions], "datetime64[D]"),
        end=np.array([version[3] or FAR_AHEAD for version in versions], "datetime64[D]"),
    )
    roads = connection.execute(text("select id, st_asbinary(geom) from roads order by id")).all()
    lines = crs.shapes_to_metric(_shapes(road[1] for road in roads), profile.metric_srid)
    return Ground(
        areas, np.array([v[0] for v in versions], np.int64),
        locate.roads_of(lines), np.array([road[0] for road in roads], np.int64), profile.metric_srid,
    )  # fmt: skip


def areas_by_name(connection: Connection, scheme: str) -> dict[str, list[tuple[int, date, date]]]:
    """Versions of areas (key, first day, day after the last) under their code and, when nobody shares it, their name."""
    statement = "select id, code, name, valid_from, valid_to from areas where scheme = :scheme order by id"
    by_code: dict[str, list[tuple[int, date, date]]] = {}
    codes_of: dict[str, set[str]] = {}
    for key, code, name, first, end in connection.execute(text(statement), {"scheme": scheme}).all():
        by_code.setdefault(code, []).append((key, first, end or FAR_AHEAD))
        codes_of.setdefault(name, set()).add(code)
    alone = {name: by_code[next(iter(codes))] for name, codes in codes_of.items() if len(codes) == 1}
    return alone | by_code


def _shapes(wkbs: Iterable[bytes]) -> NDArray[np.object_]:
    return np.asarray(shapely.from_wkb(np.array([bytes(wkb) for wkb in wkbs], object)), object)


def _keys(keys: NDArray[np.int64], found: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.append(keys, 0)[found]  # -1, nowhere, picks the 0 at the end
