"""One scale of four levels, and when a value that wavers may move on it: hold time upwards, hysteresis downwards.

A value must stand at a level for the hold time before the level is taken, and below the release line for the release
time before it is given up. Between the release line and the limit nothing changes: with a release share of 0.8 a
steady value with ±10 % of noise can never raise and ease in turn, because 0.9/1.1 > 0.8.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Literal

from geodata.types import LEVELS, Level

Change = Literal["none", "raised", "grown", "eased", "cleared"]


def rank(level: Level | None) -> int:
    """Place on the scale: 0 for normal, 4 for danger."""
    return 0 if level is None else LEVELS.index(level) + 1


def highest(*levels: Level | None) -> Level | None:
    """The worst of several levels; None when all are normal."""
    return max(levels, key=rank, default=None)


@dataclass(frozen=True, slots=True)
class Limits:
    """From which value each level begins, in the unit of the rule; None where a level is not used.

    They fall when the last is below the first: low water is bad.
    """

    notice: float | None = None
    watch: float | None = None
    warning: float | None = None
    danger: float | None = None

    def set_ones(self) -> list[tuple[Level, float]]:
        """The levels in use with their limits, notice first."""
        pairs = zip(LEVELS, (self.notice, self.watch, self.warning, self.danger), strict=True)
        return [(level, limit) for level, limit in pairs if limit is not None]

    @property
    def falling(self) -> bool:
        """Whether low is bad."""
        limits = [limit for _, limit in self.set_ones()]
        return len(limits) > 1 and limits[-1] < limits[0]

    def reached(self, value: float, limit: float) -> bool:
        """Whether a value is at a limit or beyond it."""
        return value <= limit if self.falling else value >= limit

    def level(self, value: float) -> Level | None:
        """The worst level whose limit is reached; None for normal and for what is not a number."""
        found = [level for level, limit in self.set_ones() if self.reached(value, limit)]
        return found[-1] if found else None

    def limit(self, level: Level) -> float | None:
        """Where a level begins."""
        return dict(self.set_ones()).get(level)

    def next_above(self, level: Level | None) -> tuple[Level, float] | None:
        """The next worse level in use and its limit; None above the worst."""
        return next((pair for pair in self.set_ones() if rank(pair[0]) > rank(level)), None)

    def release_line(self, level: Level, share: float) -> float | None:
        """Where a level is given up: `1 - share` of the limit's size back from it."""
        limit = self.limit(level)
        if limit is None:
            return None
        back = (1.0 - share) * abs(limit)
        return limit + back if self.falling else limit - back

    def scaled(self, factor: float) -> Limits:
        """All limits times a factor."""
        return Limits(**{level: limit * factor for level, limit in self.set_ones()})

    def as_dict(self) -> dict[str, float]:
        """The limits in use by level."""
        return {str(level): limit for level, limit in self.set_ones()}

    @classmethod
    def from_dict(cls, told: Mapping[str, Any]) -> Limits:
        """Read limits from a mapping; keys that are no level are left to others."""
        return cls(**{level: float(told[level]) for level in LEVELS if told.get(level) is not None})


@dataclass(frozen=True, slots=True)
class Holding:
    """How long a level must stand, how far and how long it must fall, and how long it may come back as the same."""

    hold_s: float
    release_share: float
    release_s: float
    reopen_s: float

    def reopens(self, closed_at: datetime, at: datetime) -> bool:
        """Whether what returns at `at` is still the one that closed."""
        return at - closed_at <= timedelta(seconds=self.reopen_s)

    @classmethod
    def from_dict(cls, told: Mapping[str, Any]) -> Holding:
        """Read the four numbers; others are left alone."""
        return cls(*(float(told[key]) for key in ("hold_s", "release_share", "release_s", "reopen_s")))


Moments = tuple[datetime | None, datetime | None, datetime | None, datetime | None]


