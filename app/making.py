"""What makes the demo, handed in by the command line, which alone knows etl; light, so that a later start is quick."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from geodata.profile import Profile

Progress = Callable[[str, float], None]


@dataclass(frozen=True, slots=True)
class DemoMaker:
    """Build the rows from nothing, add the days since, draw the population raster, add what makes it live."""

    build: Callable[[Engine, Profile, int, date, Progress], None]
    extend: Callable[[Engine, Profile, date], None]
    population: Callable[[Path, int], None]
    live: Callable[[Engine, Profile], None]
