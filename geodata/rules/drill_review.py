"""The after-action report of a drill 演练: when each step came, what was late against the plan, what nobody did."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

STEPS = (
    "first_reading",
    "alert",
    "acknowledged",
    "incident",
    "dispatched",
    "accepted",
    "arrived",
    "resolved",
)
TAKEN = ("accepted", "arrived", "done")  # states of a dispatch whose team said yes


@dataclass(frozen=True, slots=True)
class AlertFacts:
    """An alert of a drill, as it stood when the drill ended."""

    rule: str
    subject: str
    subject_en: str | None
    level: str
    plan_key: str | None
    raised_at: datetime
    acknowledged_at: datetime | None
    escalation: int


@dataclass(frozen=True, slots=True)
class DispatchFacts:
    """A team that was sent."""

    team: str
    team_en: str | None
    state: str
    sent_at: datetime
    answered_at: datetime | None
    arrived_at: datetime | None


@dataclass(frozen=True, slots=True)
class IncidentFacts:
    """An incident of a drill; `ticked` tells when each item of its check-list was done."""

    number: str
    plan_key: str | None
    opened_at: datetime
    resolved_at: datetime | None
    ticked: dict[str, datetime]
    dispatches: tuple[DispatchFacts, ...]


@dataclass(frozen=True, slots=True)
class CheckOf:
    """An item of the plan's check-list; `within_min` counts from the incident's opening."""

    key: str
    zh: str
    en: str
    within_min: float | None


def review(
    first_at: datetime | None,
    alerts: Sequence[AlertFacts],
    incidents: Sequence[IncidentFacts],
    checks: Sequence[CheckOf],
) -> dict[str, Any]:
    """What is kept of a drill: steps, alerts, incidents, late, undone; plain values, times in ISO 8601."""
    steps = _steps(first_at, alerts, incidents)
    done = [(incident, _checked(incident, checks)) for incident in incidents]
    late = [_late_alert(alert) for alert in alerts if alert.escalation > 0]
    late += [
        item | {"incident": incident.number}
        for incident, items in done
        for item in items
        if item["state"] == "late"
    ]
    undone: list[dict[str, Any]] = [{"step": step["step"]} for step in steps if step["at"] is None]
    undone += [
        item | {"incident": incident.number}
        for incident, items in done
        for item in items
        if item["state"] == "undone"
    ]
    return {
        "steps": steps,
        "alerts": [_alert(alert, first_at) for alert in alerts],
        "incidents": [_incident(incident, items) for incident, items in done],
        "late": late,
        "undone": undone,
    }


def _steps(
    first_at: datetime | None, alerts: Sequence[AlertFacts], incidents: Sequence[IncidentFacts]
) -> list[dict[str, Any]]:
    sent = [dispatch for incident in incidents for dispatch in incident.dispatches]
    moments = dict(zip(STEPS, (
        first_at,
        _first(alert.raised_at for alert in alerts),
        _first(alert.acknowledged_at for alert in alerts),
        _first(incident.opened_at for incident in incidents),
        _first(dispatch.sent_at for dispatch in sent),
        _first(dispatch.answered_at for dispatch in sent if dispatch.state in TAKEN),
        _first(dispatch.arrived_at for dispatch in sent),
        _first(incident.resolved_at for incident in incidents),
    ), strict=True))  # fmt: skip
    found, before = [], None
    for step, at in moments.items():
        found.append({
            "step": step, "at": _text(at), "after_s": _between(first_at, at), "took_s": _between(before, at),
        })  # fmt: skip
        before = at or before
    return found


def _checked(incident: IncidentFacts, checks: Sequence[CheckOf]) -> list[dict[str, Any]]:
    found = []
    for check in checks:
        took_s = _between(incident.opened_at, incident.ticked.get(check.key))
        if took_s is None:
            state = "undone"
        else:
            state = "late" if check.within_min is not None and took_s > check.within_min * 60 else "done"
        found.append({
            "check": check.key, "zh": check.zh, "en": check.en, "state": state, "within_min": check.within_min,
            "took_min": None if took_s is None else round(took_s / 60, 1),
        })  # fmt: skip
    return found


def _alert(alert: AlertFacts, first_at: datetime | None) -> dict[str, Any]:
    return {
        "rule": alert.rule, "subject": {"zh": alert.subject, "en": alert.subject_en or alert.subject},
        "level": alert.level, "plan_key": alert.plan_key, "raised_at": _text(alert.raised_at),
        "after_s": _between(first_at, alert.raised_at), "acknowledged_at": _text(alert.acknowledged_at),
        "escalation": alert.escalation,
    }  # fmt: skip


def _late_alert(alert: AlertFacts) -> dict[str, Any]:
    return {
        "step": "acknowledged", "subject": {"zh": alert.subject, "en": alert.subject_en or alert.subject},
        "escalation": alert.escalation, "took_s": _between(alert.raised_at, alert.acknowledged_at),
    }  # fmt: skip


def _incident(incident: IncidentFacts, items: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "number": incident.number, "plan_key": incident.plan_key, "opened_at": _text(incident.opened_at),
        "resolved_at": _text(incident.resolved_at), "checks": items,
        "dispatches": [
            {"team": {"zh": sent.team, "en": sent.team_en or sent.team}, "state": sent.state,
             "sent_at": _text(sent.sent_at), "answered_at": _text(sent.answered_at), "arrived_at": _text(sent.arrived_at)}
            for sent in incident.dispatches
        ],
    }  # fmt: skip


def _first(moments: Iterable[datetime | None]) -> datetime | None:
    return min((moment for moment in moments if moment is not None), default=None)


def _between(since: datetime | None, at: datetime | None) -> float | None:
    return None if since is None or at is None else round((at - since).total_seconds(), 1)


def _text(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()
