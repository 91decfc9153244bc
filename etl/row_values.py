"""Reading the cells of a row: numbers with or without their unit, compass words, dates, words of a list."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from etl.headers import plain
from etl.kinds.base import Form

NUMBER = re.compile(r"[-+]?(?:\d{1,3}(?:,\d{3})+|\d+)?(?:\.\d+)?(?:[eE][-+]?\d+)?")
COMPASS = {
    "北": 0, "东北": 45, "北东": 45, "东": 90, "东南": 135, "南东": 135, "南": 180, "西南": 225, "南西": 225, "西": 270,
    "西北": 315, "北西": 315, "n": 0, "nne": 22.5, "ne": 45, "ene": 67.5, "e": 90, "ese": 112.5, "se": 135, "sse": 157.5,
    "s": 180, "ssw": 202.5, "sw": 225, "wsw": 247.5, "w": 270, "wnw": 292.5, "nw": 315, "nnw": 337.5, "north": 0,
    "northeast": 45, "east": 90, "southeast": 135, "south": 180, "southwest": 225, "west": 270, "northwest": 315,
    "northbound": 0, "eastbound": 90, "southbound": 180, "westbound": 270, "nb": 0, "eb": 90, "sb": 180, "wb": 270,
}  # fmt: skip
UNREAD = object()


def number(said: str) -> float | object:
    """A number with its unit after it (“90°”, “1,200 米”); UNREAD when it is none."""
    text = unicodedata.normalize("NFKC", said).strip()
    found = NUMBER.match(text)
    if not found or not found.group() or any(letter.isdigit() for letter in text[found.end() :]):
        return UNREAD
    try:
        value = float(found.group().replace(",", ""))
    except ValueError:
        return UNREAD
    return value if math.isfinite(value) else UNREAD


def whole(said: str) -> int | object:
    """A whole number."""
    value = number(said)
    return int(value) if isinstance(value, float) and value == int(value) else UNREAD


def angle(said: str) -> float | object:
    """A direction in degrees clockwise from north, from a number or a word of the compass."""
    word = plain(said).removesuffix("向").removesuffix("方").removeprefix("朝").removeprefix("向")
    if word in COMPASS:
        return float(COMPASS[word])
    value = number(said)
    return value % 360 if isinstance(value, float) and -360 <= value <= 360 else UNREAD


def day(said: str, forms: Sequence[str]) -> date | object:
    """A day by the first form that reads it; a time behind it is left off."""
    for text in (said, re.split("[T ]", said, maxsplit=1)[0]):
        for form in forms:
            try:
                return datetime.strptime(text, form).date()  # noqa: DTZ007 - a day of the district
            except ValueError:
                continue
    return UNREAD


def read(said: str, form: Form, *, forms: Sequence[str], words: Mapping[str, str]) -> Any:
    """A cell by what its field holds; UNREAD when it cannot be that. `words` are by their plain form."""
    if form in ("number", "coordinate"):
        return number(said)
    if form == "whole":
        return whole(said)
    if form == "angle":
        return angle(said)
    if form == "date":
        return day(said, forms)
    return words.get(plain(said), UNREAD) if form == "word" else said
