"""Gaps of camera coverage: cells with streets or places that no camera online sees, made anew as a whole."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import numpy as np
import shapely
from numpy.typing import NDArray
from sqlalchemy import Connection, text

from geodata.commands.facts import bump_data_version, get_fact, put_fact
from geodata.profile import Profile
from geodata.queries.cameras_near import buildings_around, views_of
from geodata.space import crs, hexes
from geodata.space.coverage import along, seen_points
from geodata.space.sight import Flags, Floats, Views, convergence_deg

RESOLUTION: Final = 11
STEP_M: Final = 10.0  # along streets
SEEN_SHARE: Final = 0.5  # of the points of a cell, from which it counts as seen
GOOD_FOR: Final = timedelta(hours=1)
FACT: Final = "coverage"
CAMERAS = """
    select ST_X(geom) as lon, ST_Y(geom) as lat, heading_deg, field_of_view_deg, range_m, state = 'online' as online
    from cameras order by id
"""
WRITE = """
    insert into coverage_gaps (id, kind, streets_m, places, geom)
    select id, kind, streets_m, places, ST_GeomFromWKB(shape, 4326)
    from unnest(cast(:ids as bigint[]), cast(:kinds as text[]), cast(:streets as float8[]), cast(:places as int[]),
                cast(:shapes as bytea[])) g (id, kind, streets_m, places, shape)
"""


@dataclass(frozen=True, slots=True)
class Ground:
    """Points that ought to be seen, metric CRS (n × 2), the cell of each, and the metres of street it stands for."""

    points: Floats
    cells: NDArray[np.int64]
    streets_m: Floats


def refresh(c: Connection, profile: Profile, now: datetime, *, good_for: timedelta = GOOD_FOR) -> bool:
    """Make the gaps anew where they are older than `good_for` or were never made; a step of the worker's clock."""
    fact = get_fact(c, FACT)
    if fact and now - datetime.fromisoformat(fact["at"]) < good_for:
        return False
    compute(c, profile, now)
    return True


def compute(c: Connection, profile: Profile, now: datetime) -> dict[str, Any]:
    """Make the gaps anew; tells how many cells have streets or places and how many of them are not seen."""
    begun = time.perf_counter()
    ground = _ground(c, profile)
    online, ever = _seen(c, profile, ground)
    cells, at = np.unique(ground.cells, return_inverse=True)
    size = np.maximum(np.bincount(at, minlength=len(cells)), 1)
    seen, meant = (np.bincount(at, mask, len(cells)) / size >= SEEN_SHARE for mask in (online, ever))
    streets = np.bincount(at, ground.streets_m, len(cells)).astype(np.float64)
    places = np.bincount(at, ground.streets_m == 0, len(cells)).astype(np.int64)
    gaps = np.flatnonzero(~seen)
    kinds = np.where(meant, "down", "blind")
    changed = _write(c, cells[gaps], kinds[gaps], streets[gaps], places[gaps])
    told = {
        "at": now.astimezone(UTC).isoformat(), "cells": len(cells), "seen": int(seen.sum()),
        "blind": int((kinds[gaps] == "blind").sum()), "down": int((kinds[gaps] == "down").sum()),
        "streets_m": round(float(streets.sum())), "streets_seen_m": round(float(ground.streets_m[online].sum())),
        "took_s": round(time.perf_counter() - begun, 2),
    }  # fmt: skip
    put_fact(c, FACT, told)
    if changed:
        bump_data_version(c)
    return told


def _ground(c: Connection, profile: Profile) -> Ground:
    roads = c.execute(text("select ST_AsBinary((ST_Dump(geom)).geom) from roads order by id")).scalars().all()
    places = c.execute(text("select ST_X(geom), ST_Y(geom) from places order by id")).all()
    lines = np.array(shapely.from_wkb([bytes(each) for each in roads]), object)
    metric = crs.shapes_to_metric(lines, profile.metric_srid) if len(lines) else lines
    points, owner = along(metric, STEP_M)
    counts = np.bincount(owner, minlength=len(metric))
    each_m = (np.asarray(shapely.length(metric), float) / np.maximum(counts, 1))[owner]
    spots = np.array([tuple(row) for row in places], float).reshape(-1, 2)
    named = np.column_stack(crs.to_metric(spots[:, 0], spots[:, 1], profile.metric_srid))
    points = np.vstack([points.reshape(-1, 2), named])
    lon, lat = crs.to_stored(points[:, 0], points[:, 1], f"EPSG:{profile.metric_srid}")
    streets_m = np.concatenate([each_m, np.zeros(len(named))])
    return Ground(points, hexes.cells_of(lon, lat, RESOLUTION), streets_m)


def _seen(c: Connection, profile: Profile, ground: Ground) -> tuple[Flags, Flags]:
    """Which points cameras online see, and which any camera would."""
    rows = c.execute(text(CAMERAS)).all()
    if not rows:
        nothing = np.zeros(len(ground.points), bool)
        return nothing, nothing
    lonlat = np.array([(row.lon, row.lat) for row in rows])
    spots = np.column_stack(crs.to_metric(lonlat[:, 0], lonlat[:, 1], profile.metric_srid))
    views, on = views_of(rows), np.array([row.online for row in rows])
    outlines, heights = buildings_around(c, profile, np.array([(-180.0, -90.0), (180.0, 90.0)]))
    middle = lonlat.mean(axis=0)
    turn = convergence_deg(float(middle[0]), float(middle[1]), profile.metric_srid)

    def some(mask: Flags) -> Flags:
        mine = Views(views.heading_deg[mask], views.field_deg[mask], views.range_m[mask])
        return seen_points(ground.points, spots[mask], mine, outlines, heights, convergence_deg=turn)

    online = some(on)
    return online, online | some(~on)


def _write(
    c: Connection,
    cells: NDArray[np.int64],
    kinds: NDArray[np.str_],
    streets: Floats,
    places: NDArray[np.int64],
) -> bool:
    """Put these gaps in place of the ones before; False where they are the same."""
    before = {(row[0], row[1]) for row in c.execute(text("select id, kind from coverage_gaps"))}
    listed = list(zip(cells.tolist(), kinds.tolist(), strict=True))
    if before == set(listed):
        return False
    c.execute(text("delete from coverage_gaps"))
    shapes = [hexes.outline(cell).wkb for cell, _ in listed]
    c.execute(
        text(WRITE),
        {"ids": cells.tolist(), "kinds": kinds.tolist(), "streets": streets.tolist(), "places": places.tolist(),
         "shapes": shapes},
    )  # fmt: skip
    return True
