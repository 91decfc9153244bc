"""Values of any type as the text that steps and mappings work on, the same for every format."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

WHOLE = 2.0**53  # from here on a double no longer holds every whole number


def as_text(value: Any) -> str | None:
    """A value as text: 311.0 is 311, dates are ISO; None for what is missing or no plain value."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool | np.bool_):
        return "true" if value else "false"
    if isinstance(value, float):
        return _number(value)
    if isinstance(value, datetime):
        return value.isoformat(" ", "seconds") if value.time() != time() else value.date().isoformat()
    if isinstance(value, date | time):
        return value.isoformat()
    return None if isinstance(value, (dict, list, bytes)) else str(value)


def _number(value: float) -> str | None:
    if not math.isfinite(value):
        return None
    if value.is_integer() and abs(value) < WHOLE:
        return str(int(value))  # 311.0 is how some programs write the code 311
    return repr(float(value))


def as_table(columns: Mapping[str, Sequence[Any]], rows: Sequence[int]) -> pd.DataFrame:
    """A table of text by row number."""
    texts = {name: [as_text(value) for value in values] for name, values in columns.items()}
    return pd.DataFrame(texts, index=pd.Index(list(rows), dtype="int64"), dtype=object)


def as_array(shapes: Sequence[Any]) -> NDArray[np.object_]:
    """Shapes as an array, which numpy would otherwise take apart."""
    array = np.empty(len(shapes), object)
    array[:] = shapes
    return array
