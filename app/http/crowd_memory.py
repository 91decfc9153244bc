"""What this process knows of crowds: each tick read and judged once, each grid's outlines cut once."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import shapely
from numpy.typing import NDArray
from sqlalchemy import Connection, text

from app.http.memory import Remembered
from geodata.profile import Profile
from geodata.queries import crowd, crowd_ground, crowd_tiles
from geodata.queries.crowd import Newest
from geodata.queries.crowd_tiles import Part, Picture, Sheet
from geodata.queries.tiles import TileAddress
from geodata.rules.crowd import Judged, judge
from geodata.space.crowd_ground import Ground
from geodata.space.hexes import centres

MOST_GRIDS = 4
MOST_TICKS = 3  # one that is drawn, one that comes, one of a drill
MOST_PICTURES = 24
MOST_PARTS = 400


@dataclass(frozen=True, slots=True)
class Told:
    """A tick and what the rules say of it."""

    people: NDArray[np.float32]
    judged: Judged


def _one(_: object) -> int:
    return 1


@dataclass(slots=True)
class CrowdMemory:
    """Bounded memories, each answer made once however many tiles ask for it at the same time."""

    grounds: Remembered[Ground] = field(default_factory=lambda: Remembered(2 * MOST_GRIDS, _one))
    ticks: Remembered[Told] = field(default_factory=lambda: Remembered(2 * MOST_TICKS, _one))
    pictures: Remembered[Picture] = field(default_factory=lambda: Remembered(2 * MOST_PICTURES, _one))
    sheets: Remembered[Sheet] = field(default_factory=lambda: Remembered(6 * MOST_GRIDS, _one))
    parts: Remembered[Part] = field(default_factory=lambda: Remembered(2 * MOST_PARTS, _one))
    masks: Remembered[NDArray[np.bool_]] = field(default_factory=lambda: Remembered(40, _one))

    def tile(
        self, c: Connection, profile: Profile, stamps: Newest, area: str | None, at: TileAddress
    ) -> bytes:
        """One tile of the newest tick within an area (None: all); empty bytes where nothing is told."""
        base = stamps.base
        if base is None:
            return b""
        ground = self.ground(c, base.grid_id)
        finest = (int(ground.cells[0]) >> 52) & 15 if len(ground) else 11
        it = self.picture(c, profile, stamps, area, crowd_tiles.resolution_at(at.z, finest))
        grid = (base.grid_id, it.resolution)
        outlines = self.sheets.get(grid, lambda: crowd_tiles.sheet(it.cells))
        piece = self.parts.get((*grid, at), lambda: crowd_tiles.part(outlines, it.cells, at))
        return crowd_tiles.drawn("crowd", piece, it)

    def picture(
        self, c: Connection, profile: Profile, stamps: Newest, area: str | None, resolution: int
    ) -> Picture:
        """People per cell of a resolution; cells beyond the area count as not told."""
        key = (stamps, resolution, area)
        return self.pictures.get(key, lambda: self._picture(c, profile, stamps, area, resolution))

    def _picture(
        self, c: Connection, profile: Profile, stamps: Newest, area: str | None, resolution: int
    ) -> Picture:
        assert stamps.base is not None
        told, ground = self.told(c, stamps), self.ground(c, stamps.base.grid_id)
        people = told.people
        if area is not None and area != profile.code:
            within = self.masks.get((stamps.base.grid_id, area), lambda: _inside(c, profile, area, ground))
            people = np.where(within, people, np.float32(np.nan))
        return crowd_tiles.picture(ground, people, told.judged, resolution)

    def told(self, c: Connection, stamps: Newest) -> Told:
        """The newest tick, a running drill's laid over it, judged by the limits of now."""
        return self.ticks.get(stamps, lambda: self._told(c, stamps))

    def _told(self, c: Connection, stamps: Newest) -> Told:
        assert stamps.base is not None
        ground = self.ground(c, stamps.base.grid_id)
        people = crowd.people_of(c, stamps.base)
        if stamps.true and stamps.drill:
            played = crowd_ground.cells_of(c, stamps.drill.grid_id)
            people = crowd.laid_over(ground.cells, people, played, crowd.people_of(c, stamps.drill))
        limits = crowd.limits_by_place(c)
        named = [limits.get(key) for key in ground.places]
        return Told(people, judge(ground, people, named, crowd.limits_elsewhere(c)))

    def ground(self, c: Connection, grid_id: int) -> Ground:
        """The ground under a grid."""
        return self.grounds.get(grid_id, lambda: crowd_ground.ground(c, grid_id))


def _inside(c: Connection, profile: Profile, area: str, ground: Ground) -> NDArray[np.bool_]:
    """Which cells have their centre in an area as it is today."""
    shape = c.execute(
        text("""select ST_AsBinary(ST_Union(geom)) from areas where scheme = :scheme and code = :code
                and valid_from <= :today and (valid_to is null or valid_to > :today)"""),
        {"scheme": profile.scheme, "code": area, "today": profile.today()},
    ).scalar()
    if shape is None:
        return np.zeros(len(ground), np.bool_)
    lon, lat = centres(ground.cells)
    return np.asarray(shapely.contains_xy(shapely.from_wkb(bytes(shape)), lon, lat), np.bool_)
