"""Every run of 100 to 400 m along a road, in steps of some 50 m: where a stretch may begin and end."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

SHORTEST, LONGEST = 2, 8  # steps

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Windows:
    """Runs of steps from `first` up to, not including, `after`; `size` is how many steps, `area` the one they lie in."""

    first: Ints
    after: Ints
    area: Ints

    @property
    def size(self) -> Ints:
        """Steps of each run."""
        return self.after - self.first

    def sums(self, values: Floats) -> Floats:
        """What the steps of each run add up to."""
        running = np.concatenate([[0.0], np.cumsum(values)])
        found: Floats = running[self.after] - running[self.first]
        return found


def windows(road: Ints, area: Ints, tested: NDArray[np.bool_]) -> Windows:
    """All runs within one road and one area that are tested throughout; what is shorter than the shortest is one run."""
    breaks = (np.diff(road) != 0) | (np.diff(area) != 0) | ~tested[1:] | ~tested[:-1]
    chain = np.concatenate([[0], np.cumsum(breaks)])[: len(road)]
    begins, sizes = np.unique(chain, return_index=True, return_counts=True)[1:]
    small = (sizes < SHORTEST) & tested[begins]
    parts = [(begins[small], begins[small] + sizes[small])]
    for size in range(SHORTEST, LONGEST + 1):
        first = np.arange(max(len(road) - size + 1, 0))
        first = first[(chain[first] == chain[first + size - 1]) & tested[first]]
        parts.append((first, first + size))
    first, after = (np.concatenate(one).astype(np.int64) for one in zip(*parts, strict=True))
    return Windows(first, after, area[first])
