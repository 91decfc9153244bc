"""How many people are in every cell at a moment: the rhythm of a day at the landmarks, residents everywhere else.

Nothing here is measured. All of it hangs on the seed and the moment alone, so that a run can be made again. Loads are
shares of what a place holds; on a quiet day they stay below the first level, on a holiday they come near it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from etl.demo.rhythm import generator, holiday, is_working_day
from geodata.space.crowd_ground import Ground
from geodata.space.hexes import centres

# Load by local hour on a working day, a share of the place's capacity.
HOURS = {
    "street": [8, 5, 3, 3, 3, 6, 12, 30, 50, 70, 90, 105, 110, 112, 118, 122, 118, 122, 128, 135, 125, 95, 55, 22],
    "garden": [1, 1, 1, 1, 1, 2, 5, 25, 70, 105, 125, 130, 115, 122, 128, 110, 75, 35, 10, 4, 2, 1, 1, 1],
    "temple": [1, 1, 1, 1, 2, 8, 25, 60, 95, 120, 125, 110, 90, 95, 100, 85, 50, 18, 6, 3, 2, 1, 1, 1],
    "station": [30, 18, 14, 15, 28, 60, 95, 122, 130, 115, 108, 105, 105, 106, 108, 115, 125, 132, 135, 128, 112, 95, 75, 48],
    "market": [1, 1, 1, 2, 10, 45, 95, 130, 135, 125, 95, 75, 60, 48, 50, 62, 85, 105, 70, 35, 15, 6, 3, 2],
}  # fmt: skip
WEEKEND, HOLIDAY = 1.15, 1.28
STATION_WEEKEND = 1.05
TICK_NOISE, CELL_NOISE = 0.04, 0.10
PEOPLE_BY_DAY = 290_000  # whom a heat feed sees in the whole district around noon, places left out
SEEN = [
    55,
    50,
    48,
    48,
    50,
    60,
    75,
    90,
    97,
    100,
    100,
    100,
    98,
    98,
    98,
    98,
    98,
    97,
    95,
    92,
    88,
    80,
    70,
    60,
]  # % by hour
OLD_TOWN = (120.619, 31.309)
CORE_DEGREES = 0.018


@dataclass(frozen=True, slots=True)
class PlaceLoad:
    """A crowd place as the model needs it."""

    code: str
    kind: str
    capacity_people: int


class CrowdModel:
    """People per cell; `ground` says which cells are whose and how much of each can be walked on."""

    def __init__(self, ground: Ground, places: Sequence[PlaceLoad], seed: int, zone: ZoneInfo) -> None:
        self.ground, self.seed, self.zone = ground, seed, zone
        lon, lat = centres(ground.cells)
        rows = {code: np.flatnonzero(ground.place == at) for at, code in enumerate(ground.places)}
        self.places = [place for place in places if len(rows.get(place.code, ()))]
        self._rows = {place.code: rows[place.code] for place in self.places}
        self._share = {code: _shares(ground, mine, lon[mine], lat[mine]) for code, mine in self._rows.items()}
        core = np.exp(-((lon - OLD_TOWN[0]) ** 2 + (lat - OLD_TOWN[1]) ** 2) / (2 * CORE_DEGREES**2))
        weight = generator(seed, 21).gamma(2.0, 1.0, len(ground)) * (0.6 + core)
        self._background = weight / weight.sum()

    def usual(self, place: PlaceLoad, at: datetime) -> float:
        """People that a place has on such a day at such a time, without the noise of the moment."""
        local = at.astimezone(self.zone)
        nth = self.places.index(place)
        day = generator(self.seed, 23, nth, local.date().toordinal()).uniform(0.9, 1.05)
        return place.capacity_people * load(place.kind, local) * float(day)

    def people(self, at: datetime, told: Mapping[str, float] | None = None) -> NDArray[np.int32]:
        """People in each cell, in the ground's order; `told` sets some places by hand."""
        rng = generator(self.seed, 22, int(at.timestamp() * 10))
        local = at.astimezone(self.zone)
        hour = local.hour + local.minute / 60
        total = PEOPLE_BY_DAY * float(np.interp(hour, range(25), [*SEEN, SEEN[0]])) / 100
        noise = 1 + CELL_NOISE * rng.standard_normal(len(self.ground))
        count = np.maximum(self._background * total * noise, 0.0)
        for place in self.places:
            people = (told or {}).get(place.code, self.usual(place, at))
            rows = self._rows[place.code]
            cells = self._share[place.code] * (1 + CELL_NOISE * rng.standard_normal(len(rows)))
            people *= 1 + TICK_NOISE * float(np.clip(rng.standard_normal(), -2, 2))
            count[rows] = people * cells / cells.sum()
        return np.asarray(np.floor(count + rng.random(len(count))), np.int32)

    def rows_of(self, codes: Sequence[str]) -> NDArray[np.int64]:
        """Rows of the cells of some places, ascending."""
        return np.unique(np.concatenate([self._rows[code] for code in codes]))


def load(kind: str, local: datetime) -> float:
    """Share of its capacity that a place of a kind holds at a local time."""
    hours = HOURS.get(kind, HOURS["garden"])
    at = local.hour + local.minute / 60 + local.second / 3600
    share = float(np.interp(at, range(25), [*hours, hours[0]])) / 1000
    day = local.date()
    if holiday(day):
        return share * HOLIDAY
    if is_working_day(day):
        return share
    return share * (STATION_WEEKEND if kind == "station" else WEEKEND)


def _shares(
    ground: Ground, rows: NDArray[np.int64], lon: NDArray[np.float64], lat: NDArray[np.float64]
) -> NDArray[np.float64]:
    """How the people of a place spread over its cells: by the ground to stand on, half as dense at the edge."""
    away = np.hypot((lon - lon.mean()) * np.cos(np.radians(lat.mean())), lat - lat.mean())
    middle = 0.7 + 0.6 * np.exp(-((away / max(float(away.max()), 1e-9)) ** 2) * 2)
    weight = ground.walkable_m2[rows] * middle
    return np.asarray(weight / weight.sum())
