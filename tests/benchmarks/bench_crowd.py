"""One crowd tick of 50,000 cells at resolution 11: densities, levels per place and touching hot cells, beside plain H3."""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Callable
from statistics import median

import numpy as np
import shapely
from h3.api import basic_int
from numpy.typing import NDArray

from geodata.rules.crowd import judge
from geodata.rules.fruin import limits_of
from geodata.space.crowd_ground import Ground, Place, ground_of
from tests.benchmarks.served import timed_ms

NEEDS_HOME = False
CELLS = 50_000
PLACES = 40
TICKS = 200
SEED = 7
CENTRE = (31.3115, 120.6215)


def run(_served: object = None) -> dict[str, float | int]:
    """Milliseconds of a tick, and what laying the ground costs once a grid."""
    began = time.perf_counter()
    ground = town()
    laid_ms = (time.perf_counter() - began) * 1000
    people = tick(ground)
    limits = [limits_of("walking")] * PLACES
    # Time on the processor beside time on the wall: what else runs on the machine weighs on the second only.
    spent = time.process_time()
    fast = timed_ms(lambda: judge(ground, people, limits, limits_of("walking")), TICKS)
    spent = time.process_time() - spent
    slow = timed_ms(lambda: plain(ground, people), 5)
    found = judge(ground, people, limits, limits_of("walking"))
    _, groups = plain(ground, people)
    assert sorted(map(len, groups)) == sorted(len(crowd.cells) for crowd in found.crowds)
    return {
        "cells": len(ground),
        "hot_cells": sum(map(len, groups)),
        "crowds": len(groups),
        "tick_p50_ms": median(fast),
        "tick_p99_ms": sorted(fast)[int(0.99 * len(fast))],
        "tick_processor_mean_ms": spent / TICKS * 1000,
        "plain_h3_tick_p50_ms": median(slow),
        "times_faster": median(slow) / median(fast),
        "ground_once_a_grid_ms": laid_ms,
    }


def town() -> Ground:
    """A round grid with forty places and two canals."""
    lat, lon = CENTRE
    disk = basic_int.grid_disk(basic_int.latlng_to_cell(lat, lon, 11), 129)
    cells = np.array(sorted(disk), np.int64)[:CELLS]
    rng = np.random.default_rng(SEED)
    spots = zip(rng.uniform(-0.03, 0.03, PLACES), rng.uniform(-0.025, 0.025, PLACES), strict=True)
    places = [
        Place(f"place{at}", shapely.Point(lon + x, lat + y).buffer(0.0012), 0.5)
        for at, (x, y) in enumerate(spots)
    ]
    water = [shapely.box(lon - 0.04, lat + y, lon + 0.04, lat + y + 0.0003) for y in (-0.01, 0.012)]
    return ground_of(cells, places, water)


def tick(ground: Ground) -> NDArray[np.float32]:
    """People per cell: few everywhere, many in some places and in a few hundred other spots, some cells not told."""
    rng = np.random.default_rng(SEED)
    people = rng.gamma(0.6, 12.0, len(ground)).astype(np.float32)
    people[ground.place % 7 == 3] += 700.0
    people[rng.random(len(ground)) < 0.01] += 500.0
    people[rng.random(len(ground)) < 0.01] = np.nan
    return people


def plain(
    ground: Ground, people: NDArray[np.float32]
) -> tuple[dict[int, tuple[float, float, float]], list[set[int]]]:
    """The same by a loop over cells with H3's own area and neighbours, as one would write it first.

    Walkable shares and places are taken as known, as the arrays have them.
    """
    watch = limits_of("walking").watch or 0.0
    density: dict[int, float] = {}
    places: dict[int, list[float]] = {}
    area: Callable[[int], float] = lambda cell: float(basic_int.cell_area(cell, unit="m^2"))  # noqa: E731
    rows = zip(
        ground.cells.tolist(),
        people.tolist(),
        ground.walkable_share.tolist(),
        ground.place.tolist(),
        strict=True,
    )
    for cell, heads, share, place in rows:
        if math.isnan(heads):
            continue
        metres = area(cell) * share
        density[cell] = heads / metres
        if place >= 0:
            told = places.setdefault(place, [0.0, 0.0, 0.0])
            told[0], told[1], told[2] = told[0] + heads, told[1] + metres, max(told[2], density[cell])
    hot = {cell for cell, dense in density.items() if dense >= watch}
    return {place: (told[0], told[1], told[2]) for place, told in places.items()}, grouped(hot)


def grouped(hot: set[int]) -> list[set[int]]:
    """Groups of cells that touch, by walking from neighbour to neighbour."""
    left, groups = set(hot), []
    while left:
        group, queue = set(), deque([left.pop()])
        while queue:
            cell = queue.popleft()
            group.add(cell)
            beside = left.intersection(basic_int.grid_disk(cell, 1))
            left -= beside
            queue.extend(beside)
        groups.append(group)
    return groups
