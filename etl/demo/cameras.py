"""The demo's 13,888 cameras: along streets and at places, with kind, heading and state."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection

from etl.demo.rhythm import generator
from etl.demo.spots import NONE, Spots
from etl.demo.streets import Ints
from geodata.commands.bulk import copy_rows
from geodata.commands.copy_binary import Part, days, instants, number, points, text, vocabulary

CAMERAS, NEW_IN_LAST_MONTH, WITH_AI = 13_888, 23, 50  # as the district counted them in a month of 2024
KINDS = ("bullet", "dome", "ptz", "panorama", "ai")
KIND_SHARE = (0.62, 0.22, 0.12, 0.04)
VIEW_DEG = {"bullet": (38, 70), "dome": (80, 105), "ptz": (55, 65), "panorama": (360, 360), "ai": (48, 80)}
RANGE_M = {"bullet": (45, 90), "dome": (18, 35), "ptz": (120, 250), "panorama": (30, 60), "ai": (50, 110)}
STATES = ("online", "offline", "fault")
STATE_SHARE = (0.962, 0.028, 0.010)
ON_SAME_POLE = 0.22
BUSY = {
    "motorway": 0.5,
    "trunk": 1.5,
    "primary": 3.0,
    "secondary": 2.6,
    "tertiary": 1.6,
    "lane": 0.7,
    "pedestrian": 2.2,
}


def write_cameras(
    connection: Connection, spots: Spots, doors: Ints, *, area_ids: Ints, seed: int, now: datetime
) -> None:
    """Write them into an empty table as they stand at `now`."""
    rng = generator(seed, 7)
    spot = _spots(spots, rng)
    kind, state = _kinds(rng), rng.choice(3, CAMERAS, p=STATE_SHARE)
    heading = _heading(spots, spot, rng)
    view, reach = (_between(table, kind, rng) for table in (VIEW_DEG, RANGE_M))
    copy_rows(connection, "cameras", (
        "code", "name", "kind", "state", "heading_deg", "field_of_view_deg", "range_m", "installed_on", "last_seen_at",
        "area_id", "geom",
    ), [
        text(Part(vocabulary([f"GS{at:06d}" for at in range(1, CAMERAS + 1)]), np.arange(CAMERAS))),
        _names(spots, spot, doors),
        text(Part(vocabulary(KINDS), kind)), text(Part(vocabulary(STATES), state)),
        number(heading, "f8", kind == KINDS.index("panorama")), number(view, "f8"), number(reach, "f8"),
        days(_installed(now, rng)), instants(_seen(state, now, rng)), number(area_ids[spots.area[spot]], "i8"),
        points(spots.lon[spot], spots.lat[spot]),
    ])  # fmt: skip


def _spots(spots: Spots, rng: np.random.Generator) -> Ints:
    """Mostly along streets, more at crossings; some share a pole with the one before."""
    busy = np.array([BUSY[str(kind)] for kind in spots.streets.classes])[spots.road]
    along = np.arange(len(spots)) < spots.on_street
    weight = np.where(along, busy, 0.25) * np.where(spots.crossing != NONE, 4.0, 1.0)
    spot = rng.choice(len(spots), CAMERAS, p=weight / weight.sum(), replace=False)
    same = np.flatnonzero(rng.random(CAMERAS) < ON_SAME_POLE)
    same = same[same > 0]
    spot[same] = spot[same - 1]
    return np.asarray(spot, np.int64)


def _kinds(rng: np.random.Generator) -> Ints:
    kind = rng.choice(len(KIND_SHARE), CAMERAS, p=KIND_SHARE)
    kind[rng.choice(CAMERAS, WITH_AI, replace=False)] = KINDS.index("ai")
    return np.asarray(kind, np.int64)


def _heading(spots: Spots, spot: Ints, rng: np.random.Generator) -> NDArray[np.float64]:
    """Along the street one way or the other, or across it towards the other side; degrees from grid north."""
    line = spots.streets.lines
    ahead = np.array([
        _bearing(line[road], offset) for road, offset in zip(spots.road[spot], spots.offset_m[spot], strict=True)
    ])  # fmt: skip
    turn = rng.choice([0.0, 180.0, 90.0, 270.0], CAMERAS, p=[0.4, 0.4, 0.1, 0.1]) + rng.normal(0, 9, CAMERAS)
    return np.asarray((ahead + turn) % 360.0)


def _bearing(line: Any, offset_m: float) -> float:
    here, ahead = line.interpolate(offset_m), line.interpolate(offset_m + 5.0)
    if here.equals(ahead):
        here = line.interpolate(max(offset_m - 5.0, 0.0))
    return float(np.degrees(np.arctan2(ahead.x - here.x, ahead.y - here.y)))


def _between(table: dict[str, tuple[int, int]], kind: Ints, rng: np.random.Generator) -> NDArray[np.float64]:
    low, high = (np.array([table[name][at] for name in KINDS], float)[kind] for at in (0, 1))
    return np.asarray(np.round(low + (high - low) * rng.random(CAMERAS), 1))


def _names(spots: Spots, spot: Ints, doors: Ints) -> Any:
    """Street and door or crossing or estate, and which of the pole's cameras it is."""
    names = vocabulary([*spots.names, ""])
    numbers = vocabulary(["", *(str(door) for door in range(1, int(doors.max()) + 1))])
    crossing, estate, place = (known[spot] != NONE for known in (spots.crossing, spots.estate, spots.place))
    door = np.where(crossing, 0, doors[spot])
    name = np.where(crossing, spots.crossing[spot], spots.name[spot])
    inner = ~crossing & (door == 0)
    name = np.where(inner & estate, spots.estate[spot], np.where(inner & place, spots.place[spot], name))
    tails = vocabulary(["号", "", "出入口", "旁", "路段"])
    tail = np.select([door > 0, crossing, inner & estate, inner & place], [0, 1, 2, 3], 4)
    pole = np.zeros(len(spot), np.int64)
    for at in range(1, len(spot)):
        pole[at] = pole[at - 1] + 1 if spot[at] == spot[at - 1] else 0
    marks = vocabulary(["", *(f"-{at}" for at in range(2, int(pole.max()) + 2))])
    return text(Part(names, name), Part(numbers, door), Part(tails, tail), Part(marks, pole))


def _installed(now: datetime, rng: np.random.Generator) -> NDArray[np.datetime64]:
    """Spread over nine years, a third of them in the last four; so many in the last month."""
    age = np.where(
        rng.random(CAMERAS) < 0.64, rng.uniform(31, 1460, CAMERAS), rng.uniform(1460, 3300, CAMERAS)
    )
    age[rng.choice(CAMERAS, NEW_IN_LAST_MONTH, replace=False)] = rng.uniform(1, 30, NEW_IN_LAST_MONTH)
    return np.datetime64(now.date()) - np.ceil(age).astype("timedelta64[D]")


def _seen(state: Ints, now: datetime, rng: np.random.Generator) -> NDArray[np.datetime64]:
    """Those online answered within the last minute, the others hours or days ago."""
    ago = np.where(state == 0, rng.uniform(1, 60, CAMERAS), rng.exponential(3.0 * 86_400, CAMERAS) + 1800)
    return np.datetime64(now.replace(tzinfo=None), "s") - ago.astype("timedelta64[s]")
