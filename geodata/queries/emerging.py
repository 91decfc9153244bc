"""Emerging hot spots: how a cell's tickets behaved step by step, with a reading for a planner."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import numpy as np
from sqlalchemy import Connection

from geodata.errors import BadArgument
from geodata.profile import Profile
from geodata.queries.population import population_file
from geodata.queries.significance import (
    CellClasses,
    Counter,
    Floats,
    counter,
    exposure_of,
    known_only,
    on_ground,
    whole_only,
)
from geodata.queries.study_ground import Ground, study_ground
from geodata.rules.hotspots import emerging as rules, reading
from geodata.rules.hotspots.reading import Exposure
from geodata.rules.hotspots.significance import LEAST
from geodata.types import Bilingual, Question, Window

MOST_STEPS = 120


def emerging(
    c: Connection, profile: Profile, q: Question, resolution: int = 9, *, step_days: int = 7,
    exposure: Exposure = "none", rasters: Path | None = None, counted: Counter | None = None,
) -> CellClasses:  # fmt: skip
    """Class every cell by its steps (`geodata.rules.hotspots.emerging`), the last of which ends with the window.

    Days at the window's start that fill no step are left out. A window has to hold eight steps.
    """
    if exposure == "history":
        raise BadArgument("exposure", "The steps are each other's history already; choose another exposure.")
    counted = counted or counter(c, profile)
    asked = steps_of(q, step_days)
    rasters = population_file(c, profile, rasters) if exposure == "population" else None
    ground = study_ground(c, profile, q, resolution)
    columns = [on_ground(ground, counted(step, resolution)) for step in asked]
    cube, outside = np.column_stack([column for column, _ in columns]), sum(lost for _, lost in columns)
    exposed = _exposure(ground, asked, resolution, exposure, cube, rasters=rasters, counted=counted)
    ground, cube, exposed, unknown = _known(ground, cube, exposed)
    keys, total = rules.KEYS, int(cube.sum())
    names = tuple(map(reading.label, keys)), tuple(reading.of_class(key) for key in keys)
    if total < LEAST:
        nothing, none = np.full(len(cube), np.nan), np.full(len(cube), rules.NONE, np.int8)
        return CellClasses(ground.cells, nothing, nothing, nothing, none, keys, *names, rules.NONE, reading.TOO_FEW,
                           total, outside + unknown, nothing)  # fmt: skip
    found = rules.emerging(cube, ground.w, exposure=exposed, counted=exposure == "tickets")
    classes = found.classes
    if exposure == "none":
        classes = whole_only(ground, classes, classes > len(rules.PATTERNS), rules.NONE)
    said = _reading(classes, len(asked), step_days)
    return CellClasses(ground.cells, found.z, found.p, found.q, classes, keys, *names, rules.NONE, said, total,
                       outside + unknown, found.trend_z)  # fmt: skip


def usual_step_days(days: int) -> int:
    """A week where the window holds ten of them, else a tenth of the window."""
    return 7 if days >= 70 else max(1, days // 10)


def steps_of(q: Question, step_days: int) -> list[Question]:
    """The question of each step, the earliest first."""
    if step_days < 1:
        raise BadArgument("step", "A step must have at least one day.")
    number = q.window.days // step_days
    if not rules.FEWEST_STEPS <= number <= MOST_STEPS:
        raise BadArgument(
            "step",
            f"The window must hold {rules.FEWEST_STEPS} to {MOST_STEPS} steps, not {number};"
            " choose a longer window or shorter steps.",
        )
    last = q.window.last
    ends = [last - timedelta(days=step_days * back) for back in reversed(range(number))]
    return [
        replace(q, window=Window(end - timedelta(days=step_days - 1), end, q.window.zone)) for end in ends
    ]


def _exposure(
    ground: Ground, asked: list[Question], resolution: int, exposure: Exposure, cube: Floats, *, rasters: Path | None,
    counted: Counter,
) -> Floats | None:  # fmt: skip
    """Exposure by cell and step; what does not change with time is the same in each."""
    if exposure == "tickets":
        steps = [
            exposure_of(ground, q, resolution, exposure, cube[:, n], rasters=rasters, counted=counted)
            for n, q in enumerate(asked)
        ]
        return np.column_stack([step for step in steps if step is not None])
    same = exposure_of(ground, asked[0], resolution, exposure, cube[:, 0], rasters=rasters, counted=counted)
    return None if same is None else np.repeat(same[:, None], cube.shape[1], axis=1)


def _known(ground: Ground, cube: Floats, exposed: Floats | None) -> tuple[Ground, Floats, Floats | None, int]:
    if exposed is None:
        return ground, cube, None, 0
    kept, _, _, unknown = known_only(ground, cube.sum(axis=1), exposed.sum(axis=1))
    rows = np.isin(ground.cells, kept.cells)
    return kept, cube[rows], exposed[rows], unknown


def _reading(classes: np.ndarray, steps: int, step_days: int) -> Bilingual:
    numbers = np.bincount(classes, minlength=len(rules.KEYS)).tolist()
    return reading.of_emerging(dict(zip(rules.KEYS, numbers, strict=True)), steps, step_days)
