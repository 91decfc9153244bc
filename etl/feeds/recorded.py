"""A recorded series from a CSV file: which column is the time and which the value, and the rows in order of time."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from geodata.errors import FileRefused

LOOKED_AT = 200  # rows that decide what a column holds
MOSTLY = 0.75  # of the cells that tell anything
FORMS = (
    "ISO8601", "%m/%d/%Y %I:%M:%S %p", "%m/%d/%Y %H:%M:%S", "%m/%d/%Y %H:%M", "%Y/%m/%d %H:%M:%S", "%Y/%m/%d %H:%M",
    "%d.%m.%Y %H:%M:%S", "%d.%m.%Y %H:%M", "%Y年%m月%d日 %H:%M:%S", "%Y年%m月%d日 %H:%M", "%Y%m%d%H%M%S",
)  # fmt: skip
TIME_NAMES = ("timestamp", "time", "datetime", "date", "at", "时间", "日期")
VALUE_NAMES = ("value", "reading", "result", "count", "值", "读数", "数值")
ENCODINGS = ("utf-8-sig", "gb18030")


@dataclass(frozen=True, slots=True)
class Series:
    """Seconds since the first row, ascending, and the value of each; `left_out` rows had no time or no number."""

    gaps_s: NDArray[np.float64]
    values: NDArray[np.float64]
    time_column: str
    value_column: str
    left_out: int


def read_series(path: Path, *, time_column: str | None = None, value_column: str | None = None) -> Series:
    """Read a series; a FileRefused says which columns there are when it cannot be told which are meant."""
    table = _table(path)
    times = time_column or _time_column(path, table)
    if times not in table.columns:
        raise FileRefused(f"“{path.name}” has no column “{times}”; its columns are {_listed(table.columns)}.")
    values = value_column or _value_column(path, table, times)
    if values not in table.columns:
        raise FileRefused(
            f"“{path.name}” has no column “{values}”; its columns are {_listed(table.columns)}."
        )
    at, told = _times(table[times]), pd.to_numeric(table[values], errors="coerce")
    good = at.notna() & np.isfinite(told.to_numpy(float))
    if not good.any():
        raise FileRefused(f"No row of “{path.name}” has both a time in “{times}” and a number in “{values}”.")
    kept = pd.DataFrame({"at": at[good], "value": told[good].astype(float)}).sort_values("at", kind="stable")
    kept = kept.drop_duplicates("at", keep="last")
    gaps = (kept["at"] - kept["at"].iloc[0]).dt.total_seconds().to_numpy(float)
    return Series(gaps, kept["value"].to_numpy(float), times, values, len(table) - len(kept))


def _table(path: Path) -> pd.DataFrame:
    if not path.is_file():
        raise FileRefused(f"There is no file “{path}”.")
    for encoding in ENCODINGS:
        try:
            return pd.read_csv(path, dtype=str, encoding=encoding, skipinitialspace=True)
        except UnicodeDecodeError:
            continue
        except (pd.errors.ParserError, pd.errors.EmptyDataError) as fault:
            raise FileRefused(
                f"“{path.name}” is no table with a header line: {str(fault).strip()}."
            ) from None
    raise FileRefused(f"The text of “{path.name}” is neither UTF-8 nor GB 18030.")


def _times(column: pd.Series) -> pd.Series:
    """Times by the first form that most of them have; only their gaps will count, so no zone is asked."""
    nothing = pd.Series(pd.NaT, index=column.index, dtype="datetime64[ns, UTC]")
    read = (pd.to_datetime(column, errors="coerce", utc=True, format=form) for form in FORMS)
    return next((times for times in read if _share(times, column) >= MOSTLY), nothing)


def _share(read: pd.Series, told: pd.Series) -> float:
    """Share of the cells that tell anything that could be read."""
    return float(read.notna().sum() / max(int(told.notna().sum()), 1))


def _time_column(path: Path, table: pd.DataFrame) -> str:
    head = table.head(LOOKED_AT)
    found = [
        name
        for name in table.columns
        if not _numbers(head[name]) and _share(_times(head[name]), head[name]) >= MOSTLY
    ]
    named = [name for name in found if str(name).strip().lower() in TIME_NAMES]
    return _one(named or found, path, table, "times", "--time-column")


def _value_column(path: Path, table: pd.DataFrame, times: str) -> str:
    head = table.head(LOOKED_AT)
    found = [name for name in table.columns if name != times and _numbers(head[name])]
    named = [name for name in found if str(name).strip().lower() in VALUE_NAMES]
    return _one(named if len(named) == 1 else found, path, table, "values", "--value-column")


def _one(found: list[str], path: Path, table: pd.DataFrame, what: str, option: str) -> str:
    if len(found) == 1:
        return str(found[0])
    if found:
        raise FileRefused(
            f"“{path.name}” has several columns of {what} ({_listed(found)}); name one with {option}."
        )
    raise FileRefused(
        f"“{path.name}” has no column of {what}; its columns are {_listed(table.columns)}; name one with {option}."
    )


def _numbers(column: pd.Series) -> bool:
    return _share(pd.to_numeric(column, errors="coerce"), column) >= MOSTLY


def _listed(names: object) -> str:
    return ", ".join(str(name) for name in list(names)[:20])  # type: ignore[call-overload]
