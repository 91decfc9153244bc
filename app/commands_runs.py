"""`./yiping runs` lists the loads and `./yiping rollback RUN` takes one back."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict

from geodata.store.settings import Settings

Arguments = argparse.Namespace


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Name the commands."""
    runs = commands.add_parser("runs", help="list the loads")
    runs.add_argument("--json", action="store_true", help="one JSON document on standard output")
    runs.set_defaults(run=run_runs)
    back = commands.add_parser("rollback", help="take a load back: every table as it was before it")
    back.add_argument("number", type=int, metavar="RUN", help="its number, as runs lists it")
    back.add_argument("--json", action="store_true", help="one JSON document on standard output")
    back.set_defaults(run=run_rollback)


def run_runs(settings: Settings, asked: Arguments) -> int:
    """List the loads, the newest first."""
    from app.setup import open_home
    from geodata.queries.loads import list_loads

    with open_home(settings) as (engine, _), engine.connect() as connection:
        found = list_loads(connection)
    if asked.json:
        print(json.dumps([load.as_dict() for load in found], ensure_ascii=False))
        return 0
    for load in found:
        print(load.as_line())
    return 0


def run_rollback(settings: Settings, asked: Arguments) -> int:
    """Take a load back."""
    from app.setup import open_home
    from geodata.commands.undo import roll_back
    from geodata.store.db import transaction

    with open_home(settings) as (engine, profile), transaction(engine) as c:
        undone = roll_back(c, profile, asked.number, rasters=settings.rasters)
    if asked.json:
        print(json.dumps(asdict(undone), ensure_ascii=False))
        return 0
    rows = ", ".join(f"{table} {count:,}" for table, count in sorted(undone.rows.items()) if count)
    print(
        f"Load {undone.load} ({undone.kind}, {undone.file_name}) was taken back: {rows or 'it had changed nothing'}."
    )
    if undone.placed_anew:
        print(f"{undone.placed_anew:,} tickets that came since were placed anew.")
    return 0
