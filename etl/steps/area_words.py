"""Names and codes that were read in a wrong encoding on their way here are not taken for names."""

from __future__ import annotations

import re

import pandas as pd

from etl.quality import Fault
from etl.steps.base import Case, Step
from geodata.types import Bilingual

GARBLED = Fault(
    "garbled", "rejected", Bilingual("文字是乱码（编码错误）", "is garbled: it was read in a wrong encoding")
)
CHINESE = re.compile(r"[\u4e00-\u9fff]")
# What two common mistakes look like: bytes of GBK or UTF-8 taken for Latin letters.
LATIN = re.compile(r"[\u0080-\u00ff\u0152-\u0178\u2018-\u2122]{2}")


def apply(table: pd.DataFrame, case: Case) -> pd.DataFrame:
    """Reject rows with such a name or code, with what it seems to have been."""
    for column in ("name", "code"):
        known = {text: unread(text) for text in table[column].dropna().unique()}
        found = table[column].map(known)
        shown = table[column].astype("string") + found.map(lambda was: f" ({was}?)" if was else "").astype(
            "string"
        )
        bad = found.notna()
        table = case.ledger.reject(table.assign(shown=shown), bad, GARBLED, column=case.named(column), shown="shown")  # fmt: skip
    return table


def unread(text: str) -> str | None:
    """What a garbled text was, "" when that is lost; None for a text that is sound."""
    if "\ufffd" in text or "锟斤拷" in text or re.fullmatch(r"[?？]{2,}", text):
        return ""
    if LATIN.search(text) and not CHINESE.search(text):
        for bytes_of in ("latin-1", "cp1252"):
            for read in ("utf-8", "gb18030"):
                was = _again(text, bytes_of, read)
                if was and CHINESE.search(was):
                    return was
    was = _again(text, "gb18030", "utf-8") if CHINESE.search(text) else None
    return was if was and CHINESE.search(was) else None


def _again(text: str, bytes_of: str, read: str) -> str | None:
    try:
        return text.encode(bytes_of).decode(read)
    except UnicodeError:
        return None


STEP = Step("area_words", "boundaries", "check", 15, apply)
