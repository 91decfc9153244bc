"""What a file format is: a way to recognise it by its bytes and a way to read it batch by batch."""

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
class Opening:
    """What a person says of a file that may be opened in several ways; None leaves it to the file.

    `layer` is a layer or sheet by name, `header_row` the row of a sheet that names the columns, counted from 1.
    """

    layer: str | None = None
    header_row: int | None = None
    encoding: str | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """An opened file: its columns, the CRS it declares, whether it has shapes, and its rows.

    `crs` is None with `has_shapes` when the file does not say. `layers` are those there are to choose from, `layer`
    the one opened; `encoding` that of its text where it can vary. Row n stands n rows below `header_row`, where the
    format has one. `rows` takes the columns that are wanted and a ledger for rows that are no rows; it counts what it
    reads there.
    """

    columns: tuple[str, ...]
    declared_crs: str | None
    crs: str | None
    has_shapes: bool
    rows: Callable[[Sequence[str], Ledger], Iterator[Raw]]
    layers: tuple[str, ...] = ()
    layer: str | None = None
    encoding: str | None = None
    header_row: int | None = None
    format: str = ""


@dataclass(frozen=True, slots=True)
class Format:
    """A file format; the key is the name of its module."""

    key: str
    recognises: Callable[[Intake], bool]
    open: Callable[[Intake, Opening], Source]
