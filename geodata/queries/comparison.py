"""Cells compared: with the window before, with the year before, per km² of ground, per 1,000 residents."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, text

from geodata.errors import BadArgument
from geodata.profile import Profile
from geodata.queries.heat import CellCounts, cell_counts
from geodata.queries.population import population_file
from geodata.queries.residents import residents_by_cell
from geodata.rules.comparison import year_before
from geodata.types import Bilingual, Question, Window

Mode = Literal["before", "last_year", "per_km2", "per_1000"]
MODES: Final[tuple[Mode, ...]] = ("before", "last_year", "per_km2", "per_1000")
Counts = Callable[[Question], CellCounts]

UNITS: dict[Mode, Bilingual] = {
    "before": Bilingual("件，与上期之差", "tickets more or fewer than in the window before"),
    "last_year": Bilingual("件，与上年同期之差", "tickets more or fewer than a year before"),
    "per_km2": Bilingual("件/平方公里", "tickets per km²"),
    "per_1000": Bilingual("件/千人", "tickets per 1,000 residents"),
}
NOT_REACHED = Bilingual(
    "对比时段没有工单数据，差值缺失", "No tickets are known for the other window, so there is no difference."
)
NO_RASTER = Bilingual(
    "没有人口栅格，人均值缺失", "There is no population raster, so there is no rate per resident."
)
LEAST_RESIDENTS = 1.0  # below one resident a rate says nothing
# A cell at the border has only the ground inside the district; the share is taken in 3857, whose scale is even in a cell.
GROUND = """
    with district as materialized (
        select ST_Union(a.geom_3857) as geom from areas a
        where a.scheme = :scheme and a.valid_from <= :on and (a.valid_to is null or a.valid_to > :on)
          and a.level = (select level from areas where scheme = :scheme and level = any(cast(:levels as text[]))
                         order by array_position(cast(:levels as text[]), level) limit 1))
    select h.cell, case when d.geom is null or ST_Covers(d.geom, h.geom_3857) then h.area_m2
                        else h.area_m2 * ST_Area(ST_Intersection(d.geom, h.geom_3857)) / ST_Area(h.geom_3857) end as area_m2
    from hexes h cross join district d where h.cell = any(:cells)"""


@dataclass(frozen=True, slots=True)
class CellValues:
    """Cells in ascending order with what each is compared by; NaN is missing, and `missing` says why all of them are.

    `counts` and `before` are the counts behind a value, for suppression; `before` is None for the rates.
    """

    cells: NDArray[np.int64]
    values: NDArray[np.float64]
    unit: Bilingual
    diverging: bool
    counts: NDArray[np.int64]
    before: NDArray[np.int64] | None = None
    missing: Bilingual | None = None
    window_before: Window | None = None


def comparison_cells(
    c: Connection, profile: Profile, q: Question, mode: Mode, resolution: int,
    *, before: Window | None = None, rasters: Path | None = None, counts: Counts | None = None,
) -> CellValues:  # fmt: skip
    """Compare the cells of a question; `counts` gives the cells of a question when the caller has a faster way.

    Without a window before, that of equal length right before is taken.
    """
    counts = counts or (lambda asked: cell_counts(c, profile, asked, resolution))
    if mode not in MODES:
        raise BadArgument("mode", f"mode must be one of {', '.join(MODES)}.")
    now = counts(q)
    if mode == "per_km2":
        return _rate(mode, now, _ground_km2(c, profile, q, now.cells))
    if mode == "per_1000":
        people = residents_by_cell(population_file(c, profile, rasters), now.cells)
        return _rate(
            mode, now, None if people is None else np.where(people >= LEAST_RESIDENTS, people, np.nan) / 1000
        )
    other = other_window(q, mode, before)
    earlier = counts(replace(q, window=other, hours=None)) if _reaches(c, other) else None
    return _difference(mode, now, earlier, other)


def other_window(q: Question, mode: Mode, before: Window | None) -> Window:
    """The window that a difference is taken from."""
    if mode == "last_year":
        return Window(year_before(q.window.first), year_before(q.window.last), q.window.zone)
    return before or q.window.previous()


def _difference(mode: Mode, now: CellCounts, earlier: CellCounts | None, other: Window) -> CellValues:
    cells = now.cells if earlier is None else np.union1d(now.cells, earlier.cells)
    held = counts_at(now, cells)
    past = counts_at(earlier, cells) if earlier else np.zeros(len(cells), np.int64)
    values = (held - past).astype(np.float64) if earlier else np.full(len(cells), np.nan)
    return CellValues(cells, values, UNITS[mode], True, held, past if earlier else None,  # noqa: FBT003
                      None if earlier else NOT_REACHED, other)  # fmt: skip


def _rate(mode: Mode, now: CellCounts, per: NDArray[np.float64] | None) -> CellValues:
    """Counts divided; a cell with nothing to divide by is missing."""
    values = np.full(len(now.cells), np.nan)
    if per is not None:
        known = np.isfinite(per) & (per > 0)
        values[known] = now.counts[known] / per[known]
    return CellValues(now.cells, values, UNITS[mode], False, now.counts,  # noqa: FBT003
                      missing=NO_RASTER if per is None else None)  # fmt: skip


def counts_at(counted: CellCounts, cells: NDArray[np.int64]) -> NDArray[np.int64]:
    """The count of each of the cells, 0 where nothing was counted."""
    found = np.zeros(len(cells), np.int64)
    held, counts = counted.among(cells)
    found[held] = counts
    return found


def _ground_km2(
    c: Connection, profile: Profile, q: Question, cells: NDArray[np.int64]
) -> NDArray[np.float64]:
    """The part of each cell that lies in the district, km²; NaN for a cell that is not known."""
    rows = c.execute(text(GROUND), {
        "scheme": profile.scheme, "on": q.window.last, "cells": cells.tolist(),
        "levels": [level.key for level in profile.levels],
    })  # fmt: skip
    area = {row.cell: row.area_m2 / 1e6 for row in rows}
    return np.array([area.get(cell, np.nan) for cell in cells.tolist()], np.float64)


def _reaches(c: Connection, window: Window) -> bool:
    """Whether tickets are known from the window's first day on or before: what nobody recorded is missing, not zero."""
    first_day = window.start + timedelta(days=1)
    return bool(
        c.execute(
            text("select min(received_at) < :first_day from tickets"), {"first_day": first_day}
        ).scalar()
    )
