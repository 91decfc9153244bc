"""Fruin's levels of service: two scales, one for people who walk and one for people who stand in a queue.

Source: J. J. Fruin, Pedestrian Planning and Design, New York 1971, where they are given as square feet a person
(walkways 35, 25, 15, 10, 5; queues 13, 10, 7, 3, 2); the Highway Capacity Manual and the Transit Capacity and Quality
of Service Manual reprint them, rounded, in m² a person. A number of one scale means nothing on the other: at
1.6 persons/m² a street barely moves, while a queue is at ease.
"""

from __future__ import annotations

import math
from typing import Literal

from geodata.rules.levels import Limits

Mode = Literal["walking", "queue"]
Service = Literal["A", "B", "C", "D", "E", "F"]
SERVICES: tuple[Service, ...] = ("A", "B", "C", "D", "E", "F")

M2_PER_FT2 = 0.3048**2
# Least space of A, B, C, D and E; below that of E it is F.
LEAST_FT2: dict[Mode, tuple[float, ...]] = {"walking": (35, 25, 15, 10, 5), "queue": (13, 10, 7, 3, 2)}
# The service that each of our four levels begins with. People who walk are in danger where the stream breaks down (F);
# people who stand are where they can no longer help touching (E), which Fruin calls bearable for a short time only.
BEGINS: dict[Mode, tuple[Service, Service, Service, Service]] = {
    "walking": ("C", "D", "E", "F"),
    "queue": ("B", "C", "D", "E"),
}


def density_from(mode: Mode, service: Service) -> float:
    """Persons per m² above which a service begins; 0 for A."""
    at = SERVICES.index(service)
    return 0.0 if at == 0 else 1.0 / (LEAST_FT2[mode][at - 1] * M2_PER_FT2)


def service(mode: Mode, density_per_m2: float) -> Service | None:
    """The level of service at a density; None when the density is not known."""
    if math.isnan(density_per_m2):
        return None
    return [step for step in SERVICES if density_per_m2 >= density_from(mode, step)][-1]


def limits_of(mode: Mode) -> Limits:
    """The four levels on the scale of a mode, persons per m²."""
    return Limits(*(density_from(mode, step) for step in BEGINS[mode]))


def bounded(limits: Limits, capacity_people: float, walkable_m2: float) -> Limits:
    """The same limits with danger never later than at the capacity of a place.

    Where the capacity, spread over the ground that can be walked on, is less dense than danger, all four limits shrink
    in proportion; a generous capacity never raises them.
    """
    if capacity_people <= 0 or walkable_m2 <= 0 or limits.danger is None:
        return limits
    return limits.scaled(min(1.0, capacity_people / walkable_m2 / limits.danger))


def limits_of_place(mode: Mode, capacity_people: float, walkable_m2: float) -> Limits:
    """The four levels of a place: the scale that fits it, bounded by its capacity; persons per m²."""
    return bounded(limits_of(mode), capacity_people, walkable_m2)
