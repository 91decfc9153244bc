"""Dates are dates, lie in the past, and follow each other: received, then closed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pandas as pd

from etl.quality import Fault
from etl.steps.base import Case, Step
from geodata.types import CLOSED_STATES, Bilingual

MISSING = Fault(
    "received_missing", "rejected", Bilingual("缺少受理时间", "does not say when it was received")
)
NO_DATE = Fault(
    "not_a_date", "rejected", Bilingual("不是有效时间", "is not a date in the form the mapping names")
)
TOO_OLD = Fault("before_all_records", "rejected", Bilingual("时间早于 1970 年", "lies before 1970"))
AHEAD = Fault("in_the_future", "rejected", Bilingual("受理时间在未来", "was received in the future"))
BACKWARDS = Fault(
    "closed_before_received", "rejected", Bilingual("办结早于受理", "was closed before it was received")
)
NO_END = Fault(
    "closed_without_time", "rejected", Bilingual("已办结却无办结时间", "is closed but does not say when")
)
OLDEST = datetime(1970, 1, 1, tzinfo=UTC)


def apply(table: pd.DataFrame, case: Case) -> pd.DataFrame:
    """Reject rows whose times are none or contradict each other."""
    ledger, named = case.ledger, case.named
    table = ledger.reject(table, table["received"].isna(), MISSING, column=named("received"))
    for column in ("received", "due", "closed"):
        unread = table[column].notna() & table[f"{column}_at"].isna()
        table = ledger.reject(table, unread, NO_DATE, column=named(column), shown=column)
    old = table["received_at"] < OLDEST
    table = ledger.reject(table, old, TOO_OLD, column=named("received"), shown="received")
    ahead = table["received_at"] > case.now + timedelta(days=1)
    table = ledger.reject(table, ahead, AHEAD, column=named("received"), shown="received")
    backwards = table["closed_at"] < table["received_at"]
    table = ledger.reject(table, backwards, BACKWARDS, column=named("closed"), shown="closed")
    endless = table["state_key"].isin(CLOSED_STATES) & table["closed_at"].isna()
    return ledger.reject(table, endless, NO_END, column=named("closed"))


STEP = Step("ticket_dates", "tickets", "check", 20, apply)
