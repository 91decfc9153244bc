"""Vector tiles (Mapbox Vector Tile 2.1, extent 4096) of every overlay, drawn from stored EPSG:3857 geometries.

What is counted per cell – heat, clusters of tickets – is drawn from the counts in memory without asking the database.

Shapes overlap a tile by a buffer of 64 so that outlines meet; clusters do not: a point belongs to exactly one tile and
one patch of it, the half-open square that its own Mercator coordinate falls into, so clusters of a zoom add up.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any, cast

import psycopg
from sqlalchemy import Connection

from geodata.profile import Profile
from geodata.queries.cell_tiles import PATCHES, cluster_tile, count_within, heat_tile
from geodata.queries.heat import CellCounts, cell_counts
from geodata.queries.question import Condition, condition, device_condition
from geodata.queries.relations import Relation, relation
from geodata.queries.sources import Cells, Shapes, Tiles
from geodata.space.hexes import touching
from geodata.space.tiling import BUFFER, EXTENT, HALF_WORLD_M, TileAddress, wide_box
from geodata.store.glances import PARAMETER, bytes_of
from geodata.types import Question

__all__ = ["TileAddress", "cluster_resolution", "heat_resolution", "tile"]

MOST_SINGLE = 4000  # points of a tile drawn one by one
PATCHES_OF_CELLS_TO_ZOOM = 16  # beyond it a patch is smaller than a cell
NEAR_RESOLUTION = 10  # of the index by which tickets of a place and a window are found
ENVELOPE = "ST_TileEnvelope(:z, :x, :y)"
WIDE_ENVELOPE = f"ST_TileEnvelope(:z, :x, :y, margin => {BUFFER / EXTENT})"
Counts = Callable[[int], CellCounts]


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
        return heat_tile(key, at, counts(heat_resolution(at.z)), heat_resolution(at.z))
    if isinstance(source, Shapes):
        return _shapes(c, key, source, at, q)
    if source.table == "tickets":
        return _tickets(c, profile, key, source, at=at, q=q, counts=counts)
    where = _chosen(c, profile, source, q)
    single = _points(c, key, source, at, where) if at.z >= source.cluster_below_zoom else None
    return _patches(c, key, source, at, where) if single is None else single


def _tickets(
    c: Connection, profile: Profile, key: str, source: Tiles, *, at: TileAddress, q: Question, counts: Counts
) -> bytes:
    """Clusters from the counts where points would be too many, else the points by the index of place and time."""
    resolution = cluster_resolution(at.z)
    by_cells = at.z <= PATCHES_OF_CELLS_TO_ZOOM
    if by_cells:
        counted = counts(resolution)
        if at.z < source.cluster_below_zoom or count_within(at, counted, resolution) > MOST_SINGLE:
            return cluster_tile(key, at, counted, resolution)
    where = condition(c, profile, q)
    near = f"t.hex_r{NEAR_RESOLUTION} = any(:near) and {where.sql}"
    nearby = Condition(near, where.parameters | {"near": near_cells(at)})
    single = _points(c, key, source, at, nearby)
    if single is not None:
        return single
    return cluster_tile(key, at, counted, resolution) if by_cells else _patches(c, key, source, at, nearby)


@lru_cache(maxsize=4096)
def near_cells(at: TileAddress) -> list[int]:
    """The cells that a tile with its margin meets, by which its tickets are found."""
    return touching(*wide_box(at), NEAR_RESOLUTION)


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
    return _drawn(c, statement, parameters)


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
    return _drawn(c, statement, parameters) or b""


def _drawn(c: Connection, statement: str, parameters: dict[str, Any]) -> bytes | None:
    """The one value of a statement, by the shortest way: what is laid over it takes longer than many a tile."""
    driver = cast("psycopg.Connection[Any]", c.connection.driver_connection)
    if driver.autocommit:
        return bytes_of(c, statement, parameters)
    with driver.cursor(binary=True) as cursor:
        found = cursor.execute(_in_drivers_words(statement), parameters).fetchone()
    return None if found is None or found[0] is None else bytes(found[0])


@lru_cache(maxsize=256)
def _in_drivers_words(statement: str) -> bytes:
    return PARAMETER.sub(r"%(\1)s", statement.replace("%", "%%")).encode()
