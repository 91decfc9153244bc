"""The one place that words an alert: wall, commander's page, CAP messages and webhooks all say the same."""

from __future__ import annotations

from typing import Protocol

from app.terms import Terms
from geodata.queries.alerts import AlertCard
from geodata.types import LEVELS, Level

SECONDS = {"s": 1.0, "min": 60.0, "h": 3600.0}
SILENCES = ("sensor_silence", "feed_silence")


class Named(Protocol):
    """What has the names of an alert's subject."""

    @property
    def rule(self) -> str:
        """The rule that raised it."""

    @property
    def subject_name(self) -> str:
        """Its name as pages print it."""

    @property
    def subject_name_en(self) -> str | None:
        """Its name for an English reader."""


def title(terms: Terms, alert: Named) -> str:
    """What is wrong where, without the level: 观前街：人群过密."""
    return terms(f"alert_title.{alert.rule}", name=terms.pick(alert.subject_name, alert.subject_name_en))


def level_word(terms: Terms, level: Level) -> str:
    """The word of a level."""
    return terms(f"alert_level.{level}")


def headline(terms: Terms, alert: AlertCard) -> str:
    """The title with its level, marked as a drill where it is one; for messages that show nothing else."""
    told = terms("alert.headline", title=title(terms, alert), level=level_word(terms, alert.level).lower())
    return terms("alert.drill_headline", headline=told) if alert.drill_id is not None else told


def sentence(terms: Terms, alert: AlertCard) -> str:
    """What was measured against which threshold, how many people, where it is going; only what is known."""
    parts = [
        _within(terms, alert),
        _measured(terms, alert),
        *_crowd(terms, alert),
        *_tickets(terms, alert),
        _outlook(terms, alert),
    ]
    if alert.facts.get("held_without_reading"):
        parts.append(terms("alert.kept"))
    if alert.facts.get("normal_since") and alert.closed_at is None:
        parts.append(terms("alert.normal"))
    if alert.muted:
        parts.append(terms("alert.muted", why=alert.muted))
    known = [part for part in parts if part]
    return terms("alert.join").join(known) + terms("alert.stop") if known else ""


def number(value: float) -> str:
    """A figure in as many digits as a person needs: 3,210 · 21.4 · 2.05."""
    digits = 0 if abs(value) >= 100 else 1 if abs(value) >= 10 else 2
    told = f"{value:,.{digits}f}"
    return told.rstrip("0").rstrip(".") if digits else told


def span(terms: Terms, seconds: float) -> str:
    """A length of time in the unit that suits it."""
    unit = "h" if seconds >= 7200 else "min" if seconds >= 90 else "s"
    return f"{number(round(seconds / SECONDS[unit], 1))} {terms(f'alert_unit.{unit}')}"


def _measured(terms: Terms, alert: AlertCard) -> str | None:
    if alert.value is None:
        return None
    if alert.rule in SILENCES:
        return _silent(terms, alert, alert.value)
    words = {
        "what": terms.either("alert_measure", alert.rule),
        "value": _with_unit(terms, alert.value, alert.unit),
    }
    if alert.threshold is None:
        return terms("alert.measured", **words)
    return terms("alert.measured_against", **words, threshold=_with_unit(terms, alert.threshold, alert.unit))


def _silent(terms: Terms, alert: AlertCard, value: float) -> str:
    factor = SECONDS.get(alert.unit or "s", 1.0)
    told = span(terms, value * factor)
    if alert.threshold is None:
        return terms("alert.silent_for", span=told)
    return terms("alert.silent_against", span=told, limit=span(terms, alert.threshold * factor))


def _with_unit(terms: Terms, value: float, unit: str | None) -> str:
    return f"{number(value)} {terms.either('alert_unit', unit)}" if unit else number(value)


def _crowd(terms: Terms, alert: AlertCard) -> list[str]:
    people, change = _fact(alert, "people"), _fact(alert, "people_per_min")
    capacity = _fact(alert, "capacity")
    parts = []
    if people is not None and capacity:
        parts = [terms("alert.people_of", n=number(round(people)), capacity=number(capacity))]
    elif people is not None:
        parts = [terms("alert.people", n=number(round(people)))]
    if change is not None and round(abs(change)) > 0:
        parts.append(terms("alert.rising" if change > 0 else "alert.falling", n=number(round(abs(change)))))
    elif change is None and (trend := _fact(alert, "trend_per_min")):
        parts.append(terms("alert.growing" if trend > 0 else "alert.shrinking"))
    return parts


def _within(terms: Terms, alert: AlertCard) -> str | None:
    window_h = _fact(alert, "window_h")
    return terms("alert.within", span=span(terms, window_h * 3600)) if window_h else None


def _tickets(terms: Terms, alert: AlertCard) -> list[str]:
    """How many there usually are; how late the latest is, and how many more fall due soon."""
    parts = []
    usual = _fact(alert, "usual")
    if usual is not None:
        parts.append(terms("alert.usual", n=number(usual)))
    near, near_h, latest_h = (_fact(alert, name) for name in ("near", "near_h", "latest_h"))
    if latest_h and latest_h > 0:
        parts.append(terms("alert.latest", span=span(terms, latest_h * 3600)))
    if near and near_h:
        parts.append(terms("alert.near", n=number(near), span=span(terms, near_h * 3600)))
    return parts


def _outlook(terms: Terms, alert: AlertCard) -> str | None:
    minutes = _fact(alert, "minutes_to_next")
    above = alert.facts.get("next_level") or _next(alert.level)
    if minutes is None or above not in LEVELS:
        return None
    return terms("alert.next_level", n=max(1, round(minutes)), level=level_word(terms, above).lower())


def _next(level: Level) -> Level | None:
    at = LEVELS.index(level) + 1
    return LEVELS[at] if at < len(LEVELS) else None


def _fact(alert: AlertCard, name: str) -> float | None:
    told = alert.facts.get(name)
    return float(told) if isinstance(told, int | float) and not isinstance(told, bool) else None
