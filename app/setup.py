"""Makes a home ready: the database started and migrated, the profile remembered, the demo built."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine

from app.making import DemoMaker
from app.people import first_accounts
from geodata.commands.facts import get_fact, put_fact
from geodata.errors import Unavailable
from geodata.profile import Profile, load_profile
from geodata.queries.loads import has_loads
from geodata.store.cluster import private_cluster
from geodata.store.db import answers, database_url, make_engine, migrate, transaction
from geodata.store.settings import Settings

log = logging.getLogger(__name__)


@contextmanager
def home(settings: Settings) -> Iterator[Engine]:
    """The database of this home, started if need be and then stopped again."""
    started = _start(settings)
    engine = make_engine(database_url(settings))
    try:
        if not answers(engine):
            raise Unavailable("The database does not answer; look at YIPING_DATABASE_URL or at server.log.")
        yield engine
    finally:
        engine.dispose()
        if started:
            private_cluster(settings.home).stop()


@contextmanager
def open_home(settings: Settings) -> Iterator[tuple[Engine, Profile]]:
    """The database of this home with its tables in place, and its profile remembered."""
    with home(settings) as engine:
        migrate(database_url(settings))
        yield engine, remember_profile(settings, engine)


def prepare(settings: Settings, demo: DemoMaker | None) -> list[str]:
    """Do all that a home needs before it is served; gives the lines of the accounts it made, if any."""
    with home(settings) as engine:
        show("database tables", 0)
        migrate(database_url(settings))
        profile = remember_profile(settings, engine)
        if demo:
            make_demo(settings, engine, profile, demo)
        lines = first_accounts(settings, engine)
        if demo:
            demo.live(engine, profile)  # after the accounts, which stand on the duty roster
        return lines


def catch_up(settings: Settings, demo: DemoMaker) -> None:
    """Add to a demo that is being served what happened since; a fault is logged, the server goes on."""
    try:
        with home(settings) as engine:
            profile = home_profile(settings, engine)
            make_demo(settings, engine, profile, demo)
            demo.live(engine, profile)
    except Exception:  # whatever it is, people are looking at the screen
        log.exception("the demo could not be brought to the present")


def _start(settings: Settings) -> bool:
    settings.home.mkdir(parents=True, exist_ok=True)
    if settings.database_url:
        return False
    cluster = private_cluster(settings.home)
    started = not cluster.running
    cluster.start()
    cluster.create_database("yiping")
    return started


def home_profile(settings: Settings, engine: Engine) -> Profile:
    """The profile asked for, else the one this home was made with, else the demo district's."""
    if settings.profile:
        return load_profile(settings.profile)
    with engine.connect() as connection:
        return load_profile(get_fact(connection, "profile") or "gusu")


def remember_profile(settings: Settings, engine: Engine) -> Profile:
    """Keep the profile that this home was made with, so that later commands need not be told."""
    profile = home_profile(settings, engine)
    with transaction(engine) as connection:
        if get_fact(connection, "profile") is None:
            put_fact(connection, "profile", settings.profile or profile.key)
    return profile


def make_demo(settings: Settings, engine: Engine, profile: Profile, maker: DemoMaker) -> None:
    """Build the demo district in an empty database, or add the days since to one that has it."""
    if profile.key != "gusu" or _has_own_rows(engine):
        return
    last = settings.demo_end or profile.today()
    with engine.connect() as connection:
        made = get_fact(connection, "demo")
    if made:
        maker.extend(engine, profile, last)
    else:
        maker.build(engine, profile, settings.demo_seed, last, show)
    if not (settings.rasters / "population.tif").exists():
        show("population raster", 0)
        settings.rasters.mkdir(parents=True, exist_ok=True)
        maker.population(settings.rasters, settings.demo_seed)


def _has_own_rows(engine: Engine) -> bool:
    """Whether somebody loaded files into a database that never had the demo."""
    with engine.connect() as connection:
        return get_fact(connection, "demo") is None and has_loads(connection)


def show(step: str, share: float) -> None:
    """Show how far a long step is."""
    print(f"· {step} {share:4.0%}", file=sys.stderr, flush=True)
