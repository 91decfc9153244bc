"""State, channel, category and unit are words that are known here, or that the mapping allows to be added."""

from __future__ import annotations

import pandas as pd

from etl.quality import Fault
from etl.steps.base import Case, Step
from geodata.types import Bilingual

STATE = Fault(
    "state_unknown", "rejected", Bilingual("状态不在映射之内", "has a state that the mapping does not name")
)
FAMILY = Fault(
    "family_unknown",
    "rejected",
    Bilingual("工单类别不在映射之内", "has a family that the mapping does not name"),
)
QUALITY = Fault(
    "quality_unknown",
    "rejected",
    Bilingual("定位方式不在映射之内", "has a location quality that the mapping does not name"),
)
SOURCE = Fault(
    "source_unknown",
    "rejected",
    Bilingual("来源渠道未知或未填", "came by no channel, or by one that is not known here"),
)
NO_CATEGORY = Fault("category_missing", "rejected", Bilingual("缺少分类", "says nothing of what it is about"))
CATEGORY = Fault(
    "category_unknown", "rejected", Bilingual("分类未知", "has a category that is not known here")
)
TOO_LONG = Fault(
    "word_too_long", "rejected", Bilingual("文字过长", "is longer than any name: 200 characters")
)
UNIT = Fault(
    "unit_unknown", "rejected", Bilingual("承办单位未知", "is handled by a unit that is not known here")
)
LONGEST = 200


def apply(table: pd.DataFrame, case: Case) -> pd.DataFrame:
    """Reject rows with words nobody knows; give the others the keys of theirs."""
    for column, fault in (("state", STATE), ("family", FAMILY), ("quality", QUALITY)):
        unknown = table[f"{column}_key"].isna()
        table = case.ledger.reject(table, unknown, fault, column=case.named(column), shown=column)
    table = case.ledger.reject(table, table["path"].isna(), NO_CATEGORY, column=case.named("category_0"))
    for column, name in (
        ("source", "source"),
        ("category", "category_0"),
        ("unit", "unit"),
        ("unit_code", "unit_code"),
    ):
        long = {word for word in set(table[column]) if isinstance(word, str) and len(word) > LONGEST}
        too_long = table[column].isin(long)
        table = case.ledger.reject(table, too_long, TOO_LONG, column=case.named(name), shown=column)
    table = case.words(table)
    for column, fault, name in (
        ("source", SOURCE, "source"),
        ("category", CATEGORY, "category_0"),
        ("unit", UNIT, "unit"),
    ):
        unknown = table[f"{column}_id"].isna() & (
            table[column].notna() | (column != "unit")
        )  # a unit may be missing
        table = case.ledger.reject(table, unknown, fault, column=case.named(name), shown=column)
    return table


STEP = Step("ticket_words", "tickets", "check", 90, apply)
