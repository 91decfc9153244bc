"""What a file format is: a way to recognise it by its first bytes and a way to read it batch by batch."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
from numpy.typing import NDArray

from etl.intake import Intake
from etl.quality import Ledger


@dataclass(frozen=True, slots=True)
class Raw:
    """Rows as the file has them, by row number from 1: columns of text, and shapes where the format has any."""

    table: pd.DataFrame
    shapes: NDArray[Any] | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """An opened file: its columns, the CRS it declares, whether it has shapes, and its rows.

    `rows` takes the columns that are wanted and a ledger for rows that are no rows; it counts what it reads there.
    """

    columns: tuple[str, ...]
    declared_crs: str | None
    crs: str | None
    has_shapes: bool
    rows: Callable[[Sequence[str], Ledger], Iterator[Raw]]


@dataclass(frozen=True, slots=True)
class Format:
    """A file format; the key is the name of its module."""

    key: str
    recognises: Callable[[bytes], bool]
    open: Callable[[Intake], Source]
