"""Which area each segment of road lies in, among those that a question is about."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from sqlalchemy import Connection, text

from geodata.profile import Profile
from geodata.queries.road_tickets import RoadTickets
from geodata.queries.road_usual import Usual
from geodata.types import Question

OUTLINES = """
    select distinct on (a.code) a.code, a.name, a.name_en, ST_AsBinary(a.geom) from areas a
    where a.scheme = :scheme and a.level = :level
    order by a.code, (a.valid_from <= :on and (a.valid_to is null or a.valid_to > :on)) desc, a.valid_from desc"""
MEMBERS = "select area_id, ancestor_code from area_ancestors where ancestor_code = any(:codes)"
ASKED = """
    select ST_AsBinary(ST_Union(a.geom)) from areas a where a.scheme = :scheme and a.code = any(:codes)
    and a.valid_from <= :on and (a.valid_to is null or a.valid_to > :on)"""
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class AreaName:
    """An area as a stretch names it."""

    code: str
    name: str
    name_en: str | None


@dataclass(frozen=True, slots=True)
class Ground:
    """Areas of one level, and for each segment which of them it belongs to (-1: outside what is asked)."""

    areas: list[AreaName]
    of_segment: Ints


def ground_of(
    c: Connection, profile: Profile, q: Question, level: str, *, known: Usual, tickets: RoadTickets
) -> Ground:
    """A segment belongs to the area most of its year's tickets lie in; without any, to the one its middle lies in.

    Borders run along streets, so a middle alone would put half of a street's tickets on the wrong side; and the tickets of
    the question alone would cut a street otherwise for each category. Where no area of the level was ever loaded, the
    district is the only one.
    """
    profile.level(level)
    rows = c.execute(text(OUTLINES), {"scheme": profile.scheme, "level": level, "on": q.window.last}).all()
    if not rows:
        only = AreaName(profile.code, profile.title.zh, profile.title.en)
        return Ground([only], np.zeros(len(known.roads.segments), np.int64))
    middle = known.roads.segments.middle
    found = _holding(np.asarray(shapely.from_wkb([row[3] for row in rows]), object), middle)
    asked = _asked(c, profile, q, middle)
    asked[tickets.segment[tickets.segment >= 0]] = True
    of_area = _of_area(
        c, [row[0] for row in rows], max(int(tickets.area.max(initial=0)), known.areas.shape[0] - 1)
    )
    narrow = q.area not in (None, profile.code) or q.areas is not None or q.shape is not None
    of_segment = _most(known, of_area, len(rows), np.unique(of_area[tickets.area]) if narrow else None)
    of_segment = np.where(of_segment >= 0, of_segment, found)
    return Ground([AreaName(row[0], row[1], row[2]) for row in rows], np.where(asked, of_segment, -1))


def _holding(shapes: NDArray[np.object_], points: NDArray[np.object_]) -> Ints:
    found = np.full(len(points), len(shapes), np.int64)
    which, point = shapely.STRtree(points).query(shapes, predicate="intersects")
    np.minimum.at(found, point, which)
    return np.where(found == len(shapes), -1, found)


def _asked(c: Connection, profile: Profile, q: Question, points: NDArray[np.object_]) -> NDArray[np.bool_]:
    """Which points lie in the area, areas and shape of the question."""
    inside = np.ones(len(points), bool)
    asked = [(q.scheme, [q.area])] if q.area and q.area != profile.code else []
    asked += [(profile.scheme, list(q.areas))] if q.areas is not None else []
    for scheme, codes in asked:
        wkb = c.execute(text(ASKED), {"scheme": scheme, "codes": codes, "on": q.window.last}).scalar()
        inside &= _holding(np.array([shapely.from_wkb(wkb)], object), points) == 0 if wkb else False
    if q.shape is not None:
        inside &= _holding(np.array([shapely.from_wkt(q.shape)], object), points) == 0
    return inside


def _of_area(c: Connection, codes: list[str], highest: int) -> Ints:
    """For each area key the place of its code among these; -1 for none."""
    at = {code: number for number, code in enumerate(codes)}
    members = c.execute(text(MEMBERS), {"codes": codes}).all()
    found = np.full(max([highest, *(key for key, _ in members)]) + 1, -1, np.int64)
    for key, code in members:
        found[key] = at[code]
    return found


def _most(known: Usual, of_area: Ints, codes: int, among: Ints | None) -> Ints:
    """The area that most tickets of each segment lie in, the first of equals; -1 without tickets. `among`: only these."""
    keys, segment = known.areas.nonzero()
    area, n = of_area[keys], known.areas.data
    told = area >= 0 if among is None else np.isin(area, among[among >= 0])
    counts = np.bincount(
        segment[told] * codes + area[told], n[told], minlength=len(known.roads.segments) * codes
    )
    table = counts.reshape(-1, codes)
    return np.where(table.any(axis=1), table.argmax(axis=1), -1)
