"""Find the benches, serve the home once, run those asked for, print a table or one JSON document."""

from __future__ import annotations

import argparse
import importlib
import json
import sys
from pathlib import Path
from types import ModuleType

from geodata.errors import Refused
from geodata.store.settings import Settings
from tests.benchmarks.served import Served, serve

NAMES = sorted(file.stem.removeprefix("bench_") for file in Path(__file__).parent.glob("bench_*.py"))

OF_A_DISTRICT = (
    "heat",
    "district",
)  # these build millions of tickets, and run when they are asked for by name


def main() -> int:
    """Run the benches asked for."""
    parser = argparse.ArgumentParser(prog="./yiping bench", description="Measure on the data of this home.")
    parser.add_argument("name", nargs="?", choices=["all", *NAMES], default="all")
    parser.add_argument("--json", action="store_true", help="one JSON document on standard output")
    parser.add_argument("--breaches", type=int, help="how many breaches the bench of faults injects")
    parser.add_argument(
        "--tickets", type=int, help="how many tickets the benches of heat, tiles and drilling build"
    )
    parser.add_argument("--rows", type=int, help="how many rows the bench of loading writes")
    parser.add_argument(
        "--keep", action="store_true", help="leave the district that was built for the next bench"
    )
    asked = parser.parse_args()
    given = _given(asked)
    wanted = [name for name in NAMES if name not in OF_A_DISTRICT] if asked.name == "all" else [asked.name]
    results: dict[str, dict[str, float | int | str]] = {}
    try:
        benches = {name: importlib.import_module(f"tests.benchmarks.bench_{name}") for name in wanted}
        # What needs no home is measured before one is served, which would take a core from it.
        alone = [name for name, bench in benches.items() if not getattr(bench, "NEEDS_HOME", True)]
        for name in alone:
            results[name] = said(name, benches[name], None, **given.get(name, {}))
        if len(alone) < len(benches):
            with serve(Settings()) as served:
                for name in (name for name in wanted if name not in alone):
                    results[name] = said(name, benches[name], served, **given.get(name, {}))
    except Refused as refusal:
        print(refusal, file=sys.stderr)
        return 1
    # One bench tells its figures at the top as well, so that a reader need not know under which name they stand.
    flat = results[asked.name] if asked.name != "all" else {}
    print(json.dumps(flat | results) if asked.json else table(results))
    return 0


def _given(asked: argparse.Namespace) -> dict[str, dict[str, int]]:
    """What is handed to which bench."""
    given: dict[str, dict[str, int]] = {"faults": {"breaches": asked.breaches}} if asked.breaches else {}
    if asked.rows:
        given["load"] = {"rows": asked.rows}
    if asked.tickets:
        given |= {name: {"tickets": asked.tickets, "keep": asked.keep} for name in OF_A_DISTRICT}
    return given


def said(name: str, bench: ModuleType, served: Served | None, **given: int) -> dict[str, float | int | str]:
    """Run one bench and say so."""
    print(f"· {name}", file=sys.stderr, flush=True)
    figures: dict[str, float | int | str] = bench.run(served, **given)
    return figures


def table(results: dict[str, dict[str, float | int | str]]) -> str:
    """Name, figure, value: units stand in the names."""
    lines = []
    for name, figures in results.items():
        for key, value in figures.items():
            shown = f"{value:,.1f}" if isinstance(value, float) else str(value)
            lines.append(f"{name:<8} {key:<36} {shown:>14}")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
