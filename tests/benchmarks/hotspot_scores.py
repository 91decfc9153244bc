"""When a planted hotspot counts as recovered and a finding as false, and what each method scores on one district.

Roads: a planted stretch is recovered when found stretches of its category overlap at least 50 m of it; a found stretch is
false when it overlaps no planted stretch of its category at all.
Cells: a planted stretch is recovered when a cell that its line crosses is hot (q ≤ 0.05); a hot cell is false when neither
it nor a neighbour – the window its statistic speaks of – is crossed by a planted line of its category.
Emerging: recovered when a cell that its line crosses has a hot class in the last step, named when one of them has the class
that was planted; false as with cells.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from functools import lru_cache

import numpy as np
import shapely
from numpy.typing import NDArray

from geodata.rules.hotspots import exposure, roads, usual
from geodata.rules.hotspots.emerging import KEYS, PATTERNS, emerging
from geodata.rules.hotspots.significance import GI_KEYS, judge
from geodata.space import crs
from geodata.space.hexes import outlines
from tests.benchmarks.synthetic_district import (
    EMERGING,
    MONTHS,
    PLANS,
    SPATIAL,
    SRID,
    District,
    Planted,
    district,
    plan,
)

QUIET = (6,)  # categories in which nothing is planted: all that is found there is false
OVERLAP_M = 50.0
EVERY = 4  # districts to one whose emerging hot spots are judged, as they take as long as all the rest
BARELY = 1e-6  # a stretch that was given no more than the strength asked for

Floats = NDArray[np.float64]
Score = Counter[str]


def score(seed: int, strength: float, months: int = 1) -> Score:
    """Numbers of planted, recovered, found and false, by method; add them up over districts, then divide.

    What is found is found in the last so many months, for emerging hot spots always in the steps of the year.
    """
    told = district(seed, strength, months)
    found: Score = Counter()
    for category in (*SPATIAL, *QUIET):
        mine = [one for one in told.planted if one.category == category]
        found.update(_roads(told, category, mine, months))
        found.update(_cells(told, category, mine, months))
    for category in EMERGING if months == 1 and seed % EVERY == 0 else ():
        found.update(_emerging(told, category, [one for one in told.planted if one.category == category]))
    return found


def _roads(told: District, category: int, planted: list[Planted], months: int) -> Score:
    cut, count = told.plan.cut, len(told.plan.cut)
    last, own = told.month >= MONTHS - months, told.category == category
    mine = np.bincount(told.segment[own], minlength=count).astype(float)
    others = np.bincount(told.segment[~own], minlength=count).astype(float)
    network = roads.Network(cut.length_m, cut.road, told.plan.area, cut.near)
    expected = usual.usual(told.plan.known, mine, others)
    scores: Score = Counter()
    for name, found in (
        ("length", roads.find(network, told.segment[last & own])),
        ("usual", roads.find(network, told.segment[last & own], usual=lambda _: expected)),
    ):
        shared = np.array([[_overlap(told, one, two.segments) for two in found] for one in planted])
        shared = shared.reshape(len(planted), len(found))
        hit = shared.sum(axis=1) >= OVERLAP_M
        scores.update(
            _counted(f"roads_{name}", planted, hit, len(found), int((shared <= 0).all(axis=0).sum()))
        )
    return scores


def _overlap(told: District, one: Planted, segments: tuple[int, ...]) -> float:
    """Metres that a planted stretch shares with segments."""
    cut, rows = told.plan.cut, np.array(segments)
    ends = np.minimum(cut.to_m[rows], one.to_m) - np.maximum(cut.from_m[rows], one.from_m)
    return float(np.maximum(ends, 0)[cut.road[rows] == one.street].sum())


def _cells(told: District, category: int, planted: list[Planted], months: int) -> Score:
    cube = counts_of(told, category)
    now, before = cube[:, -months:].sum(axis=1), cube[:, :-months].sum(axis=1)
    everything = _all(told)
    others = everything[:, -months:].sum(axis=1) - now
    history, _ = exposure.history(before, everything[:, :-months].sum(axis=1) - before)
    against: dict[str, tuple[Floats | None, bool]] = {
        "none": (None, False), "population": (told.residents, False), "tickets": (others, True), "history": (history, True),
    }  # fmt: skip
    scores: Score = Counter()
    for name, (exposed, counted) in against.items():
        judged = judge(now, told.plan.w, "gi", exposure=exposed, counted=counted)
        hot = judged.classes >= GI_KEYS.index("hot_95")
        scores.update(_on_cells(told, f"gi_{name}", planted, hot))
    return scores


def _emerging(told: District, category: int, planted: list[Planted]) -> Score:
    cube, scores = counts_of(told, category), Counter[str]()
    against: dict[str, tuple[Floats | None, bool]] = {
        "none": (None, False),
        "tickets": (_all(told) - cube, True),
    }
    for name, (exposed, counted) in against.items():
        found = emerging(cube, told.plan.w, exposure=exposed, counted=counted)
        historical = KEYS.index("historical_hot")
        hot = (found.classes >= 1) & (found.classes <= len(PATTERNS)) & (found.classes != historical)
        scores.update(_on_cells(told, f"emerging_{name}", planted, hot))
        named = sum(
            bool((found.classes[_crossed(told, one)] == KEYS.index(f"{one.kind}_hot")).any())
            for one in planted
        )
        scores[f"emerging_{name}.named"] += named
    return scores


def _on_cells(told: District, name: str, planted: list[Planted], hot: NDArray[np.bool_]) -> Score:
    crossed = [_crossed(told, one) for one in planted]
    line = np.zeros(len(hot), bool)
    for one in crossed:
        line |= one
    near = line | (told.plan.w @ line.astype(float) > 0)
    hit = np.array([bool((hot & one).any()) for one in crossed], bool)
    return _counted(name, planted, hit, int(hot.sum()), int((hot & ~near).sum()))


def _counted(name: str, planted: list[Planted], hit: NDArray[np.bool_], found: int, false: int) -> Score:
    """`barely` are those that were given just the strength asked for, the hardest."""
    barely = np.array([one.times <= one.asked + BARELY for one in planted], bool)
    return Counter({
        f"{name}.planted": len(planted), f"{name}.recovered": int(hit.sum()), f"{name}.found": found, f"{name}.false": false,
        f"{name}.barely": int(barely.sum()), f"{name}.barely_recovered": int((hit & barely).sum()),
    })  # fmt: skip


def _crossed(told: District, one: Planted) -> NDArray[np.bool_]:
    crossed: NDArray[np.bool_] = shapely.intersects(_outlines(told.plan.number), one.line)
    return crossed


@lru_cache(maxsize=PLANS)
def _outlines(number: int) -> NDArray[np.object_]:
    return crs.shapes_to_metric(outlines(plan(number).cells), SRID)


def counts_of(told: District, category: int) -> Floats:
    """Tickets of a category by cell and month."""
    return _cube(told, (told.category == category) & (told.cell >= 0))


def _all(told: District) -> Floats:
    return _cube(told, told.cell >= 0)


def _cube(told: District, rows: NDArray[np.bool_]) -> Floats:
    cells = len(told.plan.cells)
    return (
        np.bincount(told.cell[rows] * MONTHS + told.month[rows], minlength=cells * MONTHS)
        .reshape(cells, MONTHS)
        .astype(float)
    )


def rates(total: Score) -> Iterator[tuple[str, float]]:
    """Shares from added-up scores, by method."""
    for name in sorted({key.partition(".")[0] for key in total}):
        yield f"{name}_recovered", total[f"{name}.recovered"] / max(total[f"{name}.planted"], 1)
        yield f"{name}_false", total[f"{name}.false"] / max(total[f"{name}.found"], 1)
        yield f"{name}_barely_recovered", total[f"{name}.barely_recovered"] / max(total[f"{name}.barely"], 1)
        if f"{name}.named" in total:
            yield f"{name}_named", total[f"{name}.named"] / max(total[f"{name}.planted"], 1)
