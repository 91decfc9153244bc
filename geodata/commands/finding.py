"""What a rule found, as it is handed to those who write it down."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from geodata.types import Level


class Beside(NamedTuple):
    """A second rule at the same subject: its cause, where it stands, and whether the finding's own rule leads it."""

    cause: str
    level: Level | None
    leads: bool


@dataclass(frozen=True, slots=True)
class Finding:
    """What a rule found at a subject; `value` and `threshold` in `unit`, position and outline in EPSG:4326.

    `kind` is what sort of subject it is (a place's or sensor's kind), by which a plan is chosen; `reopen_s` is how
    long after it ended the same cause reopens the alert instead of raising another. `beside` is the other rule that
    watches the same thing and shares its alert; `eases` says that the finding takes a level down.
    """

    cause: str
    rule: str
    level: Level
    subject_kind: str
    subject_key: str
    subject_name: str
    observed_at: datetime
    subject_name_en: str | None = None
    kind: str | None = None
    area_id: int | None = None
    area_code: str | None = None
    lon: float | None = None
    lat: float | None = None
    outline_wkb: bytes | None = None
    value: float | None = None
    threshold: float | None = None
    unit: str | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)
    accepted_at: datetime | None = None
    drill_id: int | None = None
    reopen_s: float = 600.0
    beside: Beside | None = None
    eases: bool = False
