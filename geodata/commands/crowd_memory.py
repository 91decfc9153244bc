"""What the judge remembers of crowds: listed places, the ground of each grid, the last minutes of every place."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import shapely
from sqlalchemy import Connection, text

from geodata.commands.facts import get_fact, put_fact
from geodata.queries import crowd_ground
from geodata.rules.levels import Holding, Limits
from geodata.space.crowd_ground import Ground, Place

SERIES_KEPT = timedelta(minutes=40)
GROUNDS_KEPT = 8
Series = deque[tuple[datetime, float, float]]  # moment, density, people
Rules = tuple[Limits, Holding]


@dataclass(frozen=True, slots=True)
class PlaceFacts:
    """A listed place as the judge needs it."""

    id: int
    code: str
    name: str
    name_en: str | None
    kind: str
    mode: str
    capacity_people: int
    area_id: int | None
    area_code: str | None
    place: Place


@dataclass(slots=True)
class CrowdMemory:
    """Places, grounds and series; `rules` are those of a ground's places, in its order."""

    places: dict[str, PlaceFacts]
    version: str
    grounds: dict[int, Ground] = field(default_factory=dict)
    rules: dict[tuple[int, Any], list[Rules]] = field(default_factory=dict)
    last_rules: dict[str, Rules] = field(default_factory=dict)  # by place, of its last tick
    series: dict[tuple[str, int], Series] = field(default_factory=dict)

    @classmethod
    def load(cls, c: Connection) -> CrowdMemory:
        """Read the places and what they had in the last minutes."""
        memory = cls({facts.code: facts for facts in read_places(c)}, places_version(c))
        rows = c.execute(
            text("""select p.code, s.drill_id, s.at, s.density_per_m2, s.people
                    from crowd_places p join crowd_series s on s.place_id = p.id
                    where s.at > now() - interval '1 hour' order by s.at""")
        )
        for row in rows:
            series = memory.series.setdefault((row.code, row.drill_id), deque())
            series.append((row.at, row.density_per_m2, row.people))
        return memory

    def ground(self, c: Connection, grid_id: int) -> Ground:
        """The ground of a grid; laid once, which takes a second or two for a whole district."""
        found = self.grounds.get(grid_id)
        if found is None:
            found = crowd_ground.ground(c, grid_id)
            if len(self.grounds) >= GROUNDS_KEPT:
                self.grounds.pop(next(iter(self.grounds)))
            self.grounds[grid_id] = found
            note_ground(c, found)
        return found

    def grown(self, place: str, drill: int, at: datetime, density_per_m2: float, people: float) -> Series:
        """The series of a place with a tick at its end; one that is older than the last stays out."""
        series = self.series.setdefault((place, drill), deque())
        if not series or at > series[-1][0]:
            series.append((at, density_per_m2, people))
        while series and series[0][0] < at - SERIES_KEPT:
            series.popleft()
        return series


def places_version(c: Connection) -> str:
    """Changes whenever a place does."""
    found = c.execute(
        text("select md5(coalesce(string_agg(p::text, '' order by id), '')) from crowd_places p")
    )
    return str(found.scalar_one())


def read_places(c: Connection) -> list[PlaceFacts]:
    """All listed places."""
    rows = c.execute(
        text("""select p.id, p.code, p.name, p.name_en, p.kind, p.mode, p.capacity_people, p.area_id,
                       a.code as area_code, p.walkable_share, st_asbinary(p.geom) as shape
                from crowd_places p left join areas a on a.id = p.area_id order by p.code""")
    )
    return [
        PlaceFacts(r.id, r.code, r.name, r.name_en, r.kind, r.mode, r.capacity_people, r.area_id, r.area_code,
                   Place(r.code, shapely.from_wkb(bytes(r.shape)), r.walkable_share))
        for r in rows
    ]  # fmt: skip


def walkable_m2(ground: Ground) -> dict[str, float]:
    """Ground that can be walked on in the cells of each place that has any."""
    metres = np.bincount(ground.place + 1, weights=ground.walkable_m2, minlength=len(ground.places) + 1)[1:]
    return {code: float(m2) for code, m2 in zip(ground.places, metres, strict=True)}


def note_ground(c: Connection, ground: Ground) -> None:
    """Keep how much of each place can be walked on, for whoever shows its limits without laying the ground again."""
    known = dict(get_fact(c, "crowd_walkable_m2") or {})
    told = {code: round(m2, 1) for code, m2 in walkable_m2(ground).items() if m2 > 0}
    if any(known.get(code) != m2 for code, m2 in told.items()):
        put_fact(c, "crowd_walkable_m2", known | told)
