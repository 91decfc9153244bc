"""How long an alert may wait for somebody to take it before it is carried one step further up."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from geodata.types import Level

WAIT_S: Final[dict[Level, float | None]] = {"notice": None, "watch": 900.0, "warning": 180.0, "danger": 60.0}
STEPS: Final = 3  # the area's commanders → the duty commander of the district → everybody in charge


SHORTEST_S, LONGEST_S = 10.0, 86_400.0


def wait_s(level: Level, steps_done: int, waits: Mapping[Level, float | None] = WAIT_S) -> float | None:
    """Seconds until an alert that nobody takes goes one step up; None when it stays where it is."""
    return None if steps_done >= STEPS else waits[level]
