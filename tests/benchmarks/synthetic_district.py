"""Made-up districts whose hotspots are known: what the methods of `geodata.rules.hotspots` are judged by.

A plan is a town of 10 km²: two dozen named streets, avenues among them, each wandering a little, some with a gap. A
district lives on a plan: its tickets of a year come along the streets, unevenly, by three things that multiply – how busy
a street is (log-normal, avenues more), where people live (a few centres), and what each category likes (its own log-normal
per street and its own centre). In the busiest categories stretches are planted on which the last month, or some months,
have three times what that stretch has otherwise. Everything is drawn from the seed.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import shapely
from numpy.typing import NDArray

from geodata.rules.hotspots import segments, usual
from geodata.rules.hotspots.neighbours import Weights, neighbours
from geodata.rules.hotspots.segments import Segments
from geodata.rules.hotspots.usual import Streets
from geodata.space import crs
from geodata.space.hexes import cells_of, cover

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

SRID, CORNER = 4549, (551_000.0, 3_465_000.0)  # in Suzhou
SIDE_M = 3200.0
PIECE_M = 10.0
PLANS, MONTHS = 8, 12
MONTHLY = 7_700  # tickets a month, as dense as 62,102 on 82 km²
SHARES = np.array([0.18, 0.14, 0.10, 0.16, 0.12, 0.10, 0.05, 0.04, 0.04, 0.03, 0.02, 0.02])
SPATIAL, EMERGING = (0, 1, 2), (3, 4, 5)  # categories with stretches of the last month, and of some months
BUSY, LIKES = 0.6, 0.25  # spread of the logarithm: of streets, and of a category's streets beside that
AVENUE = 2.0
SIDEWAYS_M = 8.0  # how far from the street's line tickets lie
FEWEST = 20  # tickets of a planted stretch, in each of its months
STRETCH_M = (100.0, 350.0)
APART_M = 500.0  # between stretches of one category
EACH = 2  # stretches a category gets, where there is room
HOT_MONTHS = {"new": (11,), "consecutive": (9, 10, 11), "persistent": tuple(range(12))}


@dataclass(frozen=True)
class Plan:
    """The streets of a town; a piece is 10 m of one, with its middle in the metric CRS and its segment."""

    number: int
    streets: NDArray[np.object_]
    avenue: NDArray[np.bool_]
    cut: Segments
    known: Streets
    street: Ints
    along_m: Floats
    xy: Floats
    segment: Ints
    area: Ints  # of each segment: which quarter of the town
    cell: Ints  # of each piece, as a position in cells; its tickets lie a little to the side of the line
    cells: Ints  # H3 r10
    w: Weights
    box: shapely.Polygon


@dataclass(frozen=True)
class Planted:
    """A stretch that is hot: its category, street, ends along it, pieces, months, and what kind it is meant to be."""

    category: int
    street: int
    from_m: float
    to_m: float
    pieces: Ints
    months: tuple[int, ...]
    kind: str
    asked: float  # how many times its background it should have
    times: float  # and is given, so that 20 tickets are there
    line: shapely.LineString


@dataclass(frozen=True)
class District:
    """Tickets of a year and what was planted; arrays have a row per ticket."""

    plan: Plan
    planted: list[Planted]
    category: Ints
    month: Ints
    piece: Ints
    residents: Floats  # by cell

    @property
    def segment(self) -> Ints:
        """The road segment of each ticket."""
        return self.plan.segment[self.piece]

    @property
    def cell(self) -> Ints:
        """The cell of each ticket, as a position in the plan's cells; -1 outside."""
        return self.plan.cell[self.piece]


@lru_cache(maxsize=PLANS)
def plan(number: int) -> Plan:
    """One of the towns."""
    rng = np.random.default_rng([77, number])
    streets, avenue = _streets(rng)
    cut = segments.cut(streets, [f"街{n}" for n in range(len(streets))], SRID, step_m=segments.STEP_M)
    known = usual.streets(cut.road, cut.from_m, cut.to_m)
    lengths = shapely.length(streets)
    count = np.floor(lengths / PIECE_M).astype(np.int64)
    street = np.repeat(np.arange(len(streets)), count)
    along = (np.arange(len(street)) - np.repeat(np.cumsum(count) - count, count) + 0.5) * PIECE_M
    xy = shapely.get_coordinates(shapely.line_interpolate_point(streets[street], along))
    middle = shapely.get_coordinates(
        shapely.line_interpolate_point(streets[cut.road], (cut.from_m + cut.to_m) / 2)
    )
    half = np.array(CORNER) + SIDE_M / 2
    area = ((middle > half) @ np.array([1, 2])).astype(np.int64)
    box = shapely.box(*CORNER, CORNER[0] + SIDE_M, CORNER[1] + SIDE_M)
    ring = np.column_stack(crs.to_stored(*shapely.get_coordinates(box).T, f"EPSG:{SRID}"))
    cells = cover(shapely.Polygon(ring), 10, rings=1)
    return Plan(
        number,
        streets,
        avenue,
        cut,
        known,
        street,
        along,
        xy,
        cut.of(street, along),
        area,
        _cell_of(xy, cells, rng),
        cells,
        neighbours(cells),
        box,
    )


