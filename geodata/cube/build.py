"""Builds a cube: tickets sorted by cell once a resolution, then laid into segments of days plane by plane."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Engine, text

from geodata.cube import dossier, source
from geodata.cube.arrays import Columns, Tickets, columns_of
from geodata.cube.files import Writer
from geodata.cube.kernels import compiled
from geodata.cube.tree import Tree
from geodata.profile import Profile
from geodata.queries.freshness import data_version
from geodata.space.hexes import RESOLUTIONS, centres

BLOCK_ROWS = 64
TICKETS_PER_ROW = 4  # of a segment: more makes the cube smaller and a day between two checkpoints slower
LEAST_SEGMENT = 1024
Progress = Callable[[str, float], None]


def quiet(_step: str, _share: float) -> None:
    """Progress that nobody watches."""


def build(engine: Engine, profile: Profile, folder: Path, progress: Progress = quiet) -> None:
    """Build the cube and the dossier's roll-up of a database into a folder, which must not exist; one snapshot of it."""
    with engine.connect().execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True) as c:
        c.execute(text("set local statement_timeout = 0"))
        facts: dict[str, Any] = {
            "snapshot": source.snapshot(c), "database": source.database(c), "zone": profile.time_zone,
            "ground": source.ground(c), "data_version": data_version(c),
        }  # fmt: skip
        places, parents, expected = source.places(c, profile), source.parents(c), source.expected(c)
        gathered = source.Gathering()
        for chunk in source.read(c, profile):
            gathered.take(chunk)
            progress("tickets", min(gathered.tickets / max(expected, 1), 1.0))
    writer = Writer(folder)
    lives = gathered.lives()
    facts["dossier"] = dossier.write(lives, writer)  # first: it needs the most room beside its columns
    progress("dossier", 1.0)
    columns, place_of = gathered.heat(lives, places, parents)
    del lives
    facts["place_of"] = {str(area): place for area, place in place_of.items()}
    _grids(columns, writer, progress)
    writer.finish(_facts(columns) | facts)


def build_from(
    arrays: Tickets, folder: Path, *, facts: dict[str, Any] | None = None, progress: Progress = quiet
) -> None:
    """Build a cube from columns into a folder, which must not exist; `facts` are kept with it."""
    columns, writer = columns_of(arrays), Writer(folder)
    _grids(columns, writer, progress)
    writer.finish(_facts(columns) | (facts or {}))  # last, so that a half-made folder is no cube


def _grids(columns: Columns, writer: Writer, progress: Progress) -> None:
    """Every resolution, two at a time."""
    tree = Tree(columns.category_keys.tolist(), columns.parents)
    with ThreadPoolExecutor(2) as pool:
        asked = [pool.submit(_resolution, columns, tree, r, writer) for r in reversed(RESOLUTIONS)]
        for done, _ in enumerate(as_completed(asked), 1):
            progress("cube", done / len(asked))
        for one in asked:
            one.result()


def _facts(columns: Columns) -> dict[str, Any]:
    return {
        "tickets": columns.tickets,
        "first_day": columns.first_day,
        "days": columns.day_count,
        "categories": columns.category_keys.tolist(),
        "parents": {str(key): above for key, above in columns.parents.items()},
        "places": columns.place_keys.tolist(),
    }


def _resolution(columns: Columns, tree: Tree, resolution: int, writer: Writer) -> None:
    cells, places, row_of = _rows(columns, resolution)
    writer.put(f"r{resolution}.cell", cells)
    writer.put(f"r{resolution}.place", places)
    lon, lat = centres(cells)
    writer.put(f"r{resolution}.lon", lon)
    writer.put(f"r{resolution}.lat", lat)
    writer.put(f"r{resolution}.blocks", blocks(lon, lat))
    by = _sorted(columns, resolution, row_of, len(cells))
    for name, table in tree.tables():
        for part, array in _level(by, table, columns.day_count).items():
            writer.put(f"r{resolution}.{name}.{part}", array)


