"""What a step is: one repair or one check that every batch of a kind of file passes through."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal

import pandas as pd

from etl.quality import Ledger
from geodata.profile import Profile


def _as_it_is(table: pd.DataFrame) -> pd.DataFrame:
    return table


def _no_gazetteer(_: pd.DataFrame) -> pd.DataFrame | None:
    return None


@dataclass(slots=True)
class Case:
    """What steps know of the load they serve.

    `columns` are our names and the file's; `seen` the keys met in earlier batches; `codes_elsewhere` area codes of
    other levels; `has_areas` whether points can be put in areas; `words` gives rows the keys of their channel, category and unit;
    `by_address` places rows by their address text (lon_deg, lat_deg, quality, score, why, and the keys of area and
    road), None where the district has no gazetteer.
    """

    profile: Profile
    ledger: Ledger
    columns: Mapping[str, str] = field(default_factory=dict)
    default_points: tuple[tuple[float, float], ...] = ()
    codes_elsewhere: frozenset[str] = frozenset()
    has_areas: bool = False
    words: Callable[[pd.DataFrame], pd.DataFrame] = _as_it_is
    by_address: Callable[[pd.DataFrame], pd.DataFrame | None] = _no_gazetteer
    seen: set[str] = field(default_factory=set)
    now: datetime = field(default_factory=lambda: datetime.now(UTC))

    def named(self, column: str) -> str:
        """The file's name for one of our columns."""
        return self.columns.get(column, column)


@dataclass(frozen=True, slots=True)
class Step:
    """One repair or check; the key is the name of its module, `order` its place among those of its phase."""

    key: str
    kind: Literal["boundaries", "tickets"]
    phase: Literal["repair", "check"]
    order: int
    apply: Callable[[pd.DataFrame, Case], pd.DataFrame]
