"""`./yiping feed list | add | token | mqtt`: who may send measurements, and the listener to a broker."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from geodata.rules.verdicts import VERDICTS
from geodata.store.settings import Settings

if TYPE_CHECKING:
    from geodata.queries.feeds import FeedState

Arguments = argparse.Namespace
Verbs = Any
KINDS = ("readings", "crowd", "tickets")


def add(verbs: Verbs, listen: Callable[[Settings, Arguments], int]) -> None:
    """Add the verbs to those of `feed`; `listen` is handed in, because it belongs to etl."""
    shown = verbs.add_parser("list", help="every feed, when it last sent, and what became of today's rows")
    shown.add_argument("--json", action="store_true")
    shown.set_defaults(run=run_list)
    made = verbs.add_parser("add", help="a new feed")
    made.add_argument("key")
    made.add_argument("--kind", required=True, choices=KINDS)
    made.add_argument(
        "--interval", type=float, required=True, metavar="S", help="seconds between batches when healthy"
    )
    made.add_argument("--title", help="its name in Chinese; the key when left out")
    made.add_argument("--title-en", help="its name in English")
    made.set_defaults(run=run_add)
    token = verbs.add_parser("token", help="a bearer token that may write this feed alone; prints it alone")
    token.add_argument("key")
    token.set_defaults(run=run_token)
    broker = verbs.add_parser("mqtt", help="take readings from the broker at YIPING_MQTT_URL, by mapping")
    broker.set_defaults(run=listen)


def run_list(settings: Settings, asked: Arguments) -> int:
    """Show every feed."""
    from app.setup import open_home
    from geodata.queries.feeds import list_feeds

    with open_home(settings) as (engine, profile), engine.connect() as c:
        found = list_feeds(c, profile.today())
    print(json.dumps([feed.as_dict() for feed in found], ensure_ascii=False) if asked.json else _table(found))
    return 0


def run_add(settings: Settings, asked: Arguments) -> int:
    """Make a feed."""
    from app.setup import open_home
    from geodata.commands.feeds import add_feed
    from geodata.store.db import transaction

    with open_home(settings) as (engine, _), transaction(engine) as c:
        feed = add_feed(
            c,
            asked.key,
            asked.kind,
            title=asked.title or asked.key,
            title_en=asked.title_en,
            interval_s=asked.interval,
        )
    print(f"{feed.key} may send {feed.kind}; make it a token with ./yiping feed token {feed.key}")
    return 0


def run_token(settings: Settings, asked: Arguments) -> int:
    """Print a new token, once."""
    from app.setup import open_home
    from geodata.commands.feeds import make_feed_token
    from geodata.store.db import transaction

    with open_home(settings) as (engine, _), transaction(engine) as c:
        print(make_feed_token(c, asked.key))
    return 0


def _table(found: list[FeedState]) -> str:
    if not found:
        return "There is no feed yet; make one with ./yiping feed add."
    lines = []
    for feed in found:
        counts = " ".join(
            f"{verdict} {feed.counts[verdict]:,}" for verdict in VERDICTS if feed.counts.get(verdict)
        )
        last = feed.last_batch_at.isoformat(timespec="seconds") if feed.last_batch_at else "never"
        lines.append(f"{feed.key:<24} {feed.kind:<9} {feed.state:<7} {last:<26} {counts}")
    return "\n".join(lines)
