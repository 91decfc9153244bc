"""A crowd feed over the chequered town: two places, a grid of cells around them, ticks of known people."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import h3.api.basic_int as h3
import numpy as np
from sqlalchemy import Connection, text

from geodata.space.hexes import Cells

MARKET = (120.6190, 31.3130)
GARDEN = (120.6000, 31.3200)
SIDE_DEG = 0.0012


@dataclass(frozen=True)
class CrowdTown:
    """The grid and the feed that tells of it."""

    feed_id: int
    grid_id: int
    cells: Cells


def lay_crowds(c: Connection, *, drill: bool = False, key: str = "heat_test") -> CrowdTown:
    """Places, grid and feed; with `drill` the feed belongs to a drill that is running."""
    for code, name, (lon, lat), capacity in (
        ("market", "市集", MARKET, 70_000),
        ("garden", "园", GARDEN, 50_000),
    ):
        c.execute(
            text("""insert into crowd_places (code, name, name_en, kind, mode, capacity_people, walkable_share, geom, area_id)
                    select :code, :name, :code, 'square', 'walking', :most, 0.5, g,
                           (select id from areas where level = 'grid_cell' and ST_Covers(geom, ST_Centroid(g)) limit 1)
                    from (select ST_Multi(ST_MakeEnvelope(:w, :s, :e, :n, 4326)) as g) x
                    on conflict (code) do nothing"""),
            {"code": code, "name": name, "most": capacity, "w": lon - SIDE_DEG, "s": lat - SIDE_DEG,
             "e": lon + SIDE_DEG, "n": lat + SIDE_DEG},
        )  # fmt: skip
    near = {
        cell for lon, lat in (MARKET, GARDEN) for cell in h3.grid_disk(h3.latlng_to_cell(lat, lon, 11), 12)
    }
    cells = np.array(sorted(near), np.int64)
    body = cells.astype("<i8").tobytes()
    grid = c.execute(
        text("""insert into crowd_grids (key, resolution, cells) values (:key, 11, :cells)
                on conflict (key) do update set key = excluded.key returning id"""),
        {"key": hashlib.sha256(body).hexdigest(), "cells": body},
    ).scalar_one()
    number = None
    if drill:
        number = c.execute(
            text("insert into drills (plan_key) values ('crowd_street') returning id")
        ).scalar_one()
    feed = c.execute(
        text("""insert into feeds (key, kind, title, interval_s, state, drill_id)
                values (:key, 'crowd', '热力', 60, 'live', :drill) returning id"""),
        {"key": key, "drill": number},
    ).scalar_one()
    return CrowdTown(feed, grid, cells)


def tick(c: Connection, town: CrowdTown, people: np.ndarray, at: datetime | None = None) -> datetime:
    """Write one tick; gives its moment."""
    at = at or datetime.now(UTC)
    told = people.astype("<f4")
    c.execute(
        text("""insert into crowd_ticks (feed_id, at, grid_id, people, people_total, cells_told)
                values (:feed, :at, :grid, :people, :total, :told)"""),
        {"feed": town.feed_id, "at": at, "grid": town.grid_id, "people": told.tobytes(),
         "total": float(np.nansum(told)), "told": int((~np.isnan(told)).sum())},
    )  # fmt: skip
    return at


def series(
    c: Connection, place: str, densities: list[float], *, last: datetime, people: float = 100.0
) -> None:
    """A place's densities a minute apart, the last at `last`."""
    for back, density in enumerate(reversed(densities)):
        c.execute(
            text("""insert into crowd_series (place_id, at, people, density_per_m2, peak_per_m2, level)
                    select id, :at, :people, :density, :density, null from crowd_places where code = :code"""),
            {"code": place, "at": last - timedelta(minutes=back), "people": people, "density": density},
        )
