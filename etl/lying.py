"""Where the coordinates of a file that is looked at may lie: what the file says, and what it seems."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sqlalchemy import Engine

from etl.formats.base import Raw, Source
from etl.where import UNTOLD, probable, probable_of_shapes
from geodata.profile import Profile
from geodata.queries.evidence import evidence
from geodata.space.crs import crs_name

Fields = dict[str, Any]
Numbers = NDArray[np.float64]


def lies(engine: Engine, profile: Profile, source: Source, head: Raw, choice: Fields) -> Fields:
    """{declared, read, probable, confidence, why}; it proposes and converts nothing."""
    said = source.crs or (choice.get("mapping") or {}).get("crs")
    with engine.connect() as connection:
        known = evidence(connection, profile)
    names = _names(head, choice)
    pair = columns_pair(head, choice)
    if pair is not None:
        where = probable(*pair, said, known, names)
    elif head.shapes is not None:
        where = probable_of_shapes(head.shapes, said, known, names)
    else:
        where = UNTOLD
    return {"declared": source.declared_crs, "read": None if source.crs is None else crs_name(source.crs),
            "probable": where.crs, "confidence": where.confidence, "why": where.why}  # fmt: skip


def _names(head: Raw, choice: Fields) -> list[str | None] | None:
    named = (choice.get("columns") or {}).get("name") or []
    if not named or named[0] not in head.table:
        return None
    return [None if pd.isna(name) else str(name) for name in head.table[named[0]]]


def columns_pair(head: Raw, choice: Fields) -> tuple[Numbers, Numbers] | None:
    """The two columns of coordinates as numbers; None where none are chosen."""
    columns = choice.get("columns") or {}
    pair = [(columns.get(name) or [None])[0] for name in ("lon", "lat")]
    if not all(name in head.table for name in pair):
        return None
    x, y = (
        pd.to_numeric(head.table[name], errors="coerce").to_numpy(float, na_value=np.nan) for name in pair
    )
    return x, y
