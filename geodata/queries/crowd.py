"""Crowds now: the newest tick of people per cell, and how each place stands by it.

A running drill 演练 lays its cells over the true ones and marks the answer. Each tick is one array: it is read once,
judged once, and summed to coarser cells once; `app` keeps what these functions give.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, text

from geodata.profile import Profile
from geodata.queries.question import area_ids
from geodata.queries.thresholds import in_force
from geodata.rules.crowd import minutes_to_next, trend
from geodata.rules.fruin import bounded
from geodata.rules.levels import Limits
from geodata.types import LEVELS, Level

RULE = "crowd_density"
MISSED_BEATS = 3  # a feed that is so many intervals late stands still
LEAST_PATIENCE_S = 30.0
TREND_SPAN = timedelta(minutes=12)


@dataclass(frozen=True, slots=True)
class TickStamp:
    """Which tick is the newest of a feed; `drill_id` marks a drill."""

    feed_id: int
    at: datetime
    grid_id: int
    interval_s: float
    drill_id: int | None

    def stale_since(self, now: datetime) -> datetime | None:
        """Since when its feed stands still; None while it is on time."""
        patience = timedelta(seconds=max(MISSED_BEATS * self.interval_s, LEAST_PATIENCE_S))
        return self.at if now - self.at > patience else None


@dataclass(frozen=True, slots=True)
class Newest:
    """The newest true tick, and that of the running drill."""

    true: TickStamp | None
    drill: TickStamp | None

    @property
    def base(self) -> TickStamp | None:
        """The tick whose grid the picture is drawn on."""
        return self.true or self.drill


def newest(c: Connection) -> Newest:
    """Which ticks are the newest now; cheap enough to be asked for every tile."""
    rows = c.execute(
        text("""select f.id, t.at, t.grid_id, f.interval_s, f.drill_id from feeds f
                join lateral (select at, grid_id from crowd_ticks k where k.feed_id = f.id order by at desc limit 1) t
                  on true
                left join drills d on d.id = f.drill_id
                where f.kind = 'crowd' and f.state <> 'retired' and (f.drill_id is null or d.state = 'running')
                order by t.at desc""")
    ).all()
    stamps = [TickStamp(*row) for row in rows]
    return Newest(
        next((stamp for stamp in stamps if stamp.drill_id is None), None),
        next((stamp for stamp in stamps if stamp.drill_id is not None), None),
    )


def people_of(c: Connection, stamp: TickStamp) -> NDArray[np.float32]:
    """People per cell of a tick in the order of its grid; NaN where not told."""
    body = c.execute(
        text("select people from crowd_ticks where feed_id = :feed and at = :at"),
        {"feed": stamp.feed_id, "at": stamp.at},
    ).scalar_one()
    return np.frombuffer(bytes(body), "<f4")


def laid_over(
    cells: NDArray[np.int64], people: NDArray[np.float32], other: NDArray[np.int64], told: NDArray[np.float32]
) -> NDArray[np.float32]:
    """One tick with what another tells put over it; both lists of cells ascend."""
    result = people.copy()
    at = np.searchsorted(cells, other)
    known = (at < len(cells)) & ~np.isnan(told)
    known[known] = cells[at[known]] == other[known]
    result[at[known]] = told[known]
    return result


def limits_by_place(c: Connection) -> dict[str, Limits]:
    """Persons per m² at which each place's levels begin: its own where somebody set them, else those of its mode.

    How much of a place can be walked on is what the judge noted when it laid the ground, else its area times its share.
    """
    rules = in_force(c)
    noted = c.execute(text("select value from facts where key = 'crowd_walkable_m2'")).scalar() or {}
    rows = c.execute(
        text("""select code, mode, capacity_people as most, ST_Area(geom::geography) * walkable_share as walkable_m2
                from crowd_places order by id""")
    )
    found: dict[str, Limits] = {}
    for row in rows:
        limits = Limits.from_dict(rules.numbers(RULE, row.code, row.mode))
        own = (RULE, row.code) in rules.set_by_people
        metres = float(noted.get(row.code, row.walkable_m2))
        found[row.code] = limits if own else bounded(limits, row.most, metres)
    return found


def limits_elsewhere(c: Connection) -> Limits:
    """The same for ground that belongs to no place."""
    return Limits.from_dict(in_force(c).numbers(RULE))


@dataclass(frozen=True, slots=True)
class Place:
    """How a place stands now; figures are None where nothing was told of it. Position in EPSG:4326."""

    code: str
    name: str
    name_en: str | None
    capacity: int
    lon: float
    lat: float
    at: datetime | None
    people: float | None
    density_per_m2: float | None
    peak_per_m2: float | None
    level: Level | None
    trend_per_min: float | None  # of the density
    minutes_to_next: float | None
    next_level: Level | None
    drill: bool

    @property
    def fullness(self) -> float | None:
        """People as a share of what it can hold safely."""
        return None if self.people is None else self.people / self.capacity


PLACES = """
    select p.id, p.code, p.name, p.name_en, p.capacity_people as capacity, ST_X(m.point) as lon, ST_Y(m.point) as lat
    from crowd_places p, lateral (select ST_PointOnSurface(p.geom) as point) m
    where {where} order by p.id"""
SERIES = """
    select s.place_id, s.drill_id, s.at, s.people, s.density_per_m2, s.peak_per_m2, s.level
    from crowd_series s where s.drill_id = any(:drills) and s.at > :since order by s.at"""


def places(c: Connection, profile: Profile, area: str | None, stamps: Newest) -> list[Place]:
    """Every place in an area (None: all) by its newest row; a running drill's row goes before the true one."""
    inside = area is not None and area != profile.code
    where = "p.area_id = any(:area_ids)" if inside else "true"
    bound = {"area_ids": area_ids(c, area)} if inside and area else {}
    drill = stamps.drill.drill_id if stamps.drill else None
    series = _series(c, stamps, drill)
    limits = limits_by_place(c)
    return [
        _place(row, series.get((row.id, drill or -1)) or series.get((row.id, 0)) or [], limits)
        for row in c.execute(text(PLACES.format(where=where)), bound)
    ]


