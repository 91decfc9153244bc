"""Takes persons out of free text: telephone and identity numbers, mail addresses, names before 先生 or 女士, flats."""

from __future__ import annotations

import re

import pandas as pd

from etl.quality import Fault
from etl.steps.base import Case, Step
from geodata.types import Bilingual

# The value is not kept with the finding: it is what must not be kept.
SCRUBBED = Fault(
    "personal_data", "repaired",
    Bilingual("文本中含电话、证件号、姓名等个人信息", "the text holds a telephone number or another personal detail"),
    Bilingual("已从文本中去除", "taken out of the text"),
)  # fmt: skip
IDENTITY = r"(?<!\d)\d{17}[\dXx](?!\d)"
MOBILE = r"(?<!\d)(?:\+?86[- ]?)?1[3-9]\d[\d* -]?[\d*]{4}[- ]?\d{4}(?!\d)"
LANDLINE = r"(?<!\d)0\d{2,3}[- ]?\d{7,8}(?!\d)"
NORTH_AMERICAN = r"(?<!\d)(?:\+?1[-. ]?)?(?:\([2-9]\d{2}\) ?|[2-9]\d{2}[-. ])[2-9]\d{2}[-. ]\d{4}(?!\d)"
MAIL = r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"
NUMBERS = re.compile(f"{IDENTITY}|{MOBILE}|{LANDLINE}|{NORTH_AMERICAN}|{MAIL}")
SURNAME = re.compile(r"[\u4e00-\u9fff](?<!某)(?=先生|女士|小姐)")
FLAT = re.compile(r"(?<!\d)\d{2,4}(?=室)")
WORDS = ("title", "description", "outcome")


def scrub(text: str) -> str:
    """The text without telephone, identity and flat numbers, mail addresses and surnames."""
    return FLAT.sub("某", SURNAME.sub("某", NUMBERS.sub("***", text)))


def apply(table: pd.DataFrame, case: Case) -> pd.DataFrame:
    """Scrub the free text, and of an address the numbers that are no place."""
    for column in (*WORDS, "address"):
        if column in table:
            clean = scrub if column in WORDS else (lambda text: NUMBERS.sub("***", text))
            before = table[column]
            known = {text: clean(text) for text in before.dropna().unique()}
            after = before.map(known)
            changed = before.notna() & (after != before)
            case.ledger.repaired(table, changed, SCRUBBED, column=case.named(column))
            table = table.assign(**{column: after})
    return table


STEP = Step("ticket_scrub", "tickets", "repair", 10, apply)