@dataclass(frozen=True, slots=True)
class Watch:
    """Where the judging of one cause stands.

    `since` tells for each of the four levels above `level` since when it has stood without a break; None for those that
    do not, and for those already taken.
    """

    level: Level | None = None
    since: Moments = (None, None, None, None)
    easing_since: datetime | None = None
    last_at: datetime | None = None

    @property
    def pending(self) -> Level | None:
        """The worst level that waits for its hold time."""
        return next((LEVELS[at] for at in (3, 2, 1, 0) if self.since[at] is not None), None)

    @property
    def pending_since(self) -> datetime | None:
        """Since when the longest waiting level has waited: the next change upwards is one hold time later."""
        return min((moment for moment in self.since if moment is not None), default=None)

    def as_dict(self) -> dict[str, Any]:
        """As JSON keeps it; times in ISO 8601."""
        return {
            "level": self.level,
            "since": [_text(moment) for moment in self.since],
            "easing_since": _text(self.easing_since),
            "last_at": _text(self.last_at),
        }

    @classmethod
    def from_dict(cls, told: Mapping[str, Any]) -> Watch:
        """Read what `as_dict` wrote."""
        notice, watch, warning, danger = (_moment(each) for each in told.get("since") or (None,) * 4)
        return cls(
            told.get("level"),
            (notice, watch, warning, danger),
            _moment(told.get("easing_since")),
            _moment(told.get("last_at")),
        )


def step(watch: Watch, value: float, at: datetime, limits: Limits, holding: Holding) -> tuple[Watch, Change]:
    """Judge one value; what is no number, or not newer than the last, changes nothing."""
    if not math.isfinite(value) or (watch.last_at is not None and at <= watch.last_at):
        return watch, "none"
    return step_level(watch, limits.level(value), _kept(watch.level, value, limits, holding), at, holding)


def step_level(
    watch: Watch, stands_at: Level | None, kept: Level | None, at: datetime, holding: Holding
) -> tuple[Watch, Change]:
    """The same for a level that was found otherwise: `stands_at` counts upwards, `kept` (never lower) downwards."""
    if watch.last_at is not None and at <= watch.last_at:
        return watch, "none"
    watch = replace(watch, last_at=at, since=_since(watch, stands_at, at))
    if rank(stands_at) > rank(watch.level):
        return _rise(replace(watch, easing_since=None), at, holding)
    if rank(kept) < rank(watch.level):
        return _ease(watch, kept, at, holding)
    return replace(watch, easing_since=None), "none"


def _since(watch: Watch, stands_at: Level | None, at: datetime) -> Moments:
    """Levels above the present one that stand now keep their moment or begin; the others start afresh."""
    notice, keep, warning, danger = (
        (watch.since[place] or at) if rank(watch.level) <= place < rank(stands_at) else None
        for place in range(len(LEVELS))
    )
    return (notice, keep, warning, danger)


def _rise(watch: Watch, at: datetime, holding: Holding) -> tuple[Watch, Change]:
    """Take the worst level that has stood for the hold time, each by its own clock."""
    held = [
        level
        for level, since in zip(LEVELS, watch.since, strict=True)
        if since is not None and (at - since).total_seconds() >= holding.hold_s
    ]
    if not held:
        return watch, "none"
    change: Change = "raised" if watch.level is None else "grown"
    raised = replace(watch, level=held[-1])
    return replace(raised, since=_above(watch.since, rank(held[-1]))), change


def _above(since: Moments, taken: int) -> Moments:
    notice, watch, warning, danger = (None if place < taken else moment for place, moment in enumerate(since))
    return (notice, watch, warning, danger)


def _ease(watch: Watch, kept: Level | None, at: datetime, holding: Holding) -> tuple[Watch, Change]:
    since = watch.easing_since or at
    if (at - since).total_seconds() < holding.release_s:
        return replace(watch, easing_since=since), "none"
    return replace(watch, level=kept, easing_since=None), "cleared" if kept is None else "eased"


def _kept(level: Level | None, value: float, limits: Limits, holding: Holding) -> Level | None:
    """The worst level up to the present one that is not given up yet."""
    for candidate, _ in reversed(limits.set_ones()):
        line = limits.release_line(candidate, holding.release_share)
        if rank(candidate) <= rank(level) and line is not None and limits.reached(value, line):
            return candidate
    return None


def _text(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


def _moment(told: str | None) -> datetime | None:
    return None if told is None else datetime.fromisoformat(told)
