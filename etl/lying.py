"""Where the coordinates of a file that is looked at may lie: what the file says, and what it seems."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from sqlalchemy import Engine

from etl.formats.base import Raw, Source
from geodata.profile import Profile

Fields = dict[str, Any]


def lies(engine: Engine, profile: Profile, source: Source, head: Raw, choice: Fields) -> Fields:
    """{declared, read, probable, confidence, swapped, why}; it proposes and converts nothing."""
    x, y = coordinates(head, choice)
    del engine, profile, x, y
    return {"declared": source.declared_crs, "read": source.crs, "probable": None, "confidence": 0.0,
            "swapped": False, "why": ""}  # fmt: skip


def coordinates(head: Raw, choice: Fields) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """First and second coordinates of the rows as the file has them: of shapes a point inside, else two columns."""
    columns = choice.get("columns") or {}
    pair = [columns.get(name) or [] for name in ("lon", "lat")]
    if all(pair):
        read = [pd.to_numeric(head.table[names[0]], errors="coerce").to_numpy(float) for names in pair]
        return read[0], read[1]
    if head.shapes is None:
        return np.empty(0), np.empty(0)
    middle = shapely.centroid(head.shapes[~shapely.is_missing(head.shapes)])
    return shapely.get_x(middle), shapely.get_y(middle)
