"""What both drawn exports share: the light theme's colours and the classes of hexagons."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from app.exports.matter import Cells
from geodata.queries.heat import breaks
from geodata.store.settings import CHECKOUT

TOKENS = CHECKOUT / "app" / "assets" / "tokens.css"
STEPS = 7


@dataclass(frozen=True, slots=True)
class Classes:
    """The class of each hexagon (−1: hidden), the lowest count of each class and its colour."""

    of: NDArray[np.int64]
    lowest: list[int]
    colours: list[str]


def classes(cells: Cells) -> Classes:
    """As the map on the screen has them, reckoned from what may be shown alone."""
    shown = cells.counts[~cells.hidden]
    lowest = (
        sorted({max(limit, int(shown.min())) for limit in breaks(shown.tolist(), STEPS)})
        if len(shown)
        else []
    )
    of = np.searchsorted(np.array(lowest), cells.counts, side="right") - 1
    of = np.where(cells.hidden, -1, np.maximum(of, 0))
    last = max(len(lowest) - 1, 1)
    return Classes(
        of, lowest, [colour(f"--heat-{round(n * (STEPS - 1) / last) + 1}") for n in range(len(lowest))]
    )


@cache
def colour(token: str) -> str:
    """A colour of the light theme, which paper needs; the last that tokens.css gives it."""
    found = re.findall(rf"{re.escape(token)}:\s*(#[0-9a-fA-F]{{6}})", TOKENS.read_text("utf-8"))
    if not found:
        raise ValueError(f"tokens.css names no colour {token}")
    return str(found[-1])
