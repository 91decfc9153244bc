"""Silence: a feed or sensor that stops is an alert of its own, never a calm green map.

Silence is measured in the sender's own intervals, so that a feed of a minute and a sensor of an hour are judged alike,
with a least span in seconds for those that send every second. The first word ends it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from geodata.rules import levels
from geodata.rules.levels import Change, Holding, Limits, Watch

# Nothing wavers here: silence only grows, and a word ends it at once.
_HOLDING = Holding(hold_s=0.0, release_share=1.0, release_s=0.0, reopen_s=0.0)


@dataclass(frozen=True, slots=True)
class SilenceNumbers:
    """From how many missed intervals each level begins, and the least seconds of silence that count."""

    intervals: Limits
    least_s: float

    @classmethod
    def from_dict(cls, told: Mapping[str, Any]) -> SilenceNumbers:
        """Read what defaults.py or the table of thresholds holds."""
        return cls(Limits.from_dict(told), float(told["least_s"]))


def silent_since(
    created_at: datetime, last_batch_at: datetime | None, last_at: datetime | None = None
) -> datetime:
    """From when a sender says nothing new: its last batch, or the newest moment it told about when that is older.

    A feed that repeats old ticks sends, but tells nothing; one that never sent is silent since it was made.
    """
    if last_batch_at is None:
        return created_at
    return last_batch_at if last_at is None else min(last_batch_at, last_at)


def step(
    watch: Watch,
    since: datetime,
    now: datetime,
    interval_s: float,
    numbers: SilenceNumbers,
    *,
    explained: bool = False,
) -> tuple[Watch, Change, float]:
    """Judge a silence; the third is its length in seconds.

    `explained`: its feed is silent too, which is the one alert to raise; what is raised already stays.
    """
    silent_s = max((now - since).total_seconds(), 0.0)
    missed = silent_s / interval_s if silent_s >= numbers.least_s else 0.0
    if explained and missed > 0:
        return watch, "none", silent_s
    watch, change = levels.step(watch, missed, now, numbers.intervals, _HOLDING)
    return watch, change, silent_s
