"""Density and rise of one place share one alert: the room sees one card, led by the worse of the two."""

from __future__ import annotations

from dataclasses import dataclass, replace

from geodata.commands.desk import Desk
from geodata.commands.finding import Beside, Finding
from geodata.commands.findings import refresh
from geodata.rules.levels import Change, rank
from geodata.types import Level


@dataclass(frozen=True, slots=True)
class Spoken:
    """What a rule said of a place at one tick: where it stands now, and the finding where there is one to write."""

    cause: str
    level: Level | None
    change: Change = "none"
    finding: Finding | None = None


def write_both(desk: Desk, density: Spoken, rise: Spoken) -> None:
    """Write what both found of one place; of equal levels the density leads, because it is there already."""
    dense = rank(density.level) >= rank(rise.level)
    for one, other, leads in sorted(
        ((density, rise, dense), (rise, density, not dense)), key=lambda said: not said[2]
    ):
        if one.finding is not None:
            beside = Beside(other.cause, other.level, leads)
            write(desk, one.change, replace(one.finding, beside=beside))


def write(desk: Desk, change: Change, finding: Finding) -> None:
    """Write down a change, or bring the figures of the open alert up to date."""
    if change == "none":
        refresh(desk.c, finding)
    else:
        desk.decide(change, finding)