def _rows(
    columns: Columns, resolution: int
) -> tuple[NDArray[np.int64], NDArray[np.int16], NDArray[np.int32]]:
    """Rows are pairs of cell and place that occur, by cell: H3's own order keeps neighbours together."""
    known, wide = columns.cells[resolution], max(len(columns.place_keys), 1)
    occurs = np.zeros(len(known) * wide, bool)
    codes = columns.codes[resolution]
    for begin in range(0, len(codes), 1 << 20):
        part = slice(begin, begin + (1 << 20))
        occurs[codes[part].astype(np.int64) * wide + columns.places[part]] = True
    pairs = np.flatnonzero(occurs)
    pairs = pairs[np.lexsort((pairs % wide, known[pairs // wide]))]
    row_of = np.full(len(occurs), -1, np.int32)
    row_of[pairs] = np.arange(len(pairs), dtype=np.int32)
    return known[pairs // wide], (pairs % wide).astype(np.int16), row_of


Sorted = tuple[NDArray[Any], NDArray[Any], NDArray[Any], NDArray[Any]]


def _sorted(columns: Columns, resolution: int, row_of: NDArray[np.int32], rows: int) -> Sorted:
    """Where each row begins, and categories, hours and days in the order of rows."""
    begins = np.zeros(rows + 1, np.int64)
    to = (np.empty_like(columns.categories), np.empty_like(columns.hours), np.empty_like(columns.days))
    compiled().sort_by_row(
        row_of, columns.codes[resolution], columns.places, max(len(columns.place_keys), 1),
        (columns.categories, columns.hours, columns.days, begins, *to),
    )  # fmt: skip
    return begins, *to


def _level(by: Sorted, table: NDArray[np.int32], days: int) -> dict[str, NDArray[Any]]:
    begins, categories, hours, day = by
    rows, planes = len(begins) - 1, int(table.max(initial=-1)) + 1
    segment_of = np.zeros((planes, days), np.int32)
    compiled().histogram(categories, hours, day, table, segment_of)
    tickets = int(segment_of.sum())
    limit = max(TICKETS_PER_ROW * rows, LEAST_SEGMENT)
    plane_ptr, seg_day, seg_size = (
        np.zeros(n, np.int64) for n in (planes + 1, *[planes + tickets // limit + 1] * 2)
    )
    count = compiled().cut(segment_of, limit, plane_ptr, seg_day, seg_size)
    seg_ptr = np.concatenate([[0], np.cumsum(seg_size[:count])]).astype(np.int64)
    entry_row = np.empty(tickets, np.uint16 if rows <= 1 << 16 else np.uint32)
    entry_day = np.empty(tickets, np.uint16)
    compiled().scatter(
        begins, categories, hours, day, table, segment_of, seg_ptr[:-1].copy(), entry_row, entry_day
    )
    del segment_of
    seg_cum, totals = _totals(plane_ptr, seg_ptr, entry_row, rows)
    return {
        "plane_ptr": plane_ptr, "seg_day": seg_day[:count], "seg_ptr": seg_ptr, "seg_cum": seg_cum,
        "entry_row": entry_row, "entry_day": entry_day, "totals": totals,
    }  # fmt: skip


def _totals(
    plane_ptr: NDArray[np.int64], seg_ptr: NDArray[np.int64], entry_row: NDArray[Any], rows: int
) -> tuple[NDArray[np.int64], NDArray[np.uint32]]:
    """Running totals before each segment but the first of its plane, and which of them is whose (−1: none)."""
    seg_cum = np.arange(len(seg_ptr) - 1, dtype=np.int64)
    first = np.zeros(len(seg_cum), bool)
    first[plane_ptr[:-1][plane_ptr[:-1] < plane_ptr[1:]]] = True
    seg_cum = np.where(first, -1, seg_cum - np.cumsum(first))
    totals = np.zeros((int((~first).sum()), rows), np.uint32)
    compiled().run_up(plane_ptr, seg_ptr, seg_cum, entry_row, totals)
    return seg_cum, totals


def blocks(lon: NDArray[np.float64], lat: NDArray[np.float64]) -> NDArray[np.float64]:
    """West, south, east, north of each block of rows."""
    if not len(lon):
        return np.empty((0, 4), np.float64)
    at = np.arange(0, len(lon), BLOCK_ROWS)
    reduced = (np.minimum.reduceat(lon, at), np.minimum.reduceat(lat, at), np.maximum.reduceat(lon, at), np.maximum.reduceat(lat, at))  # fmt: skip
    return np.column_stack(reduced)
