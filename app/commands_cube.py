"""`./yiping cube build | check | state`: the heat cube made by hand, held to its checksums, and told about."""

from __future__ import annotations

import argparse
import json
import sys
from typing import Any

from geodata.store.settings import Settings

Arguments = argparse.Namespace


def add(commands: Any) -> None:
    """Add `cube` with its verbs."""
    cube = commands.add_parser("cube", help="the heat cube: counts ready for every map")
    verbs = cube.add_subparsers(metavar="VERB", required=True)
    build = verbs.add_parser("build", help="build it anew beside the one that stands, and put it in place")
    build.add_argument("--quiet", action="store_true", help="without a bar")
    build.set_defaults(run=run_build)
    for verb, words, run in (
        ("check", "read every byte of it and hold it to its checksums", run_check),
        ("state", "what stands, how long its tail is, and whether a new one is due", run_state),
    ):
        one = verbs.add_parser(verb, help=words)
        one.add_argument("--json", action="store_true", help="one JSON document on standard output")
        one.set_defaults(run=run)


def run_build(settings: Settings, asked: Arguments) -> int:
    """Build it."""
    from app.setup import open_home
    from geodata.cube import upkeep
    from geodata.cube.build import quiet

    with open_home(settings) as (engine, profile):
        name = upkeep.rebuild(engine, profile, settings.cubes, quiet if asked.quiet else bar)
    print(f"The cube {name} stands.")
    return 0


def run_check(settings: Settings, asked: Arguments) -> int:
    """Check it; a damaged one is refused with one sentence."""
    from app.setup import open_home
    from geodata.cube import upkeep

    with open_home(settings) as (engine, profile), engine.connect() as c:
        _tell(upkeep.check(c, profile, settings.cubes).as_json(), as_json=asked.json)
    return 0


def run_state(settings: Settings, asked: Arguments) -> int:
    """Tell about it."""
    from app.setup import open_home
    from geodata.cube import upkeep

    with open_home(settings) as (engine, profile), engine.connect() as c:
        _tell(upkeep.state(c, profile, settings.cubes).as_json(), as_json=asked.json)
    return 0


def bar(step: str, share: float) -> None:
    """One line that fills."""
    filled = round(30 * share)
    print(
        f"\r{step:<8} {'█' * filled}{'·' * (30 - filled)} {share:4.0%}", end="", file=sys.stderr, flush=True
    )
    if share >= 1:
        print(file=sys.stderr)


def _tell(state: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        print(json.dumps(state, ensure_ascii=False))
        return
    for name, value in state.items():
        print(f"{name:<12} {'–' if value is None else value}")
