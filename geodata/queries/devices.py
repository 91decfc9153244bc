"""How many devices stand in an area, by any of their columns; cameras and sensors count alike."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, text

from geodata.profile import Profile
from geodata.queries.question import device_condition
from geodata.types import Question


@dataclass(frozen=True, slots=True)
class DeviceCount:
    """Devices in all, by state and by kind."""

    total: int
    by_state: dict[str, int]
    by_kind: dict[str, int]


def count(c: Connection, profile: Profile, table: str, q: Question) -> DeviceCount:
    """Count the cameras or sensors in the area of a question; when and category do not matter."""
    if table not in ("cameras", "sensors"):
        raise ValueError(f"{table} are no devices")
    where = device_condition(c, profile, q)
    rows = c.execute(
        text(
            f"select t.state, t.kind, count(*) from {table} t where {where.sql} group by 1, 2 order by 1, 2"
        ),
        where.parameters,
    ).all()
    by_state, by_kind = dict[str, int](), dict[str, int]()
    for state, kind, number in rows:
        by_state[state] = by_state.get(state, 0) + number
        by_kind[kind] = by_kind.get(kind, 0) + number
    return DeviceCount(sum(by_state.values()), by_state, by_kind)
