"""Vector tiles: how long one takes, cold and warm, and how many a second beside tipg on the same tables.

Cold tickets and heat have a window that nobody asked before; cold shapes are tiles that nobody asked before. Rates are
measured over sixteen kept connections, each server with two processes, every tile of the list once; both are asked the
same tiles with the same attributes.
"""

from __future__ import annotations

import math
import random
import time
from collections.abc import Iterator
from datetime import timedelta
from itertools import chain, count

from app.http.house import VERSION_LIFE_S
from geodata.commands.facts import bump_data_version
from geodata.cube import files
from geodata.store.db import transaction
from tests.benchmarks.heat_build import build_from_rows
from tests.benchmarks.heat_door import Link, settle
from tests.benchmarks.peers import peers_python
from tests.benchmarks.served import Served, spread
from tests.benchmarks.tile_load import Asked, ask_all
from tests.benchmarks.tipg import Tipg, path_of, tipg

LAYERS = ("roads", "grid_cells", "cameras", "tickets", "ticket_heat")
ZOOMS = (13, 14, 15, 16)
CENTRE = (120.62, 31.313)
INNER = (120.585, 31.285, 120.645, 31.340)  # a box within the district: no empty tiles of the world around
# Layers of which both draw the very same: ours puts labels beside areas, which tipg does not.
PASSED_AROUND = {"roads": (15, 16, 17), "greens": (15, 16, 17), "cameras": (16, 17), "places": (15, 16, 17)}
OF_EACH = 150
FRESH_ROUNDS, WARM_ROUNDS, CACHED_ROUNDS = 3, 3, 12
SEED = 11


def tile_at(lon: float, lat: float, zoom: int) -> tuple[int, int]:
    """Column and row of the tile that holds a point."""
    n = 2**zoom
    y = (1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2 * n
    return int((lon + 180) / 360 * n), int(y)


def run(served: Served) -> dict[str, float | int | str]:
    """Single tiles at the server, then rates side by side."""
    if files.current(served.settings.cubes) is None:
        build_from_rows(served.settings)
    figures: dict[str, float | int | str] = {**single(served)}
    return figures | rates(served)


def single(served: Served) -> dict[str, float]:
    """Milliseconds of nine tiles at each zoom and layer, over one kept connection."""
    fresh, figures, link = count(1), dict[str, float](), Link(served)
    settle(served)
    for layer in LAYERS:
        link.get(path(layer, 13, *tile_at(*CENTRE, 13)))
        cold: list[float] = []
        warm: list[float] = []
        for zoom in ZOOMS:
            x, y = tile_at(*CENTRE, zoom)
            for dx, dy in ((i, j) for i in (-1, 0, 1) for j in (-1, 0, 1)):
                first = served.last - timedelta(days=29 + next(fresh) % 300)
                asked = f"{path(layer, zoom, x + dx, y + dy)}?from={first}&to={served.last}"
                cold.append(link.timed_ms(asked))
                warm += [link.timed_ms(asked) for _ in range(3)]
        figures |= spread(f"{layer}_cold", cold) | spread(f"{layer}_warm", warm)
    link.close()
    figures["cold_p95_ms"] = max(figures[f"{layer}_cold_p95_ms"] for layer in LAYERS)
    figures["warm_p95_ms"] = max(figures[f"{layer}_warm_p95_ms"] for layer in LAYERS)
    return figures


def rates(served: Served) -> dict[str, float | int | str]:
    """Tiles a second, ours fresh and from memory and tipg's, and how far the tiles agree."""
    tiles = list(chosen())
    ours, theirs = [path(*tile) for tile in tiles], [path_of(*tile) for tile in tiles]
    headers = {"Authorization": f"Bearer {served.token}"}
    with tipg(peers_python(served.settings.home), served) as peer:
        ask_all(peer.url, theirs[:40], {})
        made = ask_all(peer.url, theirs, {})
        made.add(ask_all(peer.url, theirs, {}))
        ask_all(served.url, ours, headers)
        fresh = Asked()
        for _ in range(FRESH_ROUNDS):
            with transaction(served.engine) as c:
                bump_data_version(c)  # so that no tile is known
            time.sleep(2 * VERSION_LIFE_S)
            ask_all(served.url, [path("roads", 15, 0, 0)] * 64, headers)  # every process hears of it
            fresh.add(ask_all(served.url, ours, headers))
        ask_all(served.url, ours * WARM_ROUNDS, headers)
        cached = ask_all(served.url, ours * CACHED_ROUNDS, headers)
        lacking = features_lacking(served, peer, random.Random(SEED).sample(tiles, 40))
    return {
        "tiles": len(tiles), "features_that_only_tipg_drew": lacking,
        "tipg_tiles_per_s": made.per_s, "fresh_tiles_per_s": fresh.per_s, "cached_tiles_per_s": cached.per_s,
        "fresh_by_tipg": fresh.per_s / made.per_s, "cached_by_tipg": cached.per_s / made.per_s,
        "tipg_kib_per_tile": made.bytes / 1024 / len(made.ms), "fresh_kib_per_tile": fresh.bytes / 1024 / len(fresh.ms),
        "answers_that_failed": sum(n for asked in (made, fresh, cached) for status, n in asked.statuses.items()
                                   if status not in (200, 204)),
    }  # fmt: skip


def chosen() -> Iterator[tuple[str, int, int, int]]:
    """Layer and address of the tiles that both are asked, in an order drawn by chance."""
    chance = random.Random(SEED)
    west, south, east, north = INNER
    tiles: list[tuple[str, int, int, int]] = []
    for layer, zoom in chain.from_iterable(
        ((layer, zoom) for zoom in zooms) for layer, zooms in PASSED_AROUND.items()
    ):
        (x0, y0), (x1, y1) = tile_at(west, north, zoom), tile_at(east, south, zoom)
        every = [(layer, zoom, x, y) for x in range(x0, x1 + 1) for y in range(y0, y1 + 1)]
        tiles += chance.sample(every, min(OF_EACH, len(every)))
    chance.shuffle(tiles)
    yield from tiles


def path(layer: str, zoom: int, x: int, y: int) -> str:
    """Our address of a tile."""
    return f"/tiles/{layer}/{zoom}/{x}/{y}.mvt"


def features_lacking(served: Served, peer: Tipg, tiles: list[tuple[str, int, int, int]]) -> int:
    """How many features tipg draws that ours lack, over some tiles; the other way round stands what lies in the margin."""
    lacking = 0
    for layer, zoom, x, y in tiles:
        ours = served.get(path(layer, zoom, x, y))[1]
        lacking += len(peer.names(layer, zoom, x, y) - peer.read(ours, layer))
    return lacking
