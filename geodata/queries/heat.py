"""Located tickets counted per H3 cell: the one definition behind heat, clusters and every cell figure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import h3.api.basic_int as h3
import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, text

from geodata.errors import BadArgument
from geodata.profile import Profile
from geodata.queries.question import condition
from geodata.queries.relations import LOCATED_SQL
from geodata.types import BBox, Question

RESOLUTIONS = (9, 10, 11)


@dataclass(frozen=True, slots=True)
class HexCount:
    """How many tickets lie in one cell; the cell as H3 text."""

    cell: str
    count: int


@dataclass(frozen=True, slots=True)
class CellCounts:
    """Cells in ascending order and their counts, two arrays of one length."""

    cells: NDArray[np.int64]
    counts: NDArray[np.int64]

    def among(self, cells: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Those of the given cells that hold something (as positions in `cells`), and their counts."""
        if not len(self.cells):
            return np.empty(0, np.int64), np.empty(0, np.int64)
        at = np.minimum(np.searchsorted(self.cells, cells), len(self.cells) - 1)
        held = np.flatnonzero(self.cells[at] == cells)
        return held, self.counts[at[held]]


def cell_counts(c: Connection, profile: Profile, q: Question, resolution: int) -> CellCounts:
    """Count the located tickets of a question in every cell of a resolution (9, 10 or 11)."""
    if resolution not in RESOLUTIONS:
        raise BadArgument("resolution", f"The resolution must be 9, 10 or 11, not {resolution}.")
    where = condition(c, profile, q)
    packed = c.execute(
        text(f"""select string_agg(int8send(cell), ''), string_agg(int8send(n), '') from (
                    select t.hex_r{resolution} as cell, count(*) as n from tickets t
                    where {where.sql} and {LOCATED_SQL} group by 1) counted"""),
        where.parameters,
    ).one()
    cells, counts = (np.frombuffer(column or b"", ">i8").astype(np.int64) for column in packed)
    order = np.argsort(cells)
    return CellCounts(cells[order], counts[order])


def heat(c: Connection, profile: Profile, q: Question, bbox: BBox | None, resolution: int) -> list[HexCount]:
    """Cells whose centre lies in the box (None: everywhere), each with its whole count."""
    return within(cell_counts(c, profile, q, resolution), bbox)


def within(counted: CellCounts, bbox: BBox | None) -> list[HexCount]:
    """Those of the counted cells whose centre lies in the box, its edge included."""
    pairs = zip(counted.cells.tolist(), counted.counts.tolist(), strict=True)
    return [
        HexCount(h3.int_to_str(cell), count) for cell, count in pairs if bbox is None or _inside(cell, bbox)
    ]


def breaks(counts: Iterable[int] | NDArray[np.int64], classes: int = 7) -> list[int]:
    """Lowest counts of the classes, ascending, the first being 1; each class holds fewer cells than the one below.

    The limits stand at the quantiles 1 − (1 − i / classes)², so that with seven classes the highest holds 2 % of the
    cells: what glows is what stands out. Fewer limits come back where counts repeat so much that classes would be empty.
    """
    ordered = np.sort(counts if isinstance(counts, np.ndarray) else np.fromiter(counts, np.int64))
    if not len(ordered):
        return []
    shares = 1 - (1 - np.arange(1, classes) / classes) ** 2
    limits = np.quantile(ordered, shares, method="higher")
    return sorted({1, *limits.tolist()})


def _inside(cell: int, bbox: BBox) -> bool:
    lat, lon = h3.cell_to_latlng(cell)
    return bool(bbox.west <= lon <= bbox.east and bbox.south <= lat <= bbox.north)
