"""All that an export is made from: the question, its tables with small counts hidden, its cells, and what is known of both.

What leaves the system is suppressed for everybody, whatever the role.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection

from app.terms import Language, Terms
from geodata.profile import Profile
from geodata.queries import areas, categories, freshness
from geodata.queries.breakdown import BreakdownRow
from geodata.queries.heat import CellCounts, cell_counts
from geodata.queries.hotspot_roads import HotspotRoads, hotspot_roads
from geodata.queries.ranking import Ranking
from geodata.queries.response_times import Times
from geodata.queries.shown import Reader, ShownTrend
from geodata.rules.suppression import LEAST, hide_cells
from geodata.types import Question, Window

Counts = Callable[[Question, int], CellCounts]
DEPTH = 2


@dataclass(frozen=True)
class Cells:
    """Hexagons of a question in ascending order, their counts, and which are hidden."""

    resolution: int
    cells: NDArray[np.int64]
    counts: NDArray[np.int64]
    hidden: NDArray[np.bool_]


@dataclass(frozen=True)
class Matter:
    """One question to be taken away; every table is read when first asked for, all in one moment of the data."""

    c: Connection
    profile: Profile
    q: Question
    before: Window | None
    level: str
    resolution: int
    language: Language
    now: datetime
    rasters: Path | None = None
    shape_name: str | None = None
    byte_order_mark: bool = True
    counts: Counts | None = field(default=None)

    @property
    def terms(self) -> Terms:
        """The words of the reader's language."""
        return Terms(self.language)

    @cached_property
    def reader(self) -> Reader:
        """The tables as they may leave."""
        return Reader(self.c, self.profile, self.q, self.before, hides=True, rasters=self.rasters)

    @cached_property
    def as_of(self) -> datetime | None:
        """The instant up to which tickets are known."""
        return freshness.data_as_of(self.c)["tickets"]

    @cached_property
    def is_demo(self) -> bool:
        """Whether the rows were generated."""
        return freshness.demo(self.c) is not None

    @cached_property
    def ranking(self) -> Ranking:
        """Areas of the level."""
        return self.reader.ranking(self.level)

    @cached_property
    def trend(self) -> ShownTrend:
        """Day by day."""
        return self.reader.trend()

    @cached_property
    def matrix(self) -> list[list[int | None]]:
        """Weekday by hour."""
        return self.reader.matrix()

    @cached_property
    def breakdown(self) -> list[BreakdownRow]:
        """Categories two steps down."""
        return self.reader.breakdown(DEPTH)

    @cached_property
    def times(self) -> Times:
        """Response and deadlines."""
        return self.reader.times()

    @cached_property
    def roads(self) -> HotspotRoads:
        """Stretches that stand out, one an area at most; those of fewer than five tickets are not among them."""
        levels = self.profile.levels
        found = hotspot_roads(self.c, self.profile, self.q, level=levels[min(1, len(levels) - 1)].key)
        return replace(found, rows=[row for row in found.rows if row.count >= LEAST])

    @cached_property
    def cells(self) -> Cells:
        """Hexagons; in what leaves the system small counts are hidden at every resolution."""
        counted = (self.counts or self._count)(self.q, self.resolution)
        return Cells(self.resolution, counted.cells, counted.counts, hide_cells(counted.counts))

    @cached_property
    def area_names(self) -> dict[str, str]:
        """The names of the areas that the question names, by code."""
        codes = [*(self.q.areas or ()), *([self.q.area] if self.q.area else [])]
        found = {
            code: areas.get_area(self.c, self.profile, code, self.q.scheme, self.q.window.last)
            for code in codes
        }
        return {code: self.terms.pick(area.name, area.name_en) for code, area in found.items()}

    @cached_property
    def category_names(self) -> list[str]:
        """The names of the categories that the question names."""
        wanted = set(self.q.categories or ())
        found = [entry for entry in categories.tree(self.c) if entry.code in wanted]
        return [self.terms.pick(entry.name, entry.name_en) for entry in found]

    def local(self, at: datetime) -> datetime:
        """A time on the clocks of the district."""
        return at.astimezone(self.profile.zone)

    def _count(self, q: Question, resolution: int) -> CellCounts:
        return cell_counts(self.c, self.profile, q, resolution)

    def asking(self, level: str) -> Matter:
        """The same with the areas of another level."""
        return replace(self, level=level)
