"""Tickets of a question as arrays: what each is about, on which segment of road it lies, or why it lies on none."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, text

from geodata.queries.question import Condition
from geodata.queries.relations import LOCATED_SQL
from geodata.queries.road_network import RoadNetwork

LOCATED, OFF_ROAD, DEFAULT_POINT, WITHOUT_POINT = range(4)
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class RoadTickets:
    """One entry per ticket; segment -1 when it lies on none, kind says why; area 0 is none."""

    id: Ints
    category: Ints
    area: Ints
    kind: Ints
    segment: Ints


def read_tickets(c: Connection, where: Condition, roads: RoadNetwork) -> RoadTickets:
    """All tickets of a condition in one pass, as packed columns."""
    columns = {"id": ("int8send(t.id)", ">i8"), "category": ("int8send(t.category_id)", ">i8"),
               "area": ("int8send(coalesce(t.area_id, 0))", ">i8"), "road": ("int8send(coalesce(t.road_id, 0))", ">i8"),
               "offset": ("float8send(coalesce(t.road_offset_m, 0))", ">f8"), "kind": (f"int2send({KIND})", ">i2")}  # fmt: skip
    packed = ", ".join(f"string_agg({sql}, '')" for sql, _ in columns.values())
    row = c.execute(text(f"select {packed} from tickets t where {where.sql}"), where.parameters).one()
    found = {
        name: np.frombuffer(body or b"", dtype)
        for (name, (_, dtype)), body in zip(columns.items(), row, strict=True)
    }
    kind = found["kind"].astype(np.int64)
    road = np.where(kind == LOCATED, roads.rows_of(found["road"].astype(np.int64)), -1)
    segment = roads.segments.of(road, found["offset"].astype(np.float64))
    whole = {name: found[name].astype(np.int64) for name in ("id", "category", "area")}
    return RoadTickets(**whole, kind=kind, segment=segment)


KIND = f"""(case when t.is_default_point then {DEFAULT_POINT} when not ({LOCATED_SQL}) then {WITHOUT_POINT}
                 when t.road_id is null then {OFF_ROAD} else {LOCATED} end)::int2"""