def _series(c: Connection, stamps: Newest, drill: int | None) -> dict[tuple[int, int], list[Any]]:
    ends = [stamp.at for stamp in (stamps.true, stamps.drill) if stamp]
    if not ends:
        return {}
    found: dict[tuple[int, int], list[Any]] = {}
    drills = [0] + ([drill] if drill else [])
    for row in c.execute(text(SERIES), {"drills": drills, "since": min(ends) - TREND_SPAN}):
        found.setdefault((row.place_id, row.drill_id), []).append(row)
    return found


def _place(row: Any, series: list[Any], limits: Mapping[str, Limits]) -> Place:
    common = (row.code, row.name, row.name_en, row.capacity, row.lon, row.lat)
    if not series:
        return Place(*common, None, None, None, None, None, None, None, None, drill=False)
    last = series[-1]
    per_min = trend([(one.at, one.density_per_m2) for one in series])
    own = limits.get(row.code)
    ahead = minutes_to_next(last.density_per_m2, per_min, own, last.level) if own else None
    return Place(
        *common, last.at, last.people, last.density_per_m2, last.peak_per_m2, last.level, per_min,
        ahead[1] if ahead else None, ahead[0] if ahead else None, drill=last.drill_id != 0,
    )  # fmt: skip


def landmarks(found: list[Place], most: int = 8) -> list[Place]:
    """The greatest places, always in the same order; one with a level stands in for a calm one."""
    ranked = sorted(found, key=lambda it: (-(LEVELS.index(it.level) + 1 if it.level else 0), -it.capacity))
    kept = {it.code for it in ranked[:most]}
    return [it for it in found if it.code in kept]
