"""A district of millions of tickets in a home of its own, for measuring what grows with them: heat, tiles, drilling."""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Connection, Engine, text

from app.setup import open_home
from geodata.commands.bulk import after_highest, ahead, copy_encoded, emptied
from geodata.commands.demo import analyze
from geodata.commands.facts import bump_data_version, get_fact, put_fact
from geodata.profile import Profile
from geodata.store.cluster import private_cluster
from geodata.store.db import transaction
from geodata.store.settings import Settings
from tests.benchmarks.heat_tickets import COLUMNS, Span, encoded, span

SEED = 1229
GROUND_TICKETS = 2_000  # the demo's own, which give way to ours
FILLED = ("ticket_events", "tickets")
FACT = "bench_district"


@contextmanager
def district(
    settings: Settings, tickets: int, *, keep: bool = False
) -> Iterator[tuple[Settings, dict[str, float]]]:
    """Settings of a home that holds so many tickets, and the seconds it took to make; removed at the end unless kept."""
    home = settings.home.resolve() / "bench" / f"district-{tickets}"
    mine = settings.model_copy(update={"home": home, "database_url": None, "profile": "gusu"})
    home.mkdir(parents=True, exist_ok=True)
    for folder in (home.parent, home):
        folder.chmod(0o755)  # the account that runs PostgreSQL must reach it
    cluster = private_cluster(home)
    try:
        yield mine, _ensure(mine, tickets)
    finally:
        cluster.stop()
        if not keep:
            shutil.rmtree(home, ignore_errors=True)
            shutil.rmtree(
                cluster.data.parent if home not in cluster.data.parents else home, ignore_errors=True
            )


def _ensure(settings: Settings, tickets: int) -> dict[str, float]:
    with open_home(settings) as (engine, profile):
        with engine.connect() as c:
            made = get_fact(c, FACT)
        return {} if made == tickets else _make(engine, profile, tickets)


def _make(engine: Engine, profile: Profile, tickets: int) -> dict[str, float]:
    from etl.demo import geography as towns  # noqa: PLC0415 - slow to import
    from etl.demo.build import build  # noqa: PLC0415
    from etl.demo.world import make_world, make_writer  # noqa: PLC0415

    began = time.perf_counter()
    last = profile.today()
    geography = towns.build()
    build(engine, profile, seed=SEED, last=last, tickets_per_year=GROUND_TICKETS, geography=geography)
    world = make_world(geography, profile, seed=SEED, anchor=last, per_year=GROUND_TICKETS)
    ground_s = time.perf_counter() - began
    say(f"the ground stands after {ground_s:.0f} s")
    over = span(tickets, last, SEED)
    with transaction(engine) as c, unheard(c), emptied(c, FILLED, FILLED):
        writer = make_writer(c, geography, world)
        rows = encoded(writer, over, SEED, int(datetime.now(UTC).timestamp()))
        copy_encoded(c, "tickets", COLUMNS, ahead(rows), freeze=True)
        say(f"{tickets:,} tickets copied after {time.perf_counter() - began:.0f} s; building their indexes")
    _finish(engine, over, tickets)
    return {"ground_s": ground_s, "tickets_s": time.perf_counter() - began - ground_s}


@contextmanager
def unheard(c: Connection) -> Iterator[None]:
    """Let nothing listen to changes of tickets in this transaction: nobody has counted them yet."""
    told = text("select tgname from pg_trigger where tgrelid = 'tickets'::regclass and not tgisinternal")
    triggers = list(c.execute(told).scalars())
    for name in triggers:
        c.execute(text(f'alter table tickets disable trigger "{name}"'))
    yield
    for name in triggers:
        c.execute(text(f'alter table tickets enable always trigger "{name}"'))


def _finish(engine: Engine, over: Span, tickets: int) -> None:
    with transaction(engine) as c:
        c.execute(text("set local statement_timeout = 0"))
        after_highest(c, "tickets")
        analyze(c, ("tickets",))
        put_fact(c, "demo", get_fact(c, "demo") | {"first": over.days[0].isoformat(), "tickets": tickets})
        bump_data_version(c)
        put_fact(c, FACT, tickets)


def say(sentence: str) -> None:
    """Tell a person how far a long bench is."""
    print(f"  {sentence}", file=sys.stderr, flush=True)


def folder_mb(folder: Path) -> float:
    """How much the files of a folder hold."""
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()) / 1e6
