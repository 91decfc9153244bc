"""Figures as people read them: thousands separated, one decimal, and a dash where nothing is known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

MISSING = "—"
Good = Literal["up", "down", "neither"]


def count(value: float | None) -> str:
    """A whole number with its thousands separated."""
    return MISSING if value is None else f"{value:,.0f}"


def percent(share: float | None, decimals: int = 1) -> str:
    """A share of one as a percentage."""
    return MISSING if share is None else f"{share * 100:.{decimals}f}%"


def measure(value: float | None, decimals: int = 1) -> str:
    """A measured number with its thousands separated."""
    return MISSING if value is None else f"{value:,.{decimals}f}"


def share(part: float, whole: float) -> float | None:
    """A part of a whole; unknown where there is no whole."""
    return part / whole if whole else None


@dataclass(frozen=True, slots=True)
class Change:
    """How a figure moved: its sign, what to print, and whether that is good news."""

    direction: Literal["up", "down", "same", "unknown"]
    text: str
    news: Literal["good", "bad", "even"]


def change(now: float | None, before: float | None, good: Good = "neither") -> Change:
    """Relative change on the period before; unknown when either is missing or there was nothing before."""
    if now is None or not before:
        return Change("unknown", MISSING, "even")
    return _change((now - before) / before, f"{abs(now - before) / before * 100:.1f}%", good)


def change_in_points(now: float | None, before: float | None, good: Good, unit: str) -> Change:
    """Change of a share, in percentage points."""
    if now is None or before is None:
        return Change("unknown", MISSING, "even")
    return _change(now - before, f"{abs(now - before) * 100:.1f}{unit}", good)


def _change(difference: float, text: str, good: Good) -> Change:
    if abs(difference) < 0.0005:
        return Change("same", text, "even")
    direction: Literal["up", "down"] = "up" if difference > 0 else "down"
    if good == "neither":
        return Change(direction, ("+" if difference > 0 else "−") + text, "even")
    return Change(direction, ("+" if difference > 0 else "−") + text, "good" if direction == good else "bad")
