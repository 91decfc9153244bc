"""Reading times as exports write them, in the zone they were written in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd


class Times(NamedTuple):
    """A column of times: `at` in UTC, NaT where none could be read, and which the clock jumped over.

    Of a time that the clock showed twice, when summer time ended, `at` is the first and `later` the second; one that
    it jumped over, when summer time began, is read as the next that existed.
    """

    at: pd.Series
    later: pd.Series
    jumped: pd.Series[bool]


def read_times(said: pd.Series, forms: Sequence[str], zone: str) -> Times:
    """Read each time by the first form that fits it (those of `strptime`; `%z` for times that name their offset)."""
    local = _local(said, forms)
    first, second = (_in_zone(local, zone, first=which) for which in (True, False))
    shown = first.dt.tz_convert(zone).dt.tz_localize(None)
    jumped: pd.Series[bool] = local.notna() & (local != shown)
    for form in (form for form in forms if "%z" in form):
        exact = pd.to_datetime(said, format=form, errors="coerce", utc=True).astype(first.dtype)
        first, second = first.fillna(exact), second.fillna(exact)
    return Times(first, second, jumped)


def _in_zone(local: pd.Series, zone: str, *, first: bool) -> pd.Series:
    twice = np.full(len(local), first)
    found: pd.Series = local.dt.tz_localize(zone, ambiguous=twice, nonexistent="shift_forward").dt.tz_convert(
        "UTC"
    )
    return found


def _local(said: pd.Series, forms: Sequence[str]) -> pd.Series:
    read = pd.Series(pd.NaT, index=said.index, dtype="datetime64[us]")
    for form in (form for form in forms if "%z" not in form):
        left = said[read.isna() & said.notna()]
        if len(left):
            read.loc[left.index] = pd.to_datetime(left, format=form, errors="coerce").astype("datetime64[us]")
    return read
