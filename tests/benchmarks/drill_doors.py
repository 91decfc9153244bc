"""What the panels of a drill wait for at the server: each door asked for areas of every level and windows drawn by chance."""

from __future__ import annotations

import random
from datetime import timedelta
from urllib.parse import urlencode

from sqlalchemy import text

from tests.benchmarks.heat_door import Link
from tests.benchmarks.served import Served, spread

TIMES = 60
SEED = 3
PANELS = {
    "summary": "/api/areas/{area}/summary",
    "tickets": "/api/tickets",
    "breaks": "/api/heat/breaks",
    "ranking": "/api/planning/ranking",
    "trend": "/api/planning/trend",
    "matrix": "/api/planning/matrix",
    "breakdown": "/api/planning/breakdown",
    "times": "/api/planning/times",
}


def panels(served: Served) -> dict[str, float]:
    """Median and 95th percentile of each, and the worst of the latter; windows are of 7 to 365 days in the last two years."""
    with served.engine.connect() as c:
        codes = c.execute(
            text("select level, array_agg(code order by code) from areas where valid_to is null group by 1")
        )
        levels = {str(level): list(found) for level, found in codes}
    figures: dict[str, float] = {}
    link = Link(served)
    for name, door in PANELS.items():
        chance = random.Random(SEED)
        link.get(_address(served, door, chance, levels))
        taken = [link.timed_ms(_address(served, door, chance, levels)) for _ in range(TIMES)]
        figures |= spread(f"panel_{name}", taken)
    link.close()
    figures["panels_p95_ms"] = max(figures[f"panel_{name}_p95_ms"] for name in PANELS)
    return figures


def _address(served: Served, door: str, chance: random.Random, levels: dict[str, list[str]]) -> str:
    area = chance.choice(levels[chance.choice(sorted(levels))])
    days = chance.choice((7, 30, 90, 365))
    last = served.last - timedelta(days=chance.randrange(365))
    asked = {"from": last - timedelta(days=days - 1), "to": last}
    if "{area}" not in door:
        asked["area"] = area
    return f"{door.format(area=area)}?{urlencode(asked)}"
