"""What the first hotspot question of a process waits for, made ready: streets in steps, a year along them, the district's cells."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial

from sqlalchemy import Connection

from geodata.profile import Profile
from geodata.queries.facts import last_day
from geodata.queries.road_network import road_network
from geodata.queries.road_usual import counted, months_of
from geodata.queries.study_ground import study_ground
from geodata.space.hexes import RESOLUTIONS
from geodata.types import Question

Step = Callable[[Connection], None]


def steps(c: Connection, profile: Profile) -> list[Step]:
    """What to do, one after the other, for questions about the newest month and the one before; none where there are no tickets.

    What a step makes is kept by this process.
    """
    last = last_day(c, profile)
    if last is None:
        return []
    before = (last.replace(day=1) - timedelta(days=1)).replace(day=1)
    window = profile.window(before, last)
    grounds = [partial(_ground, profile, Question(window), resolution) for resolution in RESOLUTIONS]
    return [
        *grounds,
        partial(_streets, profile),
        *(partial(_month, profile, month) for month in months_of(window)),
    ]


def _ground(profile: Profile, q: Question, resolution: int, c: Connection) -> None:
    study_ground(c, profile, q, resolution)


def _streets(profile: Profile, c: Connection) -> None:
    road_network(c, profile)


def _month(profile: Profile, month: int, c: Connection) -> None:
    counted(c, profile, road_network(c, profile), range(month, month + 1))
