"""Heat of millions of tickets: our cube beside DuckDB, chDB and PostGIS roll-ups on the same rows, and through the door.

Every engine answers the same questions, which are never asked twice, in a process of its own that times its queries alone;
their answers are compared cell by cell.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import date
from pathlib import Path
from typing import Any

from app.setup import open_home
from geodata.store.cluster import private_cluster
from geodata.store.settings import Settings
from tests.benchmarks import heat_export as export
from tests.benchmarks.heat_build import build_from_rows
from tests.benchmarks.heat_door import through_the_door
from tests.benchmarks.heat_home import SEED, district, folder_mb, say
from tests.benchmarks.heat_questions import KINDS, TIMES, WARM_TIMES, Ground, ground, questions
from tests.benchmarks.heat_tickets import YEARS
from tests.benchmarks.peers import Peer, engine, peers_python
from tests.benchmarks.served import spread

NEEDS_HOME = False
TICKETS = 10_000_000
MANY_CLIENTS = 8
LIMIT_S = 6.0  # for one engine, one kind of question; slow ones then answer fewer
PEERS = ("duckdb", "chdb", "postgis")
OURS, OURS_TENTH = "cube", "cube_tenth"
Figures = dict[str, float | int | str]
Told = dict[str, dict[str, Any]]  # by engine, then by kind and clients


def run(_served: object = None, tickets: int = TICKETS, keep: bool = False) -> Figures:
    """Build the district, give it to every engine, ask, compare."""
    settings = Settings()
    python = peers_python(settings.home)
    figures: Figures = {"tickets": tickets}
    with ExitStack() as stack:
        home, made = stack.enter_context(district(settings, tickets, keep=keep))
        figures |= {f"home_{key}": value for key, value in made.items()}
        folder = stack.enter_context(_scratch(home.home))
        with open_home(home) as (db, profile):
            ours, built = build_from_rows(home)
            say(f"our cube stands after {built['build_s']:.0f} s")
            found = export.export(db, profile, private_cluster(home.home), folder)
            export.build_cube(found, folder / OURS_TENTH, export.TENTH)
            figures |= built | {"cube_mb": folder_mb(ours)}
            with db.connect() as c:
                on = ground(c, 365 * YEARS + 1, tickets)
            first = found.first
            del found  # a gigabyte
            figures |= through_the_door(home, on, first)
            say(f"through the door: {figures['http_p95_ms']:.1f} ms")
            told = {
                OURS: _ours(ours, first, on, figures, OURS),
                OURS_TENTH: _ours(folder / OURS_TENTH, first, on, figures, OURS_TENTH),
            }
            for name in PEERS:
                with engine(python if name != "postgis" else sys.executable, f"heat_{name}") as peer:
                    told[name] = _asked(
                        peer, name, export.told_to(name, home, profile, folder, first), on, figures
                    )
        figures |= _compared(told)
    return figures


@contextmanager
def _scratch(home: Path) -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="peers-", dir=home))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _ours(folder: Path, first: date, on: Ground, figures: Figures, name: str) -> dict[str, Any]:
    with engine(sys.executable, "heat_cube") as cube:
        return _asked(cube, name, {"folder": str(folder), "first": first.isoformat()}, on, figures)


def _asked(peer: Peer, name: str, load: dict[str, str], on: Ground, figures: Figures) -> dict[str, Any]:
    """All questions to one engine, by one client and by many."""
    loaded = peer.tell("load", **load)
    if name in PEERS:
        figures |= {f"{name}_{key}": value for key, value in loaded.items()}
    say(f"{name} stands after {loaded['build_s']:.0f} s")
    told: dict[str, Any] = {}
    for kind in KINDS:
        for clients in (1, MANY_CLIENTS):
            told[f"{kind.key}_{clients}"] = found = peer.tell(
                "run", clients=clients, limit_s=LIMIT_S, warm=questions(kind, on, WARM_TIMES, SEED + 1),
                questions=questions(kind, on, TIMES, SEED),
            )  # fmt: skip
            suffix = "" if clients == 1 else f"_{clients}_clients"
            figures |= spread(f"{kind.key}_{name}{suffix}", list(found["ms"].values()))
        say(f"{kind.key} {name} p95: {figures[f'{kind.key}_{name}_p95_ms']:.3f} ms")
    figures[f"{name}_memory_mb" if name != OURS else "memory_mb"] = found["memory_mb"]
    return told


def _compared(told: Told) -> Figures:
    """Answers that differ from ours, our 95th percentile by the best peer's, and the whole by a tenth of it."""
    figures: Figures = {
        "answers_compared": sum(len(told[name][key]["digests"]) for name in PEERS for key in told[name]),
        "mismatches": sum(
            mark != told[OURS][key]["digests"].get(at)
            for name in PEERS for key in told[name] for at, mark in told[name][key]["digests"].items()
        ),
    }  # fmt: skip
    for clients, suffix in ((1, ""), (MANY_CLIENTS, f"_{MANY_CLIENTS}_clients")):
        ratios = {}
        for kind in KINDS:
            key = f"{kind.key}_{clients}"
            best = min(_p95(told[name][key]) for name in PEERS)
            ratios[kind.key] = _p95(told[OURS][key]) / best
            figures[f"{kind.key}_ratio_to_best_peer{suffix}"] = ratios[kind.key]
        figures[f"worst_ratio_to_best_peer{suffix}"] = max(ratios.values())
    grown = [(_p95(told[OURS][f"{kind.key}_1"]), _p95(told[OURS_TENTH][f"{kind.key}_1"])) for kind in KINDS]
    figures["one_million_ratio"] = max(whole / tenth for whole, tenth in grown)
    figures["one_million_most_added_ms"] = max(whole - tenth for whole, tenth in grown)
    return figures


def _p95(found: dict[str, Any]) -> float:
    return spread("all", list(found["ms"].values()))["all_p95_ms"]
