"""What the values of a column look like: times and in which forms, numbers, degrees."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime

import pandas as pd

# The commoner first; of two that read as many values the earlier is taken.
FORMS = (
    "%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y/%m/%d %H:%M:%S", "%Y/%m/%d %H:%M", "%Y-%m-%dT%H:%M:%S",
    "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S.%f", "%Y-%m-%d %H:%M:%S.%f", "%Y-%m-%dT%H:%M:%S%z", "%Y-%m-%d %H:%M:%S%z",
    "%Y-%m-%dT%H:%M:%S.%f%z", "%Y年%m月%d日 %H:%M:%S", "%Y年%m月%d日 %H:%M", "%Y年%m月%d日%H时%M分", "%Y年%m月%d日 %H时%M分",
    "%Y年%m月%d日%H:%M", "%Y.%m.%d %H:%M:%S", "%Y.%m.%d %H:%M", "%Y%m%d%H%M%S", "%Y%m%d %H:%M:%S",
    "%m/%d/%Y %H:%M", "%m/%d/%Y %H:%M:%S", "%m/%d/%Y %I:%M:%S %p", "%m/%d/%Y %I:%M %p", "%d/%m/%Y %H:%M",
    "%d/%m/%Y %H:%M:%S", "%d.%m.%Y %H:%M", "%d.%m.%Y %H:%M:%S",
    "%Y-%m-%d", "%Y/%m/%d", "%Y年%m月%d日", "%Y.%m.%d", "%Y%m%d", "%m/%d/%Y", "%d/%m/%Y", "%d.%m.%Y",
)  # fmt: skip
MOST = 0.9
REST = 0.005  # of the values may be in no form: they are rejected row by row
SAMPLE, GLANCE = 400, 8
FIRST, LAST = 1900, 2100
LIKE_A_TIME = re.compile(r"\d{1,4}[-/.年]\d{1,2}[-/.月]\d{1,4}|(?:19|20)\d{6}")


def forms_of(values: pd.Series, most: int = 4) -> list[str]:
    """The fewest forms of `strptime` that read nearly all values; none when they are no times."""
    different = values.drop_duplicates()
    left = (
        different.sample(SAMPLE, random_state=1).tolist() if len(different) > SAMPLE else different.tolist()
    )
    whole, found = len(left), list[str]()
    if sum(map(bool, map(LIKE_A_TIME.match, left))) < whole * MOST:
        return []
    while len(left) > whole * REST and len(found) < most:
        likely = [form for form in FORMS if any(_reads(value, form) for value in left[:GLANCE])]
        rest = {form: [value for value in left if not _reads(value, form)] for form in likely}
        best = min(rest, key=lambda form: len(rest[form]), default=None)
        if best is None:
            break
        found.append(best)
        left = rest[best]
    return found if len(left) <= whole * (1 - MOST) else []


def looks_like_times(values: pd.Series) -> bool:
    """Whether most values are times that one of the known forms reads."""
    return bool(forms_of(values.head(300)))


def looks_like_number(values: pd.Series) -> bool:
    """Whether most values are numbers."""
    return _share(values) >= MOST


def looks_like_degrees(values: pd.Series) -> bool:
    """Whether most values are numbers between −180 and 180 that are not whole."""
    numbers = pd.to_numeric(values, errors="coerce")
    return bool((numbers.abs().le(180) & (numbers % 1 != 0)).mean() >= MOST)


def words_in(values: pd.Series, most: int = 60) -> Sequence[str]:
    """The different words of a column, the commonest first; none when there are too many to be a list of words."""
    counted = values.dropna().astype(str).str.strip().value_counts()
    return [word for word in counted.index if word] if len(counted) <= most else []


def _reads(value: str, form: str) -> bool:
    try:
        return FIRST <= datetime.strptime(value, form).year < LAST  # noqa: DTZ007 - only whether it can be read
    except ValueError:
        return False


def _share(values: pd.Series) -> float:
    return float(pd.to_numeric(values, errors="coerce").notna().mean()) if len(values) else 0.0
