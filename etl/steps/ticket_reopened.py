"""A ticket that is open and yet has a closing time was opened again: the time is left out."""

from __future__ import annotations

import pandas as pd

from etl.quality import Fault
from etl.steps.base import Case, Step
from geodata.types import OPEN_STATES, Bilingual

REOPENED = Fault(
    "open_with_closing_time", "repaired",
    Bilingual("状态未办结却有办结时间", "has a closing time although it is open"),
    Bilingual("以状态为准，办结时间不采用", "the state counts; the closing time was left out"),
)  # fmt: skip


def apply(table: pd.DataFrame, case: Case) -> pd.DataFrame:
    """Drop the closing time of open tickets."""
    reopened = table["state_key"].isin(OPEN_STATES) & table["closed"].notna()
    case.ledger.repaired(table, reopened, REOPENED, column=case.named("closed"), shown="closed")
    return table.assign(
        closed=table["closed"].mask(reopened, None), closed_at=table["closed_at"].mask(reopened, pd.NaT)
    )


STEP = Step("ticket_reopened", "tickets", "repair", 30, apply)
