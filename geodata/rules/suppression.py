"""Small counts that are not shown, with others beside them, so that none can be reckoned back from what is shown.

One household can be one hexagon (DOMAIN, Privacy): a count of 1 to 4 is not shown in hexagons of resolution 10 and finer,
nor in anything that leaves the system. A count of 0 is shown, for it is about nobody. A commander with a duty sees the
tickets themselves, on the screen; what leaves the system is suppressed for everybody.

What is promised of one question's tables together: a reader who knows every sum that they obey (areas within areas,
categories within categories, days and hours within weekdays, each total) and that no hidden count is below 1 is still left
with three or more possible values for every hidden count of 1 to 4. It is reached by hiding more: of the parts of a sum
that is shown, either none is hidden, or two or more with at least SLACK more in them than the least they can be. Where a
sum is too small for that, all its parts are hidden, zeros too. Parts and sums here always make a tree; there, a sum with
two hidden parts cannot be solved for either.
What is not promised: that two different questions (a window one day longer, a shape one house wider) cannot be subtracted.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from geodata.types import Role

T = TypeVar("T")

LEAST: Final = 5  # the lowest count above nothing that is shown
COARSEST_HIDDEN: Final = 10  # H3 resolution from which on hexagons are as small as a household's plot
SLACK: Final = 2
SEE_SMALL_COUNTS: Final[tuple[Role, ...]] = ("commander", "admin")


def applies(role: Role, *, resolution: int | None = None, leaves: bool = False) -> bool:
    """Whether small counts are hidden from a role: in hexagons of a resolution, in a table (None), or in a file."""
    if leaves:
        return True
    if resolution is not None and resolution < COARSEST_HIDDEN:
        return False
    return role not in SEE_SMALL_COUNTS


@dataclass(eq=False, slots=True)
class Part:
    """A count and the parts it is the sum of, in one way or in several; `hidden` is what `hide` finds."""

    count: int
    ways: list[list[Part]] = field(default_factory=list)
    hidden: bool = False

    def divided(self, parts: Iterable[Part]) -> list[Part]:
        """Say what it is the sum of; what the parts leave over becomes a part of its own."""
        given = list(parts)
        rest = self.count - sum(part.count for part in given)
        if rest < 0:
            raise ValueError("the parts are more than their sum")
        if given:
            self.ways.append([*given, Part(rest)] if rest else given)
        return given


def hide(root: Part) -> None:
    """Hide what must not be shown, from the sum of all down; only a count of 1 to 4 hides the sum of all itself."""
    root.hidden = 0 < root.count < LEAST
    _close(root)


def hide_flat(counts: Sequence[int]) -> list[bool]:
    """Which of the counts are hidden where only they and their sum are known."""
    parts = [Part(int(count)) for count in counts]
    root = Part(sum(part.count for part in parts))
    root.divided(parts)
    hide(root)
    return [part.hidden for part in parts]


def hide_cells(counts: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which hexagons of a question are hidden; give all of its hexagons, not only those in sight.

    The same as `hide_flat`, for hundred thousands: the sum over all hexagons is known from elsewhere.
    """
    total = int(counts.sum())
    hidden = (counts > 0) & (counts < LEAST)
    if 0 < total < LEAST or not hidden.any():
        return hidden
    larger = np.flatnonzero(counts >= LEAST)
    for at in larger[np.argsort(counts[larger], kind="stable")]:
        if roomy(counts[hidden]):
            return hidden
        hidden[at] = True
    return hidden if roomy(counts[hidden]) else np.ones(len(counts), np.bool_)


def roomy(hidden: NDArray[np.int64]) -> bool:
    """Whether hidden counts, with their sum known, can hide behind each other."""
    return len(hidden) >= 2 and int(hidden.sum()) - len(hidden) >= SLACK


def shown(value: T | None, hidden: bool) -> T | None:
    """A value, or nothing where it is hidden."""
    return None if hidden else value


def _close(part: Part) -> int:
    """Settle all below a part; the least it can be, as far as a reader knows."""
    least = 1 if part.hidden and part.count else 0
    for way in part.ways:
        least = max(least, _under_hidden(way) if part.hidden else _under_shown(way))
    return least if part.hidden else part.count


def _under_hidden(parts: list[Part]) -> int:
    """Below a hidden sum one part at least is hidden; below a hidden nothing, all are."""
    some = [part for part in parts if part.count]
    for part in parts:
        part.hidden = part.hidden or 0 < part.count < LEAST or not some
    if some and not any(part.hidden for part in parts):
        min(some, key=_size).hidden = True
    return sum(_close(part) for part in parts)


def _under_shown(parts: list[Part]) -> int:
    """Below a sum that is shown two parts at least are hidden, with room between them; or none."""
    for part in parts:
        part.hidden = 0 < part.count < LEAST
    settled = {id(part): _close(part) for part in parts if part.hidden}
    if settled:
        _widen(parts, settled)
    for part in parts:
        if not part.hidden:
            _close(part)
    return sum(part.count for part in parts)


def _widen(parts: list[Part], settled: dict[int, int]) -> None:
    waiting = sorted((part for part in parts if part.count and not part.hidden), key=_size)
    while not _roomy(parts, settled) and waiting:
        part = waiting.pop(0)
        part.hidden = True
        settled[id(part)] = _close(part)
    for part in sorted((part for part in parts if part.hidden and part.ways), key=_size):
        if _roomy(parts, settled):
            return
        settled[id(part)] = _bury(part, zeros=False)
    if not _roomy(parts, settled):
        for part in parts:
            _bury(part, zeros=True)


def _bury(part: Part, *, zeros: bool) -> int:
    """Hide a part and all below it, the zeros too or only what is more; the least it can be."""
    part.hidden = zeros or part.count > 0
    least = [sum(_bury(one, zeros=zeros) for one in way) for way in part.ways]
    return max([1 if part.count else 0, *least])


def _roomy(parts: list[Part], settled: dict[int, int]) -> bool:
    hidden = [part for part in parts if part.hidden]
    return len(hidden) >= 2 and sum(part.count - settled[id(part)] for part in hidden) >= SLACK


def _size(part: Part) -> int:
    return part.count
