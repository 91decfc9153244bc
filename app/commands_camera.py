"""`./yiping camera stream | seen | looks`: where pictures come from, which cameras answered, and who looked."""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, datetime
from typing import Any

from geodata.store.settings import Settings

Arguments = argparse.Namespace


def add(commands: Any) -> None:
    """Add `camera` with its verbs."""
    camera = commands.add_parser("camera", help="streams of cameras, their health, and who looked")
    verbs = camera.add_subparsers(metavar="VERB", required=True)
    stream = verbs.add_parser(
        "stream", help="where a camera's pictures come from; the address is read from standard input"
    )
    stream.add_argument("code")
    stream.add_argument("--kind", choices=("hls", "snapshot"), default="hls")
    stream.add_argument("--none", action="store_true", help="take it away instead; reads nothing")
    stream.set_defaults(run=run_stream)
    seen = verbs.add_parser(
        "seen", help="note that cameras answered now; codes from standard input, one a line"
    )
    seen.set_defaults(run=run_seen)
    looks = verbs.add_parser("looks", help="who looked through a camera, the last first")
    looks.add_argument("code")
    looks.add_argument("--limit", type=int, default=50)
    looks.set_defaults(run=run_looks)


def run_stream(settings: Settings, asked: Arguments) -> int:
    """Set or take away a stream; its address never stands in the list of processes or a shell's history."""
    from app.setup import open_home
    from geodata.commands.cameras import set_stream
    from geodata.store.db import transaction

    url = None if asked.none else sys.stdin.readline().strip()
    with open_home(settings) as (engine, _), transaction(engine) as c:
        set_stream(c, asked.code, asked.kind, url)
    print(f"{asked.code}: {asked.kind} {'taken away' if asked.none else 'set'}")
    return 0


def run_seen(settings: Settings, _: Arguments) -> int:
    """Note that cameras answered."""
    from app.setup import open_home
    from geodata.commands.cameras import seen
    from geodata.store.db import transaction

    codes = [line.strip() for line in sys.stdin if line.strip()]
    with open_home(settings) as (engine, _profile), transaction(engine) as c:
        known = seen(c, codes, datetime.now(UTC))
    print(f"{known} of {len(codes)} cameras noted")
    return 0


def run_looks(settings: Settings, asked: Arguments) -> int:
    """Show who looked through a camera."""
    from app.setup import open_home
    from geodata.queries.camera_streams import looks

    with open_home(settings) as (engine, profile), engine.connect() as c:
        found = looks(c, asked.code, limit=asked.limit)
    for look in found:
        alert = f"  alert {look.alert_id}" if look.alert_id else ""
        print(f"{look.at.astimezone(profile.zone):%Y-%m-%d %H:%M:%S}  {look.account}{alert}")
    if not found:
        print("Nobody has looked through this camera.")
    return 0
