"""What this process knows of crowds: each tick read and judged once, each grid's outlines cut once.

Whoever waits for an answer in the making holds no connection meanwhile: a dozen tiles wait at once for a new grid.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from threading import Lock, Thread

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection

from app.http.memory import Remembered
from geodata.profile import Profile
from geodata.queries import crowd, crowd_ground, crowd_tiles
from geodata.queries.crowd import Newest
from geodata.queries.crowd_tiles import Part, Picture, Sheet
from geodata.queries.tiles import TileAddress
from geodata.rules.crowd import Judged, judge
from geodata.space.crowd_ground import Ground

Reading = Callable[[], AbstractContextManager[Connection]]

log = logging.getLogger(__name__)
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
    laying: dict[int, Thread] = field(default_factory=dict)
    lock: Lock = field(default_factory=Lock)

    def ready(self, reading: Reading, grid_id: int, wait_s: float) -> bool:
        """Whether the ground of a grid is laid; begins it when not, and waits a moment for small ones.

        A browser has six connections: tiles that waited for seconds would keep alerts and pictures from it.
        """
        with self.lock:
            thread = self.laying.get(grid_id)
            if thread is None:
                if len(self.laying) > 50 * MOST_GRIDS:
                    self.laying.clear()
                thread = self.laying[grid_id] = Thread(target=self._lay, args=(reading, grid_id), daemon=True)
                thread.start()
        thread.join(wait_s)
        return not thread.is_alive()

    def _lay(self, reading: Reading, grid_id: int) -> None:
        try:
            self.ground(reading, grid_id)
        except Exception:
            log.exception("the ground of crowd grid %s was not laid", grid_id)
            self.laying.pop(grid_id, None)

    def tile(
        self, reading: Reading, profile: Profile, stamps: Newest, area: str | None, at: TileAddress
    ) -> bytes:
        """One tile of the newest tick within an area (None: all); empty bytes where nothing is told."""
        base = stamps.base
        if base is None:
            return b""
        ground = self.ground(reading, base.grid_id)
        finest = (int(ground.cells[0]) >> 52) & 15 if len(ground) else 11
        it = self.picture(reading, profile, stamps, area, crowd_tiles.resolution_at(at.z, finest))
        grid = (base.grid_id, it.resolution)
        outlines = self.sheets.get(grid, lambda: crowd_tiles.sheet(it.cells))
        piece = self.parts.get((*grid, at), lambda: crowd_tiles.part(outlines, it.cells, at))
        return crowd_tiles.drawn("crowd", piece, it)

    def picture(
        self, reading: Reading, profile: Profile, stamps: Newest, area: str | None, resolution: int
    ) -> Picture:
        """People per cell of a resolution; cells beyond the area count as not told."""
        key = (stamps, resolution, area)
        return self.pictures.get(key, lambda: self._picture(reading, profile, stamps, area, resolution))

    def _picture(
        self, reading: Reading, profile: Profile, stamps: Newest, area: str | None, resolution: int
    ) -> Picture:
        assert stamps.base is not None
        grid = stamps.base.grid_id
        told, ground = self.told(reading, stamps), self.ground(reading, grid)
        people = told.people
        if area is not None and area != profile.code:
            within = self.masks.get((grid, area), lambda: _inside(reading, profile, area, ground))
            people = np.where(within, people, np.float32(np.nan))
        return crowd_tiles.picture(ground, people, told.judged, resolution)

    def told(self, reading: Reading, stamps: Newest) -> Told:
        """The newest tick, a running drill's laid over it, judged by the limits of now."""
        return self.ticks.get(stamps, lambda: self._told(reading, stamps))

    def _told(self, reading: Reading, stamps: Newest) -> Told:
        assert stamps.base is not None
        ground = self.ground(reading, stamps.base.grid_id)
        with reading() as c:
            people = crowd.people_of(c, stamps.base)
            if stamps.true and stamps.drill:
                played = crowd_ground.cells_of(c, stamps.drill.grid_id)
                people = crowd.laid_over(ground.cells, people, played, crowd.people_of(c, stamps.drill))
            limits, elsewhere = crowd.limits_by_place(c), crowd.limits_elsewhere(c)
        return Told(people, judge(ground, people, [limits.get(key) for key in ground.places], elsewhere))

    def ground(self, reading: Reading, grid_id: int) -> Ground:
        """The ground under a grid."""

        def lay() -> Ground:
            with reading() as c:
                return crowd_ground.ground(c, grid_id)

        return self.grounds.get(grid_id, lay)


def _inside(reading: Reading, profile: Profile, area: str, ground: Ground) -> NDArray[np.bool_]:
    with reading() as c:
        return crowd_ground.inside(c, profile, area, ground.cells)
