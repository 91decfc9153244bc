"""How honest the hotspots are: what share of planted ones each method recovers, and what share of its findings is false."""

from __future__ import annotations

import os
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context

from tests.benchmarks.hotspot_scores import Score, rates, score

NEEDS_HOME = False
DISTRICTS = 200
VARIANTS = {"month_3x": (3.0, 1), "quarter_3x": (3.0, 3), "month_2x": (2.0, 1)}  # strength, months


def run(_served: object = None, districts: int = DISTRICTS) -> dict[str, float | int | str]:
    """Rates over all districts for hotspots of three times their background, in a month and a quarter, and of twice."""
    began = time.perf_counter()
    figures: dict[str, float | int | str] = {"districts": districts}
    for name, (strength, months) in VARIANTS.items():
        total = scored(districts, strength, months)
        figures[f"{name}_planted_stretches"] = total["roads_length.planted"]
        figures |= {f"{name}_{key}": round(value, 4) for key, value in rates(total)}
    figures["seconds"] = round(time.perf_counter() - began, 1)
    return figures


def scored(districts: int, strength: float, months: int = 1, workers: int | None = None) -> Score:
    """Scores of districts added up, in as many processes as there are cores."""
    total: Score = Counter()
    with ProcessPoolExecutor(workers or os.cpu_count(), mp_context=get_context("spawn")) as pool:
        for one in pool.map(partial(score, strength=strength, months=months), range(districts), chunksize=8):
            total.update(one)
    return total
