"""Takes persons out of free text: telephone and identity numbers, mail addresses, names before 先生 or 女士, flats."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

IDENTITY = r"(?<!\d)\d{17}[\dXx](?!\d)"
MOBILE = r"(?<!\d)(?:\+?86[- ]?)?1[3-9]\d[\d* -]?[\d*]{4}[- ]?\d{4}(?!\d)"
LANDLINE = r"(?<!\d)0\d{2,3}[- ]?\d{7,8}(?!\d)"
NORTH_AMERICAN = r"(?<!\d)(?:\+?1[-. ]?)?(?:\([2-9]\d{2}\) ?|[2-9]\d{2}[-. ])[2-9]\d{2}[-. ]\d{4}(?!\d)"
MAIL = r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"
NUMBERS = re.compile(f"{IDENTITY}|{MOBILE}|{LANDLINE}|{NORTH_AMERICAN}|{MAIL}")
SURNAME = re.compile(r"[\u4e00-\u9fff](?<!某)(?=先生|女士|小姐)")
FLAT = re.compile(r"(?<!\d)\d{2,4}(?=室)")


# What every text must hold that is scrubbed: found in whole columns at once, by an engine that is quick but knows less.
MAY_BE_A_NUMBER = r"@|[\p{Nd}*](?:[-. ()*]{0,2}[\p{Nd}*]){6}"
MAY_BE_A_PERSON = rf"{MAY_BE_A_NUMBER}|先生|女士|小姐|\p{{Nd}}{{2}}室"


def suspects(texts: Sequence[str | None], *, places: bool = False) -> NDArray[np.bool_]:
    """Which texts may hold something to scrub; of the others `scrub` (for places `scrub_numbers`) changes nothing."""
    import pyarrow as pa  # noqa: PLC0415 - half a second that no start should wait for
    import pyarrow.compute as pc  # noqa: PLC0415

    pattern = MAY_BE_A_NUMBER if places else MAY_BE_A_PERSON
    column = pa.array(texts, pa.string(), from_pandas=True)
    return np.asarray(pc.fill_null(pc.match_substring_regex(column, pattern), fill_value=False))


def scrub(text: str) -> str:
    """The text without telephone, identity and flat numbers, mail addresses and surnames."""
    return FLAT.sub("某", SURNAME.sub("某", scrub_numbers(text)))


def scrub_numbers(text: str) -> str:
    """The text without telephone and identity numbers and mail addresses; for addresses, where the rest is the place."""
    return NUMBERS.sub("***", text)
