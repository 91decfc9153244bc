"""One way of writing for an address: half width, simplified characters, figures for numerals, one mark for any stop."""

from __future__ import annotations

import re
import unicodedata
from functools import cache

STOP = "|"
LONGEST = 120  # characters; what follows in a longer text is no address any more
STOPS = "、,，;；:：/／\\&＆+＋·•…。.!！?？()（）[]【】〔〕<>《》“”\"'‘’「」『』|~～"
HANZI = (*range(0x3400, 0x4DC0), *range(0x4E00, 0xA000))
DIGITS = {mark: value for value, marks in enumerate(("零〇○", "一壹", "二两贰", "三叁", "四肆", "五伍", "六陆", "七柒", "八捌", "九玖"))
          for mark in marks}  # fmt: skip
UNITS = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000}
COUNTED = "号楼|号|幢|栋|弄|村|座|单元|室|组|区|期"
NUMERAL = re.compile(rf"[{''.join(DIGITS)}{''.join(UNITS)}]+(?=(?:{COUNTED}))")


def plain(text: str) -> str:
    """The text as the matcher reads it; the same for gazetteer and address, so that both meet."""
    return NUMERAL.sub(_figures, spelled(text))


def spelled(text: str) -> str:
    """The same with its numerals as they are."""
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)
    return text[:LONGEST].translate(_table())


@cache
def _table() -> dict[int, str]:
    """Traditional to simplified by character, small letters, no blanks, stops as one mark; made once, by OpenCC."""
    from opencc import OpenCC  # noqa: PLC0415 - half a second to load, and most processes locate nothing

    characters = [chr(code) for code in HANZI]
    simple = OpenCC("t2s").convert("\n".join(characters)).split("\n")
    table = {ord(old): new for old, new in zip(characters, simple, strict=True) if old != new}
    table |= {ord(mark): STOP for mark in STOPS}
    table |= {code: chr(code).lower() for code in range(ord("A"), ord("Z") + 1)}
    table |= dict.fromkeys((*range(33), 12288, 65279, 8203), "")
    return table | {ord("#"): "号", ord("號"): "号", ord("—"): "-", ord("－"): "-", ord("–"): "-"}


def _figures(found: re.Match[str]) -> str:
    return str(number(found[0]))


def number(numeral: str) -> int:
    """二百八十八, 二八八, 百零五 and 十二 as numbers."""
    if not any(mark in UNITS for mark in numeral):
        return int("".join(str(DIGITS[mark]) for mark in numeral))
    total, open_digit = 0, None
    for mark in numeral:
        if mark in UNITS:
            total += (1 if open_digit is None else open_digit) * UNITS[mark]
            open_digit = None
        else:
            open_digit = DIGITS[mark] or None
    return total + (open_digit or 0)
