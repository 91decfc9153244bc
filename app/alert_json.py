"""Alerts as the doors tell them: plain JSON with title and sentence in both languages."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from app import alert_words
from app.terms import Terms
from geodata.queries.alerts import AlertCard

PLAIN = ("id", "cause", "rule", "level", "peak_level", "state", "area_code", "lon", "lat", "value", "threshold",
         "unit", "facts", "observed_at", "raised_at", "changed_at", "acknowledged_at", "closed_at", "reopened",
         "escalation", "escalates_at", "muted", "plan_key", "incident_id", "incident_number", "revision")  # fmt: skip
ZH, EN = Terms("zh"), Terms("en")


def alert_json(card: AlertCard) -> dict[str, Any]:
    """One alert of a list."""
    return {
        **{name: getattr(card, name) for name in PLAIN},
        "subject": {
            "kind": card.subject_kind,
            "key": card.subject_key,
            "name": card.subject_name,
            "name_en": card.subject_name_en,
        },
        "area_chain": [asdict(step) for step in card.area_chain],
        "drill": card.drill_id is not None,
        "title": {"zh": alert_words.title(ZH, card), "en": alert_words.title(EN, card)},
        "sentence": {"zh": alert_words.sentence(ZH, card), "en": alert_words.sentence(EN, card)},
    }
