"""Reading times as exports write them, in the zone they were written in."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd


def read_times(said: pd.Series, forms: Sequence[str], zone: str) -> pd.Series:
    """Times of a column by the first form that fits each: as UTC, NaT where none fits; see `jumped`.

    A time that a clock showed twice, when summer time ended, is taken as the first of the two.
    """
    return _read(said, forms, zone, first=True)


def read_later_times(said: pd.Series, forms: Sequence[str], zone: str) -> pd.Series:
    """The same, taking of two times the second: for a closing that would else lie before its beginning."""
    return _read(said, forms, zone, first=False)


def jumped(said: pd.Series, read: pd.Series, forms: Sequence[str], zone: str) -> pd.Series[bool]:
    """Which times the clock jumped over when summer time began; they were read as the next that existed."""
    naive = _naive(said, forms)
    shown = read.dt.tz_convert(zone).dt.tz_localize(None)
    moved: pd.Series[bool] = naive.notna() & (naive != shown)
    return moved


def _read(said: pd.Series, forms: Sequence[str], zone: str, *, first: bool) -> pd.Series:
    local = _naive(said, forms)
    twice = np.full(len(local), first)
    read: pd.Series = local.dt.tz_localize(zone, ambiguous=twice, nonexistent="shift_forward").dt.tz_convert(
        "UTC"
    )
    for form in (form for form in forms if "%z" in form):
        read = read.fillna(pd.to_datetime(said, format=form, errors="coerce", utc=True).astype(read.dtype))
    return read


def _naive(said: pd.Series, forms: Sequence[str]) -> pd.Series:
    read = pd.Series(pd.NaT, index=said.index, dtype="datetime64[us]")
    for form in (form for form in forms if "%z" not in form):
        if read.isna().any():
            read = read.fillna(pd.to_datetime(said, format=form, errors="coerce").astype("datetime64[us]"))
    return read
