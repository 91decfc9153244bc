"""Guessing which property of a boundary file is the code and which the name, from headers and values."""

from __future__ import annotations

import re
from collections.abc import Sequence

import pandas as pd

from geodata.errors import FileRefused

# The earlier in the list, the surer. A word counts when it is a whole word of the header, or its beginning or end.
CODE_WORDS = (
    "adcode", "code", "cd", "编码", "代码", "区划代码", "网格号", "编号", "geoid", "fips", "number", "num", "no", "id",
)  # fmt: skip
NAME_WORDS = ("名称", "name", "名字", "名", "nam", "label", "title")
PARENT_WORDS = {
    "parent", "parent_code", "parentcode", "parent_id", "上级", "上级编码", "上级代码", "上级区划", "上级区划代码", "所属上级",
}  # fmt: skip
MOST_AGAIN, FEW = 0.05, 5
# What programs number rows with: not stable from one file to the next.
ROW_NUMBERS = {"objectid", "fid", "gid", "ogc_fid", "cartodb_id", "oid", "rowid", "shape_id", "pk"}


def guess_fields(table: pd.DataFrame, name_field: str | None, code_field: str | None) -> tuple[str, str]:
    """The columns of the name and the code; FileRefused names the columns there are when they cannot be told."""
    for asked in (name_field, code_field):
        if asked is not None and asked not in table:
            raise FileRefused(f"The file has no field “{asked}”; its fields are: {_listed(table)}.")
    code = code_field or _best(table, CODE_WORDS)
    name = name_field or _best(table[[column for column in table if not _numbers(table[column])]], NAME_WORDS)
    if code is None and name is None:
        raise FileRefused(
            "Which field is the code and which the name cannot be told; say so with --code-field and --name-field."
            f" The fields are: {_listed(table)}."
        )
    return name or code or "", code or name or ""


def parent_field(table: pd.DataFrame) -> str | None:
    """The column that says in which area above each lies, when there is one of such a name."""
    return next((str(column) for column in table if str(column).strip().lower() in PARENT_WORDS), None)


def _best(table: pd.DataFrame, words: Sequence[str]) -> str | None:
    ranked = sorted(
        (rank, place, column)
        for place, column in enumerate(map(str, table))
        if (rank := _rank(column, words)) >= 0
    )
    return next((column for _, _, column in ranked if _tells_apart(table[column])), None)


def _rank(column: str, words: Sequence[str]) -> int:
    plain = column.strip().lower()
    if plain in ROW_NUMBERS:
        return -1
    parts = {part.lower() for part in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[\u4e00-\u9fff]+", column)}
    for rank, word in enumerate(words):
        if word in parts or (
            len(word) > 2 - (not word.isascii()) and (plain.startswith(word) or plain.endswith(word))
        ):
            return rank
    return -1


def _tells_apart(values: pd.Series) -> bool:
    """Whether nearly every value is another: a row that stands twice does not make a code something else."""
    again = len(values) - values.nunique()  # what is missing counts as well
    return bool(len(values)) and again <= (max(1, len(values) * MOST_AGAIN) if len(values) >= FEW else 0)


def _numbers(values: pd.Series) -> bool:
    return bool(pd.to_numeric(values, errors="coerce").notna().all())


def _listed(table: pd.DataFrame) -> str:
    return ", ".join(str(column) for column in table) or "none"
