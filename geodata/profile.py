"""What is true of this district: its levels, time zone, metric CRS, languages and place on the earth.

A profile is a TOML file: one of those in `geodata/profiles`, or any other by its path.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from geodata.errors import Refused
from geodata.types import BBox, Bilingual, Window

SHIPPED = Path(__file__).parent / "profiles"


@dataclass(frozen=True, slots=True)
class Level:
    """One step of the area chain, from the whole district (depth 0) down."""

    key: str
    title: Bilingual


@dataclass(frozen=True, slots=True)
class Profile:
    """The facts of one district."""

    key: str
    code: str
    title: Bilingual
    time_zone: str
    metric_srid: int
    language: str
    levels: tuple[Level, ...]
    bbox: BBox
    scheme: str = "grid"
    default_points: tuple[tuple[float, float], ...] = ()

    @property
    def zone(self) -> ZoneInfo:
        """The zone in which a day is decided."""
        return ZoneInfo(self.time_zone)

    def level(self, key: str) -> Level:
        """Find a level by key."""
        for level in self.levels:
            if level.key == key:
                return level
        known = ", ".join(level.key for level in self.levels)
        raise Refused(f"This district has no level “{key}”; its levels are: {known}.")

    def depth(self, key: str) -> int:
        """How far below the district a level stands."""
        return self.levels.index(self.level(key))

    def today(self) -> date:
        """The day it is now in this district."""
        return datetime.now(self.zone).date()

    def window(self, first: date, last: date) -> Window:
        """Days of this district, both included."""
        return Window(first, last, self.zone)


def load_profile(name: str) -> Profile:
    """Read a shipped profile by name, or any by the path of its TOML file."""
    path = Path(name) if name.endswith(".toml") else SHIPPED / f"{name}.toml"
    try:
        facts = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        known = ", ".join(sorted(p.stem for p in SHIPPED.glob("*.toml")))
        raise Refused(
            f"There is no district profile “{name}”; use one of {known}, or a .toml file."
        ) from None
    except tomllib.TOMLDecodeError as fault:
        raise Refused(f"The district profile {path.name} cannot be read: {fault}.") from None
    return _from_facts(facts)


def _from_facts(facts: dict[str, Any]) -> Profile:
    return Profile(
        key=facts["key"],
        code=str(facts["code"]),
        title=Bilingual(**facts["title"]),
        time_zone=facts["time_zone"],
        metric_srid=facts["metric_srid"],
        language=facts["language"],
        levels=tuple(Level(x["key"], Bilingual(x["zh"], x["en"])) for x in facts["levels"]),
        bbox=BBox(*facts["bbox"]),
        scheme=facts.get("scheme", "grid"),
        default_points=tuple((float(x), float(y)) for x, y in facts.get("default_points", [])),
    )
