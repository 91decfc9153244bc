"""What a step is: one repair or one check that every batch of a kind of file passes through, or all rows together."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal

import numpy as np
import pandas as pd
import shapely

from etl.quality import Fault, Ledger
from etl.seen import Seen
from geodata.commands.boundaries import CurrentArea
from geodata.profile import Profile


def _as_it_is(table: pd.DataFrame) -> pd.DataFrame:
    return table


def _no_gazetteer(_: pd.DataFrame) -> pd.DataFrame | None:
    return None


@dataclass(frozen=True, slots=True)
class Standing:
    """What the store holds of the scheme whose level is loaded, and what was said of the file that comes.

    `here` are the areas of the level, `above` those of the next level above that has any, `ended` codes of the level
    that no area has any more; `strict` says that neighbours have to fit, `as_drawn` that they are taken as they are,
    `new_codes` that codes are meant to change, `partial` that what the file leaves out stays.
    """

    here: Sequence[CurrentArea] = ()
    above: Sequence[CurrentArea] = ()
    ended: frozenset[str] = frozenset()
    strict: bool = True
    as_drawn: bool = False
    new_codes: bool = False
    partial: bool = False


@dataclass(slots=True)
class Case:
    """What steps know of the load they serve.

    `columns` are our names and the file's; `seen` the keys met in earlier batches (`numbers`: those of tickets); `codes_elsewhere` area codes of
    other levels; `has_areas` whether points can be put in areas; `words` gives rows the keys of their channel, category and unit;
    `by_address` places rows by their address text (lon_deg, lat_deg, quality, score, why, and the keys of area and
    road), None where the district has no gazetteer; `standing` what is stored beside boundaries, `spared` codes of stored
    areas that rejected rows stand for.
    """

    profile: Profile
    ledger: Ledger
    columns: Mapping[str, str] = field(default_factory=dict)
    default_points: tuple[tuple[float, float], ...] = ()
    codes_elsewhere: frozenset[str] = frozenset()
    has_areas: bool = False
    words: Callable[[pd.DataFrame], pd.DataFrame] = _as_it_is
    by_address: Callable[[pd.DataFrame], pd.DataFrame | None] = _no_gazetteer
    standing: Standing = Standing()
    spared: set[str] = field(default_factory=set)
    seen: set[str] = field(default_factory=set)
    numbers: Seen = field(default_factory=Seen)
    now: datetime = field(default_factory=lambda: datetime.now(UTC))

    def named(self, column: str) -> str:
        """The file's name for one of our columns."""
        return self.columns.get(column, column)

    def mended(
        self, table: pd.DataFrame, rows: pd.Series[bool], fault: Fault, shown: pd.Series | None = None
    ) -> None:
        """Remember areas that were mended, each with its outline as it came, for the map; `shown` tells what it was."""
        outlines = shapely.force_2d(table.loc[rows, "shape"].to_numpy())
        finite = [np.isfinite(outline.bounds).all() for outline in outlines]
        for row, outline, sound in zip(table.index[rows], outlines, finite, strict=True):
            value, where = None if shown is None else str(shown[row]), outline if sound else None
            self.ledger.add(fault, row=int(row), column="geometry", value=value, where=where)
            self.ledger.mended.add(int(row))


@dataclass(frozen=True, slots=True)
class Step:
    """One repair or check; the key is the name of its module, `order` its place among those of its phase."""

    key: str
    kind: Literal["boundaries", "tickets"]
    phase: Literal["repair", "check", "whole"]
    order: int
    apply: Callable[[pd.DataFrame, Case], pd.DataFrame]
