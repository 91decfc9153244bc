"""The key of a stretch of road, and the tickets it means: `12:150-320.5,13:0-88` is road 12 from 150 to 320.5 m and so on."""

from __future__ import annotations

import re
from typing import Any

from geodata.errors import BadArgument
from geodata.queries.relations import LOCATED_SQL

PART = re.compile(r"(\d{1,18}):(\d{1,7}(?:\.\d{1,3})?)-(\d{1,7}(?:\.\d{1,3})?)?")
MOST_PARTS = 40

Part = tuple[int, float, float | None]  # road, from m, to m (half open; None: the road's end)


def key_of(parts: list[Part]) -> str:
    """The key of parts of roads in order of road and offset; parts that follow each other become one."""
    joined: list[Part] = []
    for road, begin, end in parts:
        if joined and joined[-1][0] == road and joined[-1][2] == begin:
            joined[-1] = (road, joined[-1][1], end)
        else:
            joined.append((road, begin, end))
    return ",".join(
        f"{road}:{format(begin, '.10g')}-{'' if end is None else format(end, '.10g')}"
        for road, begin, end in joined
    )


def parts_of(key: str) -> list[Part]:
    """The parts that a key names."""
    found = [PART.fullmatch(part) for part in key.split(",")]
    if not 0 < len(found) <= MOST_PARTS or not all(found):
        raise BadArgument(
            "stretch", "This is no stretch of road; take the key of a row of /api/hotspots/roads."
        )
    return [(int(m[1]), float(m[2]), float(m[3]) if m[3] else None) for m in found if m]


def on_stretch(key: str) -> tuple[str, dict[str, Any]]:
    """Which located tickets (alias t) lie on a stretch, as a condition with its parameters."""
    conditions, parameters = [], dict[str, Any]()
    for at, (road, begin, end) in enumerate(parts_of(key)):
        upper = "" if end is None else f" and t.road_offset_m < :stretch_to_{at}"
        conditions.append(
            f"(t.road_id = :stretch_road_{at} and t.road_offset_m >= :stretch_from_{at}{upper})"
        )
        parameters |= {f"stretch_road_{at}": road, f"stretch_from_{at}": begin}
        if end is not None:
            parameters[f"stretch_to_{at}"] = end
    return f"({' or '.join(conditions)}) and {LOCATED_SQL}", parameters
