"""The numbers that are shipped, by rule and subject; every one can be changed by an operator and then has an author.

Units stand in the names: `_per_m2` persons per m² that can be walked on, `_s` seconds, `_min` minutes, `_share` a part
of one. The four levels themselves are in the unit of the rule, told under `unit`. A subject that is not listed takes
`*`. Where the numbers come from is told in docs/rules.md.
"""

from __future__ import annotations

from typing import Any

from geodata.rules.fruin import Mode, limits_of

Numbers = dict[str, Any]

# Shared by what wavers by ±10 %: 0.8 < 0.9/1.1, so a steady value can never raise and ease in turn.
_WAVERS: Numbers = {"release_share": 0.8, "reopen_s": 1800.0}


def _crowd(mode: Mode) -> Numbers:
    levels = {level: round(limit, 3) for level, limit in limits_of(mode).as_dict().items()}
    return {"unit": "persons/m²", **levels, "hold_s": 120.0, "release_s": 300.0, **_WAVERS}


# A single reading counts: sensors speak seldom, and the doors have refused what is impossible.
_SENSOR: Numbers = {"hold_s": 0.0, "release_s": 600.0, **_WAVERS}

# The limits of a kind stand for sensors that bring none of their own; they are the demo's and an engineer's to set.
DEFAULTS: dict[tuple[str, str], Numbers] = {
    # A place takes its own limits when somebody set them, else those of its mode bounded by its capacity
    # (fruin.bounded); hold and release are read from the same row.
    ("crowd_density", "walking"): _crowd("walking"),
    ("crowd_density", "queue"): _crowd("queue"),
    # Off the listed places nobody knows the ground: a yard with a wedding is no crowd, some hundreds of people are one.
    ("crowd_density", "*"): {**_crowd("walking"), "least_people": 200.0},
    ("crowd_rise", "*"): {
        "unit": "share of danger/min",
        "notice": 0.03, "watch": 0.05, "warning": 0.08,
        "watch_within_min": 20.0, "warning_within_min": 15.0,
        "floor_share": 0.35, "window_min": 8.0, "sure_errors": 1.0,
        "hold_s": 0.0, "release_s": 300.0, "release_share": 0.8, "reopen_s": 1800.0,
    },
    ("sensor_level", "fire"): {
        "unit": "MPa", "notice": 0.16, "watch": 0.12, "warning": 0.09, "danger": 0.05, **_SENSOR,
    },
    ("sensor_level", "tilt"): {
        "unit": "°", "notice": 0.35, "watch": 0.50, "warning": 0.70, "danger": 1.00, **_SENSOR,
    },
    ("sensor_level", "water_quality"): {
        "unit": "mg/L", "notice": 5.0, "watch": 3.0, "warning": 2.0, "danger": 1.0, **_SENSOR,
    },
    ("sensor_level", "settlement"): {
        "unit": "mm", "notice": 3.0, "watch": 5.0, "warning": 8.0, "danger": 12.0, **_SENSOR,
    },
    ("sensor_level", "water_level"): {
        "unit": "m", "notice": 3.40, "watch": 3.60, "warning": 3.80, "danger": 4.10, **_SENSOR,
        "release_share": 0.98,  # metres above a datum, not from zero: a fifth of it would be another river
    },
    ("sensor_level", "ai_event"): {
        "unit": "件/15分", "notice": 12.0, "watch": 18.0, "warning": 25.0, "danger": 40.0, **_SENSOR,
    },
    ("sensor_rate", "fire"): {
        "unit": "MPa/h", "notice": -0.05, "watch": -0.08, "warning": -0.12, "danger": -0.20,
        "window_min": 75.0, **_SENSOR,
    },
    ("sensor_rate", "tilt"): {
        "unit": "°/h", "notice": 0.06, "watch": 0.10, "warning": 0.20, "danger": 0.40,
        "window_min": 240.0, **_SENSOR,
    },
    ("sensor_rate", "settlement"): {
        "unit": "mm/h", "notice": 0.5, "watch": 1.0, "warning": 2.0, "danger": 4.0,
        "window_min": 480.0, **_SENSOR,
    },
    ("sensor_rate", "water_level"): {
        "unit": "m/h", "notice": 0.10, "watch": 0.20, "warning": 0.30, "danger": 0.50,
        "window_min": 60.0, **_SENSOR,
    },
    ("sensor_datum", "tilt"): {
        "unit": "°", "notice": 0.20, "watch": 0.30, "warning": 0.50, "danger": 0.80, **_SENSOR,
    },
    ("sensor_datum", "settlement"): {
        "unit": "mm", "notice": 2.0, "watch": 4.0, "warning": 7.0, "danger": 10.0, **_SENSOR,
    },
    # Silence is counted in the sender's own intervals; 0.4 % of readings get lost, three in a row hardly ever.
    ("sensor_silence", "*"): {
        "unit": "intervals", "notice": 3.0, "watch": 8.0, "warning": 24.0, "least_s": 60.0,
    },
    ("feed_silence", "*"): {
        "unit": "intervals", "notice": 2.0, "watch": 3.0, "warning": 5.0, "danger": 30.0, "least_s": 30.0,
    },
    ("ticket_burst", "*"): {
        "unit": "powers of ten", "notice": 3.0, "watch": 4.0, "warning": 6.0, "danger": 10.0,
        "floor_per_h": 0.25, "least_tickets": 5, "window_h": 3.0, "weeks": 8,
    },
    ("ticket_deadline", "*"): {
        "unit": "tickets past",
        "near_h": 4.0,
        "notice": 3.0, "watch": 10.0, "warning": 30.0, "danger": 80.0,
    },
}  # fmt: skip


def numbers_of(rule: str, subject: str) -> Numbers | None:
    """The shipped numbers of a rule for a subject, else those for all; None when there are none."""
    return DEFAULTS.get((rule, subject)) or DEFAULTS.get((rule, "*"))
