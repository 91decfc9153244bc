"""Every ticket has a number, and each number stands once in a file."""

from __future__ import annotations

import pandas as pd

from etl.quality import Fault
from etl.steps.base import Case, Step
from geodata.types import Bilingual

MISSING = Fault("number_missing", "rejected", Bilingual("缺少工单编号", "has no number"))
TOO_LONG = Fault(
    "number_too_long", "rejected", Bilingual("编号过长", "has a number of more than 100 characters")
)
AGAIN = Fault(
    "number_again",
    "rejected",
    Bilingual("编号在本文件中重复", "its number stands in an earlier row of this file"),
)
LONGEST = 100


def apply(table: pd.DataFrame, case: Case) -> pd.DataFrame:
    """Reject rows without a number and all but the first of equal ones."""
    column = case.named("number")
    table = case.ledger.reject(table, table["number"].isna(), MISSING, column=column)
    too_long = table["number"].str.len() > LONGEST
    table = case.ledger.reject(table, too_long, TOO_LONG, column=column, shown="number")
    again = table["number"].duplicated() | case.numbers.which(table["number"])
    table = case.ledger.reject(table, again, AGAIN, column=column, shown="number")
    case.numbers.add(table["number"])
    return table


STEP = Step("ticket_number", "tickets", "check", 10, apply)
