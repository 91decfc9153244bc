"""Scales that fit what is compared: differences about zero, and rates from nothing up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import ArrayLike

DIVERGING_CLASSES, RATE_CLASSES = 7, 7
NICE = (1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0)


@dataclass(frozen=True, slots=True)
class Scale:
    """Inner limits of the classes, ascending: a value belongs to the class whose number is how many it reaches."""

    limits: tuple[float, ...]
    diverging: bool

    @property
    def classes(self) -> int:
        """How many classes there are."""
        return len(self.limits) + 1

    def class_of(self, values: ArrayLike) -> np.ndarray[tuple[int, ...], np.dtype[np.int8]]:
        """The class of each value from 0 on; −1 for a missing one."""
        wanted = np.asarray(values, np.float64)
        found = np.searchsorted(np.asarray(self.limits), wanted, side="right").astype(np.int8)
        return np.where(np.isfinite(wanted), found, -1).astype(np.int8)


def diverging_scale(values: ArrayLike) -> Scale:
    """Seven classes about zero, the same number and width of them on both sides; the middle one is “about the same”.

    Limits stand at nice numbers near the quantiles 40, 75 and 93 % of the sizes, so that one odd cell does not make all
    others look calm. Fewer classes come back where the sizes repeat so much that limits would meet.
    """
    sizes = np.abs(_finite(values))
    sizes = sizes[sizes > 0]
    if not len(sizes):
        return Scale((), diverging=True)
    steps = sorted({nice(float(x)) for x in np.quantile(sizes, (0.40, 0.75, 0.93), method="higher")})
    return Scale((*(_after(-x) for x in reversed(steps)), *steps), diverging=True)


def rate_scale(values: ArrayLike, classes: int = RATE_CLASSES) -> Scale:
    """Classes from nothing up at nice numbers near the quantiles 1 − (1 − i/classes)², as the heat map has them."""
    sizes = _finite(values)
    sizes = sizes[sizes > 0]
    if not len(sizes):
        return Scale((), diverging=False)
    shares = 1 - (1 - np.arange(1, classes) / classes) ** 2
    return Scale(
        tuple(sorted({nice(float(x)) for x in np.quantile(sizes, shares, method="higher")})), diverging=False
    )


def nice(size: float) -> float:
    """The nearest number that reads well: 1, 1.5, 2, 2.5, 3, 4, 5, 6, 8 times a power of ten."""
    if size <= 0 or not np.isfinite(size):
        return 0.0
    power = 10.0 ** np.floor(np.log10(size))
    best = min(NICE, key=lambda step: abs(step * power - size))
    return float(f"{best * power:.6g}")


def year_before(day: date) -> date:
    """The same day of the year before; the 29th of February has the 28th."""
    try:
        return day.replace(year=day.year - 1)
    except ValueError:
        return day.replace(year=day.year - 1, day=28)


def _after(limit: float) -> float:
    """The next number above, so that −x itself belongs below its limit as x belongs above."""
    return float(np.nextafter(limit, np.inf))


def _finite(values: ArrayLike) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    found = np.asarray(values, np.float64)
    return found[np.isfinite(found)]
