"""Sentences that scripts put on the page: what a refusal means, and times that run while nobody asks the server."""

from __future__ import annotations

import json
from typing import Any

from app.terms import Terms

SAID = (
    "0",
    "401",
    "403",
    "404",
    "409",
    "413",
    "415",
    "bad_argument",
    "file_refused",
    "422",
    "429",
    "503",
    "else",
)
COUNTED = ("for-seconds", "for-minutes", "for-hours", "for-days")


def script_words(terms: Terms) -> dict[str, Any]:
    """An attribute with the words of assets/fragments; one element of a page carries it."""
    words = {f"said-{status}": terms(f"said.{status}") for status in SAID}
    words |= {key: terms(f"running.{key}", n="{n}") for key in COUNTED}
    words |= {"since": terms("running.since", n="{n}")}
    words |= {key: terms(f"running.{key}") for key in ("since-now", "until-past")}
    return {"data-words": json.dumps(words, ensure_ascii=False)}
