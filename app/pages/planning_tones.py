"""How the classes of cells look: a token, how strong, and a bright edge where one should look first."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Tone:
    """A design token without its dashes; `strength` is the opacity of the fill."""

    token: str
    strength: float
    edge: bool = False


TONES: dict[str, Tone] = {
    "hot_99": Tone("diff-7", 0.85), "hot_95": Tone("diff-6", 0.72), "hot_90": Tone("diff-5", 0.62),
    "cold_90": Tone("diff-3", 0.5), "cold_95": Tone("diff-2", 0.58), "cold_99": Tone("diff-1", 0.68),
    "high_high": Tone("diff-7", 0.82), "high_low": Tone("diff-6", 0.6, edge=True),
    "low_high": Tone("diff-2", 0.5, edge=True), "low_low": Tone("diff-1", 0.62),
    "new_hot": Tone("danger", 0.8, edge=True), "consecutive_hot": Tone("warning", 0.78, edge=True),
    "intensifying_hot": Tone("diff-7", 0.9), "persistent_hot": Tone("diff-6", 0.72), "diminishing_hot": Tone("diff-5", 0.7),
    "sporadic_hot": Tone("watch", 0.55), "oscillating_hot": Tone("watch", 0.35, edge=True),
    "historical_hot": Tone("silent", 0.5),
    "new_cold": Tone("notice", 0.6, edge=True), "consecutive_cold": Tone("notice", 0.45, edge=True),
    "intensifying_cold": Tone("diff-1", 0.75), "persistent_cold": Tone("diff-2", 0.6), "diminishing_cold": Tone("diff-3", 0.6),
    "sporadic_cold": Tone("diff-3", 0.4), "oscillating_cold": Tone("diff-3", 0.3, edge=True),
    "historical_cold": Tone("silent", 0.3),
}  # fmt: skip
