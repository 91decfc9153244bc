"""Drilling, tiles and hotspots with millions of tickets, in the district that the bench of heat builds (`--keep` hands it on)."""

from __future__ import annotations

from geodata.cube import files
from geodata.store.settings import Settings
from tests.benchmarks import bench_drill, bench_tiles
from tests.benchmarks.drill_doors import panels
from tests.benchmarks.heat_build import build_from_rows
from tests.benchmarks.heat_home import district, say
from tests.benchmarks.hotspot_doors import hotspots
from tests.benchmarks.served import serve

NEEDS_HOME = False
TICKETS = 10_000_000


def run(_served: object = None, tickets: int = TICKETS, keep: bool = False) -> dict[str, float | int | str]:
    """Every panel of a drill at the server, the click in a browser, single tiles, and hotspots of whole months."""
    figures: dict[str, float | int | str] = {"tickets": tickets}
    with district(Settings(), tickets, keep=keep) as (home, made):
        figures |= {f"home_{key}": value for key, value in made.items()}
        with serve(home) as served:  # serving starts the database that the cube is built from
            if files.current(home.cubes) is None:
                figures |= build_from_rows(home)[1]
        say("the district stands; drilling")
        with serve(home) as served:
            figures |= panels(served)
            figures |= bench_drill.run(served)
            figures |= bench_tiles.single(served)
        say("hotspots of whole months")
        with serve(home, workers=1) as served:
            figures |= hotspots(served)
    return figures
