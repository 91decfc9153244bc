"""Which cells hold more tickets than chance would give them, with a reading for a planner."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection

from geodata.errors import BadArgument, Refused
from geodata.profile import Profile
from geodata.queries.heat import CellCounts, cell_counts
from geodata.queries.population import population_file
from geodata.queries.residents import residents_by_cell
from geodata.queries.study_ground import Ground, study_ground
from geodata.rules.hotspots import reading
from geodata.rules.hotspots.exposure import history
from geodata.rules.hotspots.neighbours import neighbours
from geodata.rules.hotspots.reading import Exposure
from geodata.rules.hotspots.significance import KEYS, LEAST, Judged, Method, judge
from geodata.space.hexes import areas_m2
from geodata.types import Bilingual, Question, Window

Floats = NDArray[np.float64]
Counter = Callable[[Question, int], CellCounts]
WHOLE = 0.95
YEAR = timedelta(days=365)
COUNTED = ("tickets", "history")  # exposures that are counts, with chance of their own
SEED = 20240301  # the same question has the same answer


@dataclass(frozen=True, slots=True)
class CellClasses:
    """A class for every cell of the ground asked about.

    `values` is the statistic (z of Gi*, I of Moran; z of the last step for emerging), p and q its chance and its
    false-discovery rate, NaN where nothing can be said. `classes` are positions in `keys`, `labels` and `readings`;
    `neutral` is the one that says nothing. `total` are the tickets judged, `outside` those on no cell of the ground or
    on one whose exposure is unknown.
    """

    cells: NDArray[np.int64]
    values: Floats
    p: Floats
    q: Floats
    classes: NDArray[np.int8]
    keys: tuple[str, ...]
    labels: tuple[Bilingual, ...]
    readings: tuple[Bilingual, ...]
    neutral: int
    reading: Bilingual
    total: int
    outside: int
    trend_z: Floats | None = None

    def number_of(self, key: str) -> int:
        """How many cells have a class."""
        return int((self.classes == self.keys.index(key)).sum())


def significance(
    c: Connection, profile: Profile, q: Question, resolution: int = 10, *, method: Method = "gi",
    exposure: Exposure = "none", rasters: Path | None = None, counted: Counter | None = None,
) -> CellClasses:  # fmt: skip
    """Judge every cell of the ground; the raster of residents lies in `rasters`.

    `exposure` is what tickets are held against: none (every cell alike), population, area, or tickets, which are those of
    all other categories in the same window, or history, the same question's year before. `counted` counts a question's cells when the caller has a faster way.
    """
    if method not in KEYS:
        raise BadArgument("method", "The method must be gi or moran.")
    counted = counted or counter(c, profile)
    ground = study_ground(c, profile, q, resolution)
    rasters = population_file(c, profile, rasters) if exposure == "population" else None
    counts, outside = on_ground(ground, counted(q, resolution))
    exposed = exposure_of(ground, q, resolution, exposure, counts, rasters=rasters, counted=counted)
    ground, counts, exposed, unknown = known_only(ground, counts, exposed)
    total, neutral = int(counts.sum()), KEYS[method].index("none")
    if total < LEAST:
        judged, said = _nothing(len(counts), method), reading.TOO_FEW
    else:
        judged = judge(counts, ground.w, method, seed=SEED, exposure=exposed, counted=exposure in COUNTED)
        if exposure == "none":
            judged = replace(
                judged, classes=whole_only(ground, judged.classes, judged.classes < neutral, neutral)
            )
        said = _reading(ground, counts, judged, method, exposure)
    keys = KEYS[method]
    return CellClasses(
        ground.cells, judged.values, judged.p, judged.q, judged.classes, keys,
        tuple(map(reading.label, keys)), tuple(reading.of_class(key, exposure) for key in keys),
        neutral, said, total, outside + unknown,
    )  # fmt: skip


def counter(c: Connection, profile: Profile) -> Counter:
    """Cells counted from ticket rows."""
    return lambda q, resolution: cell_counts(c, profile, q, resolution)


def on_ground(ground: Ground, found: CellCounts) -> tuple[Floats, int]:
    """Counts on the cells of the ground, and how many tickets lie on none of them."""
    return ground.counted(found.cells, found.counts)


def exposure_of(
    ground: Ground, q: Question, resolution: int, exposure: Exposure, counts: Floats, *, rasters: Path | None,
    counted: Counter,
) -> Floats | None:  # fmt: skip
    """What each cell's tickets are held against: NaN where unknown; None when cells are all alike."""
    if exposure == "none":
        return None
    if exposure == "area":
        return ground.inside_m2
    if exposure == "tickets":
        if q.categories is None:
            raise BadArgument(
                "exposure", "Choose a category to hold against all other tickets, or compare with residents."
            )
        return on_ground(ground, counted(replace(q, categories=None), resolution))[0] - counts
    if exposure == "history":
        return _history(ground, q, resolution, counted)
    if exposure != "population":
        raise BadArgument("exposure", f"The exposure must be one of {', '.join(reading.EXPOSURES)}.")
    people = residents_by_cell(rasters, ground.cells)
    if people is None:
        raise Refused("There is no raster of residents here; compare with area or all tickets instead.")
    return people


def _history(ground: Ground, q: Question, resolution: int, counted: Counter) -> Floats:
    """What each cell had in the year before the window, drawn to what its other tickets of that year make expected."""
    first = q.window.first
    year = replace(q, window=Window(first - YEAR, first - timedelta(days=1), q.window.zone), hours=None)
    before, _ = on_ground(ground, counted(year, resolution))
    if before.sum() < LEAST:
        raise Refused(
            "There are no tickets of the year before to compare with; compare with residents or all tickets."
        )
    if q.categories is None:
        return before
    return history(
        before, on_ground(ground, counted(replace(year, categories=None), resolution))[0] - before
    )[0]


def known_only(
    ground: Ground, counts: Floats, exposed: Floats | None
) -> tuple[Ground, Floats, Floats | None, int]:
    """The part of the ground whose exposure is known, and how many tickets lie on the rest."""
    if exposed is None or np.isfinite(exposed).all():
        return ground, counts, exposed, 0
    known = np.isfinite(exposed)
    cells = ground.cells[known]
    kept = Ground(cells, ground.inside_m2[known], neighbours(cells))
    return kept, counts[known], exposed[known], int(counts[~known].sum())


def _reading(ground: Ground, counts: Floats, judged: Judged, method: Method, exposure: Exposure) -> Bilingual:
    keys = np.array(KEYS[method])[judged.classes]
    hot = np.isin(keys, ("hot_95", "hot_99", "high_high", "high_low"))
    cold = np.isin(keys, ("cold_95", "cold_99", "low_low", "low_high"))
    hectares, share = ground.inside_m2[hot].sum() / 1e4, counts[hot].sum() / counts.sum()
    return reading.of_cells(int(hot.sum()), int(cold.sum()), float(hectares), float(share), exposure)


def whole_only(
    ground: Ground, classes: NDArray[np.int8], few: NDArray[np.bool_], neutral: int
) -> NDArray[np.int8]:
    """Classes without those that call few what lies partly outside: a cell with half its ground has half the tickets."""
    partly = ground.inside_m2 < WHOLE * areas_m2(ground.cells)
    touched = partly | (ground.w @ partly.astype(float) > 0)
    kept: NDArray[np.int8] = np.where(few & touched, neutral, classes).astype(np.int8)
    return kept


def _nothing(cells: int, method: Method) -> Judged:
    unknown = np.full(cells, np.nan)
    return Judged(unknown, unknown, unknown, np.full(cells, KEYS[method].index("none"), np.int8))
