"""Vector tiles (Mapbox Vector Tile 2.1, extent 4096) of every overlay, drawn from stored EPSG:3857 geometries.

Shapes overlap a tile by a buffer of 64 so that outlines meet; clusters do not: a point belongs to exactly one tile and
one patch of it, the half-open square that its own Mercator coordinate falls into, so clusters of a zoom add up.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, text

from geodata.profile import Profile
from geodata.queries.heat import CellCounts, cell_counts
from geodata.queries.question import Condition, condition, device_condition
from geodata.queries.relations import Relation, relation
from geodata.queries.sources import Cells, Shapes, Tiles
from geodata.types import Question

EXTENT, BUFFER = 4096, 64
MOST_SINGLE = 4000  # points of a tile drawn one by one
PATCHES = 4  # clusters along each side of a tile
HALF_WORLD_M = 20037508.342789244  # half the width of EPSG:3857
ENVELOPE = "ST_TileEnvelope(:z, :x, :y)"
WIDE_ENVELOPE = f"ST_TileEnvelope(:z, :x, :y, margin => {BUFFER / EXTENT})"
Counts = Callable[[int], CellCounts]


@dataclass(frozen=True, slots=True)
class TileAddress:
    """Zoom, column from the west, row from the north."""

    z: int
    x: int
    y: int

    def bound(self) -> dict[str, Any]:
        """As parameters of a statement."""
        return {"z": self.z, "x": self.x, "y": self.y}


def tile(
    c: Connection, profile: Profile, key: str, source: Shapes | Tiles | Cells, *, at: TileAddress, q: Question,
    counts: Counts | None = None,
) -> bytes:  # fmt: skip
    """Draw one tile of an overlay; empty bytes where nothing is to be drawn.

    `counts` gives the cells of a resolution for this question when the caller has them at hand.
    """
    counts = counts or (lambda resolution: cell_counts(c, profile, q, resolution))
    if at.z < source.min_zoom:
        return b""
    if isinstance(source, Cells):
        return _cells(c, key, at, counts(heat_resolution(at.z)))
    if isinstance(source, Shapes):
        return _shapes(c, key, source, at, q)
    if at.z < source.cluster_below_zoom and source.table == "tickets":
        return _patches_of_cells(c, key, at, counts(cluster_resolution(at.z)))
    where = _chosen(c, profile, source, q)
    single = _points(c, key, source, at, where) if at.z >= source.cluster_below_zoom else None
    return _patches(c, key, source, at, where) if single is None else single


def heat_resolution(zoom: int) -> int:
    """H3 resolution of the heat map at a zoom."""
    return 9 if zoom < 13 else 10 if zoom < 15 else 11


def cluster_resolution(zoom: int) -> int:
    """H3 resolution from which ticket clusters are summed: cells a good deal smaller than a patch."""
    return 9 if zoom < 11 else 10 if zoom < 13 else 11


def _shapes(c: Connection, key: str, source: Shapes, at: TileAddress, q: Question) -> bytes:
    drawn = relation(source, at.z)
    conditions = [f"t.geom_3857 && {WIDE_ENVELOPE}", *drawn.conditions]
    parameters = drawn.parameters | at.bound() | {"key": key}
    if source.table == "areas":
        conditions += ["t.valid_from <= :on", "(t.valid_to is null or t.valid_to > :on)"]
        parameters["on"] = q.window.last
    parts = [_mvt(":key", "shape", "rows", drawn)]
    if source.labels:
        points = f"(select * from (select *, ST_PointOnSurface(shape) as point from rows) p where point && {ENVELOPE})"
        parts.append(_mvt(":labels", "point", points, drawn))
        parameters["labels"] = f"{key}_labels"
    rows = _rows(drawn, conditions)
    return _bytes(c, f"with rows as materialized ({rows}) select {' || '.join(parts)}", parameters)


def _points(c: Connection, key: str, source: Tiles, at: TileAddress, where: Condition) -> bytes | None:
    """Every point by itself; None where there are more than anybody can tell apart."""
    drawn = relation(source)
    conditions = [f"t.geom_3857 && {WIDE_ENVELOPE}", *drawn.conditions, where.sql]
    statement = f"""with rows as materialized ({_rows(drawn, conditions)} limit {MOST_SINGLE + 1})
        select case when (select count(*) from rows) <= {MOST_SINGLE} then {_mvt(":key", "shape", "rows", drawn)} end"""
    parameters = drawn.parameters | where.parameters | at.bound() | {"key": key}
    found = c.execute(text(statement), parameters).scalar()
    return None if found is None else bytes(found)


def _patches(c: Connection, key: str, source: Tiles, at: TileAddress, where: Condition) -> bytes:
    drawn = relation(source)
    conditions = _all([f"t.geom_3857 && {WIDE_ENVELOPE}", *drawn.conditions, where.sql])
    name, column, value = source.counted or ("count", "", "")
    counted = f", count(*) filter (where t.{column} = :counted)::int as {name}" if source.counted else ""
    span = f"({2 * HALF_WORLD_M!r} / (1 << :z))"
    statement = f"""
        with points as (select t.*, (ST_X(t.geom_3857) + {HALF_WORLD_M!r}) / {span} as fx,
                               ({HALF_WORLD_M!r} - ST_Y(t.geom_3857)) / {span} as fy
                        from {drawn.from_sql} where {conditions}),
             patches as (select count(*)::int as count {counted}, ST_MakePoint((avg(fx) - :x) * {EXTENT},
                                (avg(fy) - :y) * {EXTENT}) as geom
                         from points t where floor(fx) = :x and floor(fy) = :y
                         group by floor(fx * {PATCHES}), floor(fy * {PATCHES}))
        select coalesce(ST_AsMVT(p, :key, {EXTENT}, 'geom'), '') from patches p"""
    return _bytes(
        c, statement, drawn.parameters | where.parameters | at.bound() | {"key": key, "counted": value}
    )


def _patches_of_cells(c: Connection, key: str, at: TileAddress, counted: CellCounts) -> bytes:
    rows = c.execute(
        text(f"""select cell, centre_lon, centre_lat from hexes
                 where ((cell >> 52) & 15) = :resolution and geom_3857 && {ENVELOPE}"""),
        at.bound() | {"resolution": cluster_resolution(at.z)},
    ).all()
    if not rows:
        return b""
    cells = np.array([row[0] for row in rows], np.int64)
    held, counts = counted.among(cells)
    centres = np.array([(row[1], row[2]) for row in rows], float)[held]
    return _sum_patches(c, key, _tile_units(centres, at.z) - (at.x, at.y), counts)


def _sum_patches(c: Connection, key: str, units: NDArray[np.float64], counts: NDArray[np.int64]) -> bytes:
    inside = ((units >= 0) & (units < 1)).all(axis=1)
    units, counts = units[inside], counts[inside]
    if not len(units):
        return b""
    patch = (np.floor(units * PATCHES) @ (1, PATCHES)).astype(np.int64)
    total = np.bincount(patch, counts)
    middle = [
        np.bincount(patch, counts * units[:, axis])[total > 0] / total[total > 0] * EXTENT for axis in (0, 1)
    ]
    statement = f"""select ST_AsMVT(p, :key, {EXTENT}, 'geom') from (
        select n as count, ST_MakePoint(px, py) as geom
        from unnest(cast(:n as int[]), cast(:px as float8[]), cast(:py as float8[])) u(n, px, py)) p"""
    return _bytes(c, statement, {"key": key, "n": total[total > 0].astype(int).tolist(),
                                 "px": middle[0].tolist(), "py": middle[1].tolist()})  # fmt: skip


def _cells(c: Connection, key: str, at: TileAddress, counted: CellCounts) -> bytes:
    there = c.execute(
        text(f"""select cell from hexes
                 where ((cell >> 52) & 15) = :resolution and geom_3857 && {WIDE_ENVELOPE} order by cell"""),
        at.bound() | {"resolution": heat_resolution(at.z)},
    ).scalars()
    cells = np.fromiter(there, np.int64)
    held, counts = counted.among(cells)
    if not len(held):
        return b""
    statement = f"""select coalesce(ST_AsMVT(f, :key, {EXTENT}, 'geom'), '') from (
        select to_hex(u.cell) as cell, u.n as count,
               ST_AsMVTGeom(h.geom_3857, {ENVELOPE}, {EXTENT}, {BUFFER}, true) as geom
        from unnest(cast(:cells as bigint[]), cast(:n as int[])) u(cell, n) join hexes h on h.cell = u.cell) f
        where f.geom is not null"""
    return _bytes(
        c, statement, at.bound() | {"key": key, "cells": cells[held].tolist(), "n": counts.tolist()}
    )


def _tile_units(lon_lat: NDArray[np.float64], zoom: int) -> NDArray[np.float64]:
    """Web Mercator in tiles of a zoom: columns from the west, rows from the north."""
    x = (lon_lat[:, 0] + 180) / 360
    y = (1 - np.arcsinh(np.tan(np.radians(lon_lat[:, 1]))) / np.pi) / 2
    units: NDArray[np.float64] = np.column_stack([x, y]) * 2**zoom
    return units


def _chosen(c: Connection, profile: Profile, source: Tiles, q: Question) -> Condition:
    """Which points a question is about: tickets by all of it, devices by its area, the rest by nothing."""
    if source.table == "tickets":
        return condition(c, profile, q)
    if source.table in ("cameras", "sensors"):
        return device_condition(c, profile, q)
    return Condition("true", {})


def _rows(drawn: Relation, conditions: list[str]) -> str:
    return f"""select t.id as fid, {drawn.select_list}, t.geom_3857 as shape
               from {drawn.from_sql} where {_all(conditions)}"""


def _mvt(name: str, geometry: str, rows: str, drawn: Relation) -> str:
    """One layer of a tile from rows with fid, the drawn attributes and a geometry in EPSG:3857."""
    carried = ", ".join(f'"{attribute}"' for attribute in drawn.attributes)
    return f"""(select coalesce(ST_AsMVT(f, {name}, {EXTENT}, 'geom', 'fid'), '') from (
        select fid, {carried}, ST_AsMVTGeom({geometry}, {ENVELOPE}, {EXTENT}, {BUFFER}, true) as geom from {rows} r) f
        where f.geom is not null)"""


def _all(conditions: list[str]) -> str:
    return " and ".join(f"({condition})" for condition in conditions)


def _bytes(c: Connection, statement: str, parameters: dict[str, Any]) -> bytes:
    return bytes(c.execute(text(statement), parameters).scalar() or b"")
