"""How fast a crowd grows, as a rule of its own: it speaks before the density does.

Two questions, and the worse answer counts: how many shares of the danger density are gained a minute, and in how many
minutes danger is met if it goes on so. Both are asked of a straight line through the last minutes, by a slope that is
certain to so many of its own standard errors, and only where the place is already busy: a quiet place that doubles is
no crowd.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from geodata.rules.crowd import Line, fit, minutes_to
from geodata.rules.levels import Change, Holding, Limits, Watch, highest, step_level
from geodata.types import Level

EASED = 0.5  # once up, the rise must fall to this share of what raised it


@dataclass(frozen=True, slots=True)
class RiseNumbers:
    """The numbers of the rule; see defaults.py for what is shipped."""

    rates: Limits  # shares of the danger density a minute
    within_min: Limits  # minutes to danger, fewer is worse
    floor_share: float  # below this share of the danger density nothing is said
    window_min: float  # minutes of the straight line
    sure_errors: float  # standard errors taken off the slope

    @classmethod
    def from_dict(cls, told: Mapping[str, Any]) -> RiseNumbers:
        """Read what defaults.py or the table of thresholds holds."""
        within = {
            key.removesuffix("_within_min"): value
            for key, value in told.items()
            if key.endswith("_within_min")
        }
        return cls(
            Limits.from_dict(told),
            Limits.from_dict(within),
            float(told["floor_share"]),
            float(told["window_min"]),
            float(told["sure_errors"]),
        )


@dataclass(frozen=True, slots=True)
class Rise:
    """What the rule saw: the line, shares of danger a minute (certain part), minutes to danger, the level it means."""

    line: Line
    share_per_min: float
    minutes_to_danger: float | None
    level: Level | None


@dataclass(frozen=True, slots=True)
class RiseWatch:
    """Where the judging of one place stands, with the recent densities that the line needs."""

    watch: Watch = Watch()  # noqa: RUF009 - frozen
    points: tuple[tuple[datetime, float], ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """As JSON keeps it."""
        return {
            "watch": self.watch.as_dict(),
            "points": [[at.isoformat(), value] for at, value in self.points],
        }

    @classmethod
    def from_dict(cls, told: Mapping[str, Any]) -> RiseWatch:
        """Read what `as_dict` wrote."""
        points = tuple((datetime.fromisoformat(at), float(value)) for at, value in told.get("points", ()))
        return cls(Watch.from_dict(told.get("watch", {})), points)


def step(
    state: RiseWatch,
    density_per_m2: float,
    at: datetime,
    *,
    limits: Limits,
    numbers: RiseNumbers,
    holding: Holding,
) -> tuple[RiseWatch, Change, Rise | None]:
    """Judge one tick of a place by the densities it had; `limits` are those of its density, of which danger counts."""
    last = state.points[-1][0] if state.points else None
    if not math.isfinite(density_per_m2) or limits.danger is None or (last is not None and at <= last):
        return state, "none", None
    since = at - timedelta(minutes=numbers.window_min)
    points = (*((when, value) for when, value in state.points if when >= since), (at, density_per_m2))
    state = replace(state, points=points)
    if state.watch.level is None and max(value for _, value in points) < numbers.floor_share * limits.danger:
        watch, _ = step_level(state.watch, None, None, at, holding)  # a quiet place needs no line
        return replace(state, watch=watch), "none", None
    line = fit(points, numbers.window_min)
    if line is None:
        return state, "none", None
    seen = judge(line, limits.danger, numbers)
    kept = highest(seen.level, _kept(line, limits.danger, numbers))
    watch, change = step_level(state.watch, seen.level, kept, at, holding)
    return replace(state, watch=watch), change, seen


def judge(line: Line, danger_per_m2: float, numbers: RiseNumbers) -> Rise:
    """What a line means against the danger density."""
    certain = line.per_min - numbers.sure_errors * line.error_per_min
    share, minutes = certain / danger_per_m2, minutes_to(line.now, certain, danger_per_m2)
    busy = line.now >= numbers.floor_share * danger_per_m2
    level = highest(numbers.rates.level(share), _within(minutes, numbers.within_min)) if busy else None
    return Rise(line, share, minutes, level)


def _within(minutes: float | None, within: Limits) -> Level | None:
    found = [level for level, limit in within.set_ones() if minutes is not None and minutes <= limit]
    return found[-1] if found else None


def _kept(line: Line, danger_per_m2: float, numbers: RiseNumbers) -> Level | None:
    """The same by easier numbers, so that a wavering slope does not raise and ease in turn."""
    easier = RiseNumbers(
        numbers.rates.scaled(EASED),
        numbers.within_min.scaled(1 / EASED),
        numbers.floor_share * EASED,
        numbers.window_min,
        0.0,
    )
    return judge(line, danger_per_m2, easier).level
