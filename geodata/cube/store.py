"""Opens a cube and counts with it: two running totals and the few days beyond them, for the cells in view."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from geodata.cube import files
from geodata.cube.arrays import EPOCH, day_number
from geodata.cube.build import BLOCK_ROWS
from geodata.cube.kernels import compiled
from geodata.cube.tree import Term, Tree
from geodata.errors import BadArgument
from geodata.queries.heat import CellCounts
from geodata.queries.question import band_hours
from geodata.space.hexes import RESOLUTIONS
from geodata.types import BBox

EVERYWHERE = (-1e9, -1e9, 1e9, 1e9)
GAP_ROWS = 12  # rows out of the box that are cheaper to count than to jump over
KEPT_TERMS = 256
PARTS = ("plane_ptr", "seg_day", "seg_ptr", "seg_cum", "entry_row", "entry_day", "totals")


@dataclass(frozen=True, slots=True)
class CubeQuestion:
    """What a cube can be asked: whole days, both included; `categories` and `areas` are keys, None is all of them.

    `areas` are the keys of the places the cube was built with; `band` hours of the local day, as in Question.
    """

    resolution: int
    first: date
    last: date
    categories: frozenset[int] | None = None
    areas: frozenset[int] | None = None
    bbox: BBox | None = None
    band: tuple[int, int] | None = None


class _Grid(NamedTuple):
    """The rows of a resolution and its levels."""

    rows: tuple[NDArray[Any], ...]  # cell, place, lon, lat
    blocks: NDArray[np.float64]
    levels: dict[str, tuple[NDArray[Any], ...]]
    whole: tuple[NDArray[np.int64], NDArray[np.int64]]
    scratch: int


class Cube:
    """One cube, memory-mapped: its pages are shared by all processes that have it open."""

    def __init__(self, folder: Path, manifest: dict[str, Any]) -> None:
        self.name = folder.name
        self.facts: dict[str, Any] = manifest["facts"]
        self.bytes = sum(file["bytes"] for file in manifest["files"].values())
        self._tree = Tree(self.facts["categories"], {int(k): v for k, v in self.facts["parents"].items()})
        self._places = np.array(self.facts["places"], np.int64)
        self._all_places = np.ones(max(len(self._places), 1), np.bool_)
        self._terms: OrderedDict[Any, list[Term]] = OrderedDict()
        self._grids = {r: self._open(folder, r) for r in RESOLUTIONS}
        self._first_day = int(self.facts["first_day"])
        self.place_of: dict[int, int] = {int(k): v for k, v in self.facts.get("place_of", {}).items()}

    @classmethod
    def open(cls, folder: Path, *, sums: bool = True) -> Cube:
        """Open a folder after holding its files to the manifest; raises Damaged."""
        return cls(folder, files.check(folder, sums=sums))

    def _open(self, folder: Path, resolution: int) -> _Grid:
        def read(part: str) -> NDArray[Any]:
            return files.mapped(folder / f"r{resolution}.{part}.npy")

        rows = tuple(read(part) for part in ("cell", "place", "lon", "lat"))
        levels = {name: tuple(read(f"{name}.{part}") for part in PARTS) for name, _ in self._tree.tables()}
        whole = np.zeros(1, np.int64), np.full(1, len(rows[0]), np.int64)
        return _Grid(rows, read("blocks"), levels, whole, len(rows[0]))

    def cells(self, resolution: int) -> NDArray[np.int64]:
        """Every cell that holds or held something, ascending; one at a border stands twice."""
        return np.asarray(self._grids[resolution].rows[0])

    def counts(self, q: CubeQuestion) -> CellCounts:
        """Cells of the box that hold something, ascending, and their counts."""
        grid = self._grids.get(q.resolution)
        if grid is None:
            raise BadArgument("resolution", f"The resolution must be 9, 10 or 11, not {q.resolution}.")
        do = compiled()
        box = EVERYWHERE if q.bbox is None else tuple(q.bbox)
        starts, stops = grid.whole if q.bbox is None else _runs(grid, box)
        days = max(day_number(q.first) - self._first_day, 0), max(day_number(q.last) - self._first_day + 1, 0)
        room = int((stops - starts).sum())
        out = np.zeros(room, np.int64)
        if days[0] < days[1] and room:
            for term in self._terms_of(q):
                do.accumulate(grid.levels[term.level], term.planes, days, term.sign, starts, stops, out)
        cells, counts = np.empty(room, np.int64), np.empty(room, np.int64)
        found = do.gather(grid.rows, box, self._wanted(q.areas), starts, stops, out, cells, counts)
        return CellCounts(cells[:found], counts[:found])

    def _terms_of(self, q: CubeQuestion) -> list[Term]:
        key = (q.categories, q.band)
        known = self._terms.get(key)
        if known is None:
            hours = None if q.band is None else sorted(band_hours(q.band))
            known = self._tree.terms(q.categories, hours)
            self._terms[key] = known
            while len(self._terms) > KEPT_TERMS:
                self._terms.popitem(last=False)
        return known

    def _wanted(self, areas: frozenset[int] | None) -> NDArray[np.bool_]:
        if areas is None:
            return self._all_places
        wanted = np.zeros(len(self._all_places), np.bool_)
        wanted[: len(self._places)] = np.isin(self._places, list(areas))
        return wanted


def _runs(grid: _Grid, box: tuple[float, ...]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    starts, stops = np.empty(grid.scratch, np.int64), np.empty(grid.scratch, np.int64)
    found = compiled().find_runs(
        grid.blocks, grid.rows[2], grid.rows[3], box, BLOCK_ROWS, GAP_ROWS, starts, stops
    )
    return starts[:found], stops[:found]


def warm(cube: Cube) -> None:
    """Ask each kind of question once, so that nobody waits for the compiler."""
    day = date.fromordinal(EPOCH + int(cube.facts["first_day"]))
    for resolution in RESOLUTIONS:
        cube.counts(CubeQuestion(resolution, day, day))
        cube.counts(CubeQuestion(resolution, day, day, bbox=BBox(0.0, 0.0, 1.0, 1.0)))
