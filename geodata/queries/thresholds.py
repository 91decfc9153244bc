"""Thresholds as they hold: what is shipped, what a device says of itself, and what people have set since."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, text

from geodata.rules.defaults import DEFAULTS
from geodata.rules.levels import Holding, Limits
from geodata.types import LEVELS

Numbers = Mapping[str, Any]
SYSTEM = "system"
ANY = "*"


@dataclass(frozen=True, slots=True)
class ThresholdRow:
    """One row of the table with its author; `valid_to` None while it holds."""

    id: int
    rule: str
    subject: str
    limits: dict[str, Any]
    valid_from: datetime
    valid_to: datetime | None
    author: str
    why: str | None


@dataclass(frozen=True, slots=True)
class InForce:
    """All thresholds that hold: numbers by rule and subject, apart for what is shipped and what people set."""

    shipped: Mapping[tuple[str, str], Numbers] = field(default_factory=dict)
    set_by_people: Mapping[tuple[str, str], Numbers] = field(default_factory=dict)
    version: tuple[int, datetime | None] = (0, None)

    def numbers(self, rule: str, *subjects: str, own: Numbers | None = None) -> dict[str, Any]:
        """The numbers of a rule for a subject; `subjects` from the narrowest (a code) to its kind, `*` is understood.

        What is shipped comes first, over it what the device says of itself (`own`), over that what people set. Levels
        go over as a whole: half of one scale and half of another would be no scale.
        """
        widest_first = (ANY, *reversed(subjects))
        layers: list[Numbers] = [self.shipped.get((rule, subject), {}) for subject in widest_first]
        layers += [own or {}]
        layers += [self.set_by_people.get((rule, subject), {}) for subject in widest_first]
        merged: dict[str, Any] = {}
        for layer in layers:
            if any(layer.get(level) is not None for level in LEVELS):
                merged = {key: value for key, value in merged.items() if key not in LEVELS}
            merged |= {key: value for key, value in layer.items() if value is not None}
        return merged

    def with_one(self, rule: str, subject: str, limits: Numbers) -> InForce:
        """The same with one changed by somebody: for showing what a change would do."""
        changed = {**self.set_by_people, (rule, subject): dict(limits)}
        return InForce(self.shipped, changed, self.version)


def limits_and_holding(numbers: Numbers) -> tuple[Limits, Holding]:
    """The two values that levels are judged by."""
    return Limits.from_dict(numbers), Holding.from_dict(numbers)


def in_force(c: Connection) -> InForce:
    """Every threshold that holds now."""
    rows = c.execute(
        text("select rule, subject, limits from thresholds where valid_to is null and author <> :system"),
        {"system": SYSTEM},
    )
    return InForce(DEFAULTS, {(row[0], row[1]): row[2] for row in rows}, version(c))


def version(c: Connection) -> tuple[int, datetime | None]:
    """Changes with every change of a threshold."""
    row = c.execute(text("select coalesce(max(id), 0), max(valid_to) from thresholds")).one()
    return int(row[0]), row[1]


def listed(c: Connection) -> list[ThresholdRow]:
    """What holds, by rule and subject."""
    return _rows(c, "valid_to is null order by rule, subject", {})


def history(c: Connection, rule: str, subject: str) -> list[ThresholdRow]:
    """All that ever held for a subject, the newest first."""
    return _rows(
        c,
        "rule = :rule and subject = :subject order by valid_from desc, id desc",
        {"rule": rule, "subject": subject},
    )


def _rows(c: Connection, where: str, words: dict[str, Any]) -> list[ThresholdRow]:
    found = c.execute(
        text(
            f"select id, rule, subject, limits, valid_from, valid_to, author, why from thresholds where {where}"
        ),
        words,
    )
    return [ThresholdRow(*row) for row in found]
