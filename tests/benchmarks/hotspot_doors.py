"""Whole-district months of hotspots through the door: the first of a process that had time to make itself ready, and others."""

from __future__ import annotations

import time
from datetime import date, timedelta
from urllib.parse import urlencode

from tests.benchmarks.heat_door import Link
from tests.benchmarks.served import Served, spread

READY_S = 300.0  # after the start; it takes its time
TIMES = 5
DOORS = {
    "gi_r10": "/api/hotspots/cells?resolution=10&",
    "gi_r11": "/api/hotspots/cells?resolution=11&",
    "roads": "/api/hotspots/roads?by=subdistrict&",
}


def hotspots(served: Served) -> dict[str, float]:
    """What the first question of each took, and the spread of those after, each for another month."""
    time.sleep(READY_S)
    figures: dict[str, float] = {}
    link = Link(served)
    for name, door in DOORS.items():
        months = _months(served.last, TIMES + 1)
        first, *others = [link.timed_ms(door + urlencode(month)) for month in months]
        figures |= {f"hotspots_{name}_first_ms": first} | spread(f"hotspots_{name}", others)
    link.close()
    return figures


def _months(last: date, wanted: int) -> list[dict[str, date]]:
    """Whole months, the newest first."""
    found = []
    for _ in range(wanted):
        last = last.replace(day=1) - timedelta(days=1)
        found.append({"from": last.replace(day=1), "to": last})
    return found