def _streets(rng: np.random.Generator) -> tuple[NDArray[np.object_], NDArray[np.bool_]]:
    lines, avenues = [], []
    for turned in (False, True):
        at = rng.uniform(40, 150)
        while at < SIDE_M - 20:
            avenue = rng.random() < 0.25
            first, last = (
                (0.0, SIDE_M) if avenue or rng.random() < 0.5 else np.sort(rng.uniform(0, SIDE_M, 2))
            )
            if last - first > 500:
                along = np.arange(first, last + 1, (last - first) / max(4, int((last - first) / 150)))
                sideways = at + np.cumsum(rng.normal(0, 7, len(along)))
                points = np.column_stack([sideways, along] if turned else [along, sideways])
                lines.append(shapely.LineString(np.clip(points, 0, SIDE_M) + CORNER))
                avenues.append(avenue)
            at += rng.uniform(110, 340)
    return np.array(lines, object), np.array(avenues)


def district(seed: int, strength: float = 3.0, months: int = 1) -> District:
    """One district; a planted stretch has `strength` times its background in the last so many months."""
    town = plan(seed % PLANS)
    rng = np.random.default_rng([2026, seed])
    people = _people(town, rng)
    rates = _rates(town, rng, people)
    planted = [
        *(one for k in SPATIAL for one in _plant(town, rng, rates[k], category=k, strength=strength, months=tuple(range(MONTHS - months, MONTHS)))),
        *(one for k, kind in zip(EMERGING, HOT_MONTHS, strict=True) for one in _plant(town, rng, rates[k], category=k, strength=strength, months=HOT_MONTHS[kind], kind=kind)),
    ]  # fmt: skip
    counts = rng.poisson(np.repeat(rates[:, None, :], MONTHS, axis=1))
    for one in planted:
        hot = _hot(rng, one.times * rates[one.category, one.pieces], len(one.months), each=one.kind != "")
        for month, drawn in zip(one.months, hot, strict=True):
            counts[one.category, month, one.pieces] = drawn
    category, month, piece = (np.repeat(x, counts[counts > 0]) for x in np.nonzero(counts))
    return District(town, planted, category, month, piece, _residents(town, rng, people))


def _people(town: Plan, rng: np.random.Generator) -> Floats:
    """How densely people live around each piece, 1 where least: a few centres."""
    return 1 + 4 * _bumps(town.xy, rng, 4, 450.0)


def _bumps(xy: Floats, rng: np.random.Generator, number: int, wide_m: float) -> Floats:
    centres = rng.uniform(0, SIDE_M, (number, 2)) + CORNER
    away = ((xy[:, None] - centres) ** 2).sum(axis=2)
    found: Floats = np.exp(-away / (2 * wide_m**2)).max(axis=1)
    return found


def _rates(town: Plan, rng: np.random.Generator, people: Floats) -> Floats:
    """Tickets a month expected on each piece, by category."""
    streets = len(town.streets)
    busy = np.exp(rng.normal(0, BUSY, streets)) * np.where(town.avenue, AVENUE, 1.0)
    rates = np.empty((len(SHARES), len(town.street)))
    for k, share in enumerate(SHARES):
        likes = np.exp(rng.normal(0, LIKES, streets))[town.street] * (
            1 + 0.5 * _bumps(town.xy, rng, 1, 800.0)
        )
        one = busy[town.street] * people * likes
        rates[k] = one * (share * MONTHLY / one.sum())
    return rates


def _plant(
    town: Plan, rng: np.random.Generator, rate: Floats, *, category: int, strength: float, months: tuple[int, ...],
    kind: str = "",
) -> list[Planted]:  # fmt: skip
    """Stretches where the category is found anyway, likelier where it is more; each has the strength, or 20 tickets.

    The 20 are those of all months together, or of each when a kind of emerging hot spot is planted.
    """
    found: list[Planted] = []
    chance, counted = rate / rate.sum(), 1 if kind else len(months)
    while len(found) < EACH:
        start, length = int(rng.choice(len(rate), p=chance)), rng.uniform(*STRETCH_M)
        pieces = np.arange(start, min(start + int(length / PIECE_M), len(rate)))
        pieces = pieces[town.street[pieces] == town.street[start]]
        if len(pieces) * PIECE_M < STRETCH_M[0]:
            continue
        line = shapely.LineString(town.xy[pieces])
        if any(shapely.distance(line, other.line) < APART_M for other in found):
            continue
        at = town.along_m[pieces]
        ends = float(at[0] - PIECE_M / 2), float(at[-1] + PIECE_M / 2)
        times = max(strength, FEWEST / (counted * float(rate[pieces].sum())))
        found.append(
            Planted(category, int(town.street[start]), *ends, pieces, months, kind, strength, times, line)
        )
    return found


def _hot(rng: np.random.Generator, rate: Floats, months: int, *, each: bool) -> Ints:
    """Tickets of a planted stretch (months × pieces): drawn again until there are 20, in each month or in all."""
    while True:
        counts = rng.poisson(np.repeat(rate[None], months, axis=0))
        if (counts.sum(axis=1).min() if each else counts.sum()) >= FEWEST:
            return counts


def _cell_of(xy: Floats, cells: Ints, rng: np.random.Generator) -> Ints:
    beside = xy + rng.normal(0, SIDEWAYS_M, xy.shape)
    found = cells_of(*crs.to_stored(beside[:, 0], beside[:, 1], f"EPSG:{SRID}"), 10)
    at = np.minimum(np.searchsorted(cells, found), len(cells) - 1)
    return np.where(cells[at] == found, at, -1)


def _residents(town: Plan, rng: np.random.Generator, people: Floats) -> Floats:
    """Residents of each cell, as a raster would tell them: the density along its streets, told to within a fifth."""
    held = town.cell >= 0
    return (
        np.bincount(town.cell[held], people[held], len(town.cells))
        * np.exp(rng.normal(0, 0.2, len(town.cells)))
        * 10
        + 1
    )
