"""Which column of a file is which field of a kind, by the words of its header: synonyms, near hits, and values."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
from rapidfuzz import fuzz

from etl.kinds.base import Field, KindOf
from etl.lookalikes import looks_like_degrees, looks_like_number, looks_like_times

SYNONYMS = Path(__file__).with_name("synonyms.toml")
EXACT, WITHIN, NEAR = 100.0, 88.0, 80.0
LEAST_RATIO = 86.0
LATER_WORD = 0.1  # taken off for each word that stands before it in the list
SHORT = 4  # letters; a shorter word within a header says nothing
BLANKS = re.compile(r"[\s_\-./·:：()（）\[\]【】<>《》*#\"'“”]+")
SHARED = {("category", "title"), ("category_2", "title")}


@dataclass(frozen=True, slots=True)
class Hit:
    """A column that stands for a field: how sure (0 to 100) and by which word."""

    field: str
    column: str
    score: float
    word: str


@cache
def synonyms() -> dict[str, Any]:
    """The data file of synonyms, read once."""
    return tomllib.loads(SYNONYMS.read_text("utf-8"))


def plain(header: str) -> str:
    """A header as it is compared: half-width, small letters, without blanks and brackets."""
    return BLANKS.sub("", unicodedata.normalize("NFKC", header).casefold())


def words_of(kind: str, field: Field | str) -> tuple[str, ...]:
    """Every word for a field, the surest first."""
    name = field if isinstance(field, str) else field.name
    own = () if isinstance(field, str) else (name, field.title.zh, field.title.en)
    known = synonyms()
    listed = (*own, *known.get(kind, {}).get(name, ()), *known["any"].get(name, ()))
    return tuple(dict.fromkeys(plain(word) for word in listed))


def find_columns(kind: KindOf, table: pd.DataFrame, *, near: bool = True) -> dict[str, Hit]:
    """The best column for each field; with `near` also headers that only resemble or contain a word.

    Each column stands for one field, but what a ticket is about may also be its title.
    """
    hits = [
        hit
        for column in table.columns
        for name, words in _fields(kind)
        if (hit := _hit(name, str(column), words, near=near)) and _fits(kind, hit, table)
    ]
    return _assigned(sorted(hits, key=lambda hit: -hit.score))


def meaning(kind: str, field: Field, values: Sequence[str]) -> tuple[dict[str, str], list[str]]:
    """What the words of a column mean, by the field's own words and synonyms, and those that nobody knows."""
    known = known_words(kind, field)
    found: dict[str, str] = {}
    unknown: list[str] = []
    for value in values:
        means = known.get(plain(value)) or _resembling(plain(value), known)
        if means:
            found[value] = means
        else:
            unknown.append(value)
    return found, unknown


def known_words(kind: str, field: Field) -> dict[str, str]:
    """What words of a field mean, by their plain form: its own and their synonyms."""
    told = synonyms()["words"].get(kind, {}).get(field.name, {})
    own = {plain(word): key for key, title in field.words.items() for word in (key, title.zh, title.en)}
    return {plain(word): key for key, words in told.items() for word in words} | own


def _resembling(value: str, known: Mapping[str, str]) -> str | None:
    best = max(known, key=lambda word: fuzz.ratio(value, word), default=None)
    return known[best] if best and fuzz.ratio(value, best) >= LEAST_RATIO and len(value) >= SHORT else None


def _fields(kind: KindOf) -> list[tuple[str, tuple[str, ...]]]:
    found = [(one.name, words_of(kind.key, one)) for one in kind.fields]
    further = [name for name in synonyms().get(kind.key, {}) if re.search(r"_\d$", name)]
    return found + [(name, words_of(kind.key, name)) for name in further]


def _hit(field: str, column: str, words: Sequence[str], *, near: bool) -> Hit | None:
    said = plain(column)
    best: tuple[float, str] = (0.0, "")
    for place, word in enumerate(words):
        best = max(best, (_score(said, word, near=near) - place * LATER_WORD, word))
    return Hit(field, column, round(best[0], 1), best[1]) if best[0] >= NEAR - 10 else None


def _score(said: str, word: str, *, near: bool) -> float:
    if said == word:
        return EXACT
    if not near:
        return 0.0
    han = not word.isascii()
    if len(word) >= (2 if han else SHORT) and (said.startswith(word) or said.endswith(word)):
        return WITHIN - 20 * (1 - len(word) / len(said)) + (2 if said.endswith(word) and han else 0)
    ratio = fuzz.ratio(said, word)
    return NEAR * ratio / 100 + 5 if ratio >= LEAST_RATIO and len(word) >= SHORT - han else 0.0


def _fits(kind: KindOf, hit: Hit, table: pd.DataFrame) -> bool:
    """Whether the values can be what the header says; a column without values can be anything."""
    form = next((one.form for one in kind.fields if one.name == hit.field), "text")
    column = table[hit.column]
    values = (
        (column.iloc[:, 0] if isinstance(column, pd.DataFrame) else column).dropna().astype(str).str.strip()
    )
    values = values[values != ""]
    if values.empty:
        return True
    if form == "coordinate":
        return looks_like_degrees(values) or looks_like_number(values)
    if form in ("moment", "date"):
        return looks_like_times(values)
    if form in ("number", "whole"):
        return looks_like_number(values)
    return hit.score >= WITHIN or not looks_like_times(values)


def _assigned(hits: Sequence[Hit]) -> dict[str, Hit]:
    found: dict[str, Hit] = {}
    taken: dict[str, str] = {}
    for hit in hits:
        shared = (taken.get(hit.column), hit.field) in SHARED
        if hit.field not in found and (hit.column not in taken or shared):
            found[hit.field] = hit
            taken.setdefault(hit.column, hit.field)
    return found
