"""Simulated build-ups and quiet days, played through the shipped rules: how early the warning comes, how often in vain."""

from __future__ import annotations

import numpy as np

from tests.benchmarks.buildups import PLACES, SHAPES, build_ups, false_alarms, play

NEEDS_HOME = False
# The numbers of the rules were tuned on the seeds 11 to 13; the published figures come from this one, drawn afterwards.
PUBLISHED_SEED = 73019
BUILD_UPS = 600
QUIET_DAYS = 30
BUSY_DAYS = 14
EARLY_MIN = 5.0


def run(_served: object = None) -> dict[str, float | int]:
    """Shares and rates; minutes are between the warning and the moment danger is truly reached."""
    return early(PUBLISHED_SEED, BUILD_UPS) | quiet(PUBLISHED_SEED, QUIET_DAYS)


def early(seed: int, count: int) -> dict[str, float | int]:
    """How many of so many build-ups were warned of at least five minutes before danger."""
    leads = [play(story, seed + 1 + at) for at, story in enumerate(build_ups(seed, count))]
    either = np.array([lead.either for lead in leads])
    found: dict[str, float | int] = {
        "build_ups": len(leads),
        "warned_5_min_before_pct": _pct(either),
        "warned_5_min_before_by_density_alone_pct": _pct(np.array([lead.by_density for lead in leads])),
        "warned_5_min_before_by_rise_alone_pct": _pct(np.array([lead.by_rise for lead in leads])),
        "never_warned_before_danger": int(np.isneginf(either).sum()),
        "lead_median_min": float(np.median(either)),
        "lead_p5_min": float(np.quantile(either, 0.05)),
        "lead_least_min": float(either.min()),
    }
    for shape in SHAPES:
        own = np.array([lead.either for lead in leads if lead.build_up.shape == shape])
        found[f"warned_5_min_before_{shape}_pct"] = _pct(own)
    short = np.array([lead.either for lead in leads if lead.build_up.minutes < 25])
    found["warned_5_min_before_within_15_to_25_min_pct"] = _pct(short)
    return found


def quiet(seed: int, days: int) -> dict[str, float | int]:
    """How often a warning was raised on quiet days, a place and week; then on days so full that few would call them quiet."""
    found: dict[str, float | int] = {"quiet_days": days, "busy_days": BUSY_DAYS, "quiet_places": len(PLACES)}
    for name, lasts, busiest in (("", days, (0.30, 0.65)), ("busy_", BUSY_DAYS, (0.65, 0.80))):
        raised = np.array([
            false_alarms(place, lasts, seed + 1000 + at, busiest=busiest) for at, place in enumerate(PLACES)
        ])  # fmt: skip
        weeks = lasts / 7
        found[f"{name}false_alarms_per_place_week"] = float(raised.sum() / len(PLACES) / weeks)
        found[f"{name}false_alarms_by_density"] = int(raised[:, 0].sum())
        found[f"{name}false_alarms_by_rise"] = int(raised[:, 1].sum())
        found[f"{name}false_alarms_worst_place_per_week"] = float(raised.sum(axis=1).max() / weeks)
    return found


def _pct(leads: np.ndarray) -> float:
    return float(100.0 * np.mean(leads >= EARLY_MIN)) if len(leads) else float("nan")
