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


_SENSOR: Numbers = {"hold_s": 0.0, "release_s": 600.0, **_WAVERS}

DEFAULTS: dict[tuple[str, str], Numbers] = {
    # A place takes its own limits when somebody set them, else those of its mode bounded by its capacity
    # (fruin.bounded); hold and release are read from its mode's row.
    ("crowd_density", "walking"): _crowd("walking"),
    ("crowd_density", "queue"): _crowd("queue"),
    ("crowd_density", "*"): _crowd("walking"),
    ("crowd_rise", "*"): {
        "unit": "share of danger/min",
        "notice": 0.03, "watch": 0.05, "warning": 0.08,
        "watch_within_min": 15.0, "warning_within_min": 10.0,
        "floor_share": 0.35, "window_min": 8.0, "sure_errors": 2.0,
        "hold_s": 60.0, "release_s": 300.0, "reopen_s": 1800.0,
    },
}  # fmt: skip
