"""The review of an incident: how long each step took, and what came later than its plan asks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

# The steps in the order of a response that goes as it should; one that did not happen is left out.
STEPS: Final = ("observed", "raised", "acknowledged", "opened", "verified", "sent", "accepted", "arrived", "resolved",
                "reviewed")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Step:
    """When a step was first taken; seconds since the step before it and since the first."""

    step: str
    at: datetime
    since_before_s: float
    since_first_s: float


@dataclass(frozen=True, slots=True)
class Due:
    """One item of a check-list against its limit; `late_min` is 0 in time, None while the limit is not reached."""

    item: str
    within_min: float | None
    done_at: datetime | None
    after_min: float | None
    late_min: float | None


def steps(moments: Mapping[str, datetime | None]) -> list[Step]:
    """The steps that were taken, by their times; one that came before its turn counts from whatever was before it."""
    taken = sorted(
        ((at, STEPS.index(name), name) for name, at in moments.items() if at is not None and name in STEPS)
    )
    found: list[Step] = []
    for at, _, name in taken:
        before = found[-1].at if found else at
        first = found[0].at if found else at
        found.append(Step(name, at, (at - before).total_seconds(), (at - first).total_seconds()))
    return found


def due(
    checklist: Iterable[tuple[str, float | None]],
    done: Mapping[str, datetime],
    opened_at: datetime,
    until: datetime,
) -> list[Due]:
    """Each item of a check-list (key, minutes allowed from opening) as it stands at `until`."""
    return [_due(item, within, done.get(item), opened_at, until) for item, within in checklist]


def late(items: Sequence[Due]) -> list[Due]:
    """What was late, the latest first."""
    return sorted((item for item in items if item.late_min), key=lambda item: -(item.late_min or 0))


def _due(item: str, within: float | None, done_at: datetime | None, opened: datetime, until: datetime) -> Due:
    after = None if done_at is None else (done_at - opened).total_seconds() / 60
    if within is None:
        return Due(item, None, done_at, _minutes(after), 0.0 if done_at else None)
    stands = after if after is not None else (until - opened).total_seconds() / 60
    over = max(0.0, stands - within)
    reached = done_at is not None or over > 0
    return Due(item, within, done_at, _minutes(after), _minutes(over) if reached else None)


def _minutes(value: float | None) -> float | None:
    return None if value is None else round(value, 2)
