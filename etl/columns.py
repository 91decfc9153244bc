"""Columns of text as a file has them: cleaned, joined, and turned into words that we know."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from etl.mapping import Choice
from etl.quality import storable

Column = pd.Series


def clean(column: Column) -> Column:
    """Text without blanks around it; None for what is blank."""
    values = column.tolist()
    distinct = set(values)
    if 4 * len(distinct) > len(values) and set(map(type, values)) == {str} and _storable(values):
        return _column([value.strip() or None for value in values], column.index)
    plain = {value: storable(value).strip() or None for value in distinct if isinstance(value, str)}
    return _column(list(map(plain.get, values)), column.index)


def _storable(values: list[str]) -> bool:
    """Whether none of these texts holds what PostgreSQL cannot keep."""
    whole = "".join(values)
    if "\0" in whole:
        return False
    try:
        whole.encode()
    except UnicodeEncodeError:
        return False
    return True


def of_points(shapes: NDArray[np.object_], index: pd.Index) -> tuple[Column, Column]:
    """The two coordinates of points as text, as a table would have them; None for what is no point."""
    points = shapely.get_type_id(shapes) == 0
    x, y = (np.where(points, values, np.nan) for values in (shapely.get_x(shapes), shapely.get_y(shapes)))
    texts = ([None if np.isnan(value) else repr(float(value)) for value in values] for values in (x, y))
    first, second = (_column(text, index) for text in texts)
    return first, second


def joined(columns: Sequence[Column], index: pd.Index) -> Column:
    """Several columns in one text, without repeating; None when all are empty."""
    if len(columns) == 1:
        return columns[0]
    rows = zip(*columns, strict=True) if columns else [()] * len(index)
    return _column([" · ".join(dict.fromkeys(part for part in row if part)) or None for row in rows], index)


def as_paths(levels: Sequence[Column]) -> Column:
    """Several columns as one path from the top down; a level that is empty ends it, and None stands for no path."""
    rows = zip(*levels, strict=True)
    found = [row[: row.index(None)] if None in row else row for row in rows]
    return _column([path or None for path in found], levels[0].index)


def chosen(table: pd.DataFrame, field: str, choice: Choice, *, keep: bool = False) -> Column:
    """What a choice of the mapping makes of a column; `keep` leaves words that it does not name."""
    if choice.value is not None:
        return _column([choice.value] * len(table), table.index)
    words, other = choice.values, choice.other  # noqa: PD011 - of a mapping, not of a frame
    said = table[field].tolist()
    return _column([words.get(word, word if keep and word else other) for word in said], table.index)


def _column(values: list[Any], index: pd.Index) -> Column:
    return pd.Series(values, index=index, dtype=object)
