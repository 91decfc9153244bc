"""Vector tiles through the door: cold (a question never asked before) and warm (asked again)."""

from __future__ import annotations

import math
from datetime import timedelta
from itertools import count

from tests.benchmarks.served import Served, spread, timed_ms

LAYERS = ("roads", "grid_cells", "cameras", "tickets", "ticket_heat")
ZOOMS = (13, 14, 15, 16)
CENTRE = (120.62, 31.313)


def tile_at(lon: float, lat: float, zoom: int) -> tuple[int, int]:
    """Column and row of the tile that holds a point."""
    n = 2**zoom
    y = (1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2 * n
    return int((lon + 180) / 360 * n), int(y)


def run(served: Served) -> dict[str, float]:
    """Nine tiles at each zoom and layer; cold ones differ in their window, so no cache knows them."""
    fresh = count(1)
    figures: dict[str, float] = {}
    for layer in LAYERS:
        cold: list[float] = []
        warm: list[float] = []
        for zoom in ZOOMS:
            x, y = tile_at(*CENTRE, zoom)
            for dx, dy in ((i, j) for i in (-1, 0, 1) for j in (-1, 0, 1)):
                path = f"/tiles/{layer}/{zoom}/{x + dx}/{y + dy}.mvt"
                query = {"from_": served.last - timedelta(days=29 + next(fresh) % 300), "to": served.last}
                cold += timed_ms(lambda p=path, q=query: served.get(p, **q), 1)
                warm += timed_ms(lambda p=path, q=query: served.get(p, **q), 2)
        figures |= spread(f"{layer}_cold", cold) | spread(f"{layer}_warm", warm)
    return figures
