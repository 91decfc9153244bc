"""Emerging hot spots of a long window: the class of every hexagon."""

from __future__ import annotations

import numpy as np

from app.jobs.base import Doing, Fields, Kind
from geodata.errors import BadArgument
from geodata.queries import emerging as query
from geodata.queries.question_json import from_values
from geodata.space.hexes import as_text
from geodata.types import Bilingual


def do(doing: Doing) -> Fields:
    """Only hexagons of a class that says something; counts are not told."""
    options = doing.asked["options"]
    q = from_values(doing.asked["question"], doing.profile)
    doing.say(None, None)
    with doing.engine.connect() as plain:
        c = plain.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        found = query.emerging(
            c, doing.profile, q, _number(options, "resolution", 9, 9, 11), step_days=_number(options, "step_days", 7, 1, 31),
            rasters=doing.settings.rasters,
        )  # fmt: skip
    saying = np.flatnonzero(found.classes != found.neutral)
    return {"data": {
        "reading": found.reading._asdict(),
        "classes": [{"key": key, "label": label._asdict()} for key, label in zip(found.keys, found.labels, strict=True)],
        "cells": [{"cell": as_text(int(found.cells[n])), "class": int(found.classes[n])} for n in saying],
    }}  # fmt: skip


def _number(options: dict[str, str], name: str, default: int, least: int, most: int) -> int:
    said = options.get(name, str(default))
    if not said.isdecimal() or not least <= int(said) <= most:
        raise BadArgument(name, f"{name} must be from {least} to {most}.")
    return int(said)


KIND = Kind("emerging", Bilingual("新兴热点", "Emerging hot spots"), do, options=("resolution", "step_days"))
