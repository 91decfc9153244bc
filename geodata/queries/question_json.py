"""A question as plain values and back, for what is asked now and answered later."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from geodata.profile import Profile
from geodata.types import Question, Window


def as_values(q: Question) -> dict[str, Any]:
    """A question as JSON values; only what narrows it is said."""
    said: dict[str, Any] = {"window": window_values(q.window), "scheme": q.scheme}
    if q.hours:
        said["hours"] = [at.isoformat() for at in q.hours]
    for name in ("categories", "area", "areas", "shape", "band"):
        value = getattr(q, name)
        if value is not None:
            said[name] = list(value) if isinstance(value, tuple) else value
    return said


def from_values(said: dict[str, Any], profile: Profile) -> Question:
    """The question that `as_values` described."""
    hours, band = said.get("hours"), said.get("band")
    return Question(
        window=window_from(said["window"], profile),
        categories=_tuple(said.get("categories")),
        area=said.get("area"),
        scheme=said["scheme"],
        hours=(datetime.fromisoformat(hours[0]), datetime.fromisoformat(hours[1])) if hours else None,
        areas=_tuple(said.get("areas")),
        shape=said.get("shape"),
        band=(band[0], band[1]) if band else None,
    )


def window_values(window: Window) -> list[str]:
    """First and last day."""
    return [window.first.isoformat(), window.last.isoformat()]


def window_from(said: list[str], profile: Profile) -> Window:
    """The window of two days."""
    return profile.window(date.fromisoformat(said[0]), date.fromisoformat(said[1]))


def _tuple(values: list[str] | None) -> tuple[str, ...] | None:
    return None if values is None else tuple(values)
