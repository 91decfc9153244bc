"""Which keys stood in earlier batches of a file, in eight bytes a key whatever the file's size."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Hashes = NDArray[np.uint64]


class Seen:
    """Remembers keys by 64 bits of each; two of ten million are taken for one another once in 400,000 files."""

    def __init__(self) -> None:
        self._runs: list[Hashes] = []  # sorted, each longer than the one after it

    def __contains__(self, key: str) -> bool:
        return bool(self.which(pd.Series([key], dtype=object))[0])

    def which(self, keys: pd.Series) -> NDArray[np.bool_]:
        """Which of these were seen."""
        return self._which(_hashed(keys))

    def add(self, keys: pd.Series) -> None:
        """Remember these."""
        self._runs.append(np.sort(_hashed(keys)))
        while len(self._runs) > 1 and len(self._runs[-2]) <= len(self._runs[-1]):
            last = self._runs.pop()
            self._runs[-1] = np.sort(np.concatenate([self._runs[-1], last]), kind="stable")

    def _which(self, hashes: Hashes) -> NDArray[np.bool_]:
        found, order = np.zeros(len(hashes), bool), np.argsort(hashes)
        # In order, so that the search goes through a run once and does not jump about in it.
        asked = hashes[order]
        for run in self._runs:
            at = np.minimum(np.searchsorted(run, asked), max(len(run) - 1, 0))
            found[order] |= run[at] == asked if len(run) else False
        return found


def _hashed(keys: pd.Series) -> Hashes:
    return np.asarray(pd.util.hash_array(keys.to_numpy(object), categorize=False), np.uint64)
