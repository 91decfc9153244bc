"""The stretches of a question for the map, from memory while the data stays the same."""

from __future__ import annotations

from app.http.house import House
from geodata.queries.hotspot_roads import RoadRow, hotspot_roads
from geodata.types import Question


def stretches_of(house: House, q: Question) -> list[RoadRow]:
    """Every stretch that stands out, the question's categories taken together, most tickets first."""

    def find() -> list[RoadRow]:
        with house.reading() as c:
            return hotspot_roads(c, house.profile, q, per_area=None).rows

    return house.stretches.get((house.version(), q), find)
