"""Takes persons out of free text: telephone and identity numbers, mail addresses, names before 先生 or 女士, flats."""

from __future__ import annotations

import pandas as pd

from etl.quality import Fault
from etl.steps.base import Case, Step
from geodata.rules.scrub import scrub, scrub_numbers, suspects
from geodata.types import Bilingual

# The value is not kept with the finding: it is what must not be kept.
SCRUBBED = Fault(
    "personal_data", "repaired",
    Bilingual("文本中含电话、证件号、姓名等个人信息", "the text holds a telephone number or another personal detail"),
    Bilingual("已从文本中去除", "taken out of the text"),
)  # fmt: skip
WORDS = ("title", "description", "outcome")


def apply(table: pd.DataFrame, case: Case) -> pd.DataFrame:
    """Scrub the free text, and of an address the numbers that are no place."""
    for column in (*WORDS, "address"):
        if column in table:
            before = table[column]
            suspected = suspects(before.tolist(), places=column not in WORDS)
            if not suspected.any():
                continue
            clean = scrub if column in WORDS else scrub_numbers
            after = before.copy()
            after[suspected] = before[suspected].map(clean)
            changed = pd.Series(suspected, index=table.index) & (after != before)
            case.ledger.repaired(table, changed, SCRUBBED, column=case.named(column))
            table = table.assign(**{column: after})
    return table


STEP = Step("ticket_scrub", "tickets", "repair", 10, apply)
