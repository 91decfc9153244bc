"""What a refusal says, in Chinese: sentences are raised and kept in English and put into Chinese where a person reads them."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

FILE = Path(__file__).with_name("refusals.toml")
VALUE = "{}"


@cache
def known() -> Mapping[str, str]:
    """Every sentence that can be put into Chinese, English to Chinese, with braces for the values."""
    return tomllib.loads(FILE.read_text("utf-8"))


@cache
def _patterns() -> list[tuple[re.Pattern[str], str]]:
    """The most telling sentence first: the one with the most letters of its own."""
    by_letters = sorted(known().items(), key=lambda pair: -len(pair[0].replace(VALUE, "")))
    return [
        (re.compile("(.*?)".join(re.escape(part) for part in english.split(VALUE)), re.DOTALL), chinese)
        for english, chinese in by_letters
    ]


def in_chinese(sentence: str) -> str | None:
    """The sentence in Chinese with its values put in; None when it is not known."""
    for pattern, chinese in _patterns():
        if found := pattern.fullmatch(sentence):
            return chinese.format(*(in_chinese(value) or value for value in found.groups()))
    return None


def in_language(sentence: str, language: str) -> str:
    """The sentence for a reader of this language; in English where there is no other."""
    return sentence if language == "en" else in_chinese(sentence) or sentence
