"""A script of feed events by the seconds since it began: what places, sensors and tickets tell at each moment."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from geodata.plans import Plan, Play


@dataclass(frozen=True, slots=True)
class Ramp:
    """From `at_s` on a value moves evenly to `target`, which it reaches after `over_s` seconds."""

    at_s: float
    over_s: float
    target: float


@dataclass(frozen=True, slots=True)
class Script:
    """The steps of a scenario and how long it lasts."""

    key: str
    lasts_s: float
    plays: tuple[Play, ...]

    def of_feed(self, feed: str) -> list[Play]:
        """The steps that one kind of feed tells, in order."""
        return sorted((play for play in self.plays if play.feed == feed), key=lambda play: play.at_s)

    @property
    def feeds(self) -> set[str]:
        """The kinds of feeds it needs."""
        return {play.feed for play in self.plays}

    @property
    def places(self) -> list[str]:
        """Codes of the crowd places that it fills."""
        return sorted({play.told["place"] for play in self.of_feed("crowd")})

    def people(self, place: str, at_s: float, usual: float) -> float | None:
        """People that a place has at a moment; None while the script does not speak of it."""
        ramps = [_ramp(play, "people") for play in self.of_feed("crowd") if play.told["place"] == place]
        return None if at_s >= self.lasts_s else value_at(ramps, at_s, usual)


def script_of(plan: Plan) -> Script:
    """The script that a drill of a plan plays."""
    return Script(plan.key, plan.lasts_s, plan.script)


def readings_ramps(plays: Iterable[Play]) -> list[Ramp]:
    """What one sensor reads, by the steps that name it."""
    return [_ramp(play, "value") for play in plays]


def value_at(ramps: Sequence[Ramp], at_s: float, usual: float) -> float | None:
    """Where a value stands that begins as usual and follows one ramp after the other; None before the first."""
    if not ramps or at_s < ramps[0].at_s:
        return None
    value = usual
    for ramp, ends_s in zip(ramps, [*(ramp.at_s for ramp in ramps[1:]), float("inf")], strict=True):
        if at_s < ramp.at_s:
            break
        gone_s = min(at_s, ends_s) - ramp.at_s
        value += (ramp.target - value) * (1.0 if ramp.over_s <= gone_s else gone_s / ramp.over_s)
    return value


def due(play: Play, since_s: float, until_s: float) -> list[float]:
    """Moments (s) after `since_s` up to `until_s` at which the tickets of a step come: evenly over its span."""
    count = int(play.told["count"])
    gap_s = play.over_s / max(count - 1, 1)
    moments = [play.at_s + nth * gap_s for nth in range(count)]
    return [moment for moment in moments if since_s < moment <= until_s]


def _ramp(play: Play, what: str) -> Ramp:
    return Ramp(play.at_s, play.over_s, float(play.told[what]))
