"""What a person is told who came second: who did what when, in both languages."""

from __future__ import annotations

from typing import Any

from app.terms import Terms
from geodata.errors import Conflict

GROUPS = ("alert_move", "incident_move", "dispatch_move")


def told(fault: Conflict) -> dict[str, Any]:
    """The members a problem document gets beside the sentence in `detail`."""
    return fault.facts | {
        "sentence": {"zh": _sentence(Terms("zh"), fault), "en": _sentence(Terms("en"), fault)}
    }


def _sentence(terms: Terms, fault: Conflict) -> str:
    who = fault.by or terms("conflict.system")
    return terms("conflict.first", by=who, move=_move(terms, fault.move), clock=fault.clock)


def _move(terms: Terms, move: str) -> str:
    """The word of a move, whatever it moved."""
    words = (terms.either(group, move) for group in GROUPS)
    return next((word for word in words if word != move), move)
