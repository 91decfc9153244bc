"""Every ticket has a number, and each number stands once in a file."""

from __future__ import annotations

import pandas as pd

from etl.quality import Fault
from etl.steps.base import Case, Step
from geodata.types import Bilingual

MISSING = Fault("number_missing", "rejected", Bilingual("缺少工单编号", "has no number"))
AGAIN = Fault(
    "number_again",
    "rejected",
    Bilingual("编号在本文件中重复", "its number stands in an earlier row of this file"),
)


def apply(table: pd.DataFrame, case: Case) -> pd.DataFrame:
    """Reject rows without a number and all but the first of equal ones."""
    column = case.named("number")
    table = case.ledger.reject(table, table["number"].isna(), MISSING, column=column)
    again = table["number"].duplicated() | table["number"].isin(case.seen)
    table = case.ledger.reject(table, again, AGAIN, column=column, shown="number")
    case.seen.update(table["number"])
    return table


STEP = Step("ticket_number", "tickets", "check", 10, apply)
