"""Every area has a code and a name; a code stands once in a file and names no area of another level."""

from __future__ import annotations

import pandas as pd

from etl.quality import Fault
from etl.steps.base import Case, Step
from geodata.types import Bilingual

MISSING = Fault("code_missing", "rejected", Bilingual("缺少编码", "has no code"))
TOO_LONG = Fault("code_too_long", "rejected", Bilingual("编码过长", "has a code of more than 100 characters"))
NAMELESS = Fault("name_missing", "rejected", Bilingual("缺少名称", "has no name"))
AGAIN = Fault(
    "code_again",
    "rejected",
    Bilingual("编码在本文件中重复", "its code stands in an earlier row of this file"),
)
TAKEN = Fault(
    "code_of_another_level",
    "rejected",
    Bilingual("编码已属于另一层级", "its code names an area of another level"),
)
LONGEST = 100


def apply(table: pd.DataFrame, case: Case) -> pd.DataFrame:
    """Reject rows without code or name and codes that are taken."""
    code, name = case.named("code"), case.named("name")
    table = case.ledger.reject(table, table["code"].isna(), MISSING, column=code)
    too_long = table["code"].str.len() > LONGEST
    table = case.ledger.reject(table, too_long, TOO_LONG, column=code, shown="code")
    table = case.ledger.reject(table, table["name"].isna(), NAMELESS, column=name)
    again = table["code"].duplicated() | table["code"].isin(case.seen)
    table = case.ledger.reject(table, again, AGAIN, column=code, shown="code")
    taken = table["code"].isin(case.codes_elsewhere)
    table = case.ledger.reject(table, taken, TAKEN, column=code, shown="code")
    case.seen.update(table["code"])
    return table


STEP = Step("area_code", "boundaries", "check", 20, apply)
