"""Times that the clock jumped over when summer time began are taken an hour later."""

from __future__ import annotations

import pandas as pd

from etl.quality import Fault
from etl.steps.base import Case, Step
from geodata.types import Bilingual

JUMPED = Fault(
    "clock_jumped", "repaired",
    Bilingual("夏令时开始，该时刻不存在", "the clock was put forward over this time"),
    Bilingual("取其后第一个时刻", "the next time that existed was taken"),
)  # fmt: skip


def apply(table: pd.DataFrame, case: Case) -> pd.DataFrame:
    """Report what the reading of times had to shift."""
    for column in ("received", "due", "closed"):
        jumped = table[f"{column}_jumped"]
        case.ledger.repaired(table, jumped, JUMPED, column=case.named(column), shown=column)
    return table


STEP = Step("ticket_clock", "tickets", "repair", 20, apply)
