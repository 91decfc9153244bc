"""Builds the demo district in an empty database, and adds the days since to one already built.

All rows of a build are written in one transaction, with the fact `demo` last: a build cut short leaves nothing behind.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime

import numpy as np
from sqlalchemy import Connection, Engine

from etl.demo import catalogue as lists, geography as towns
from etl.demo.cameras import write_cameras
from etl.demo.extension import extend
from etl.demo.geography import Geography
from etl.demo.ground import write_ground, write_hexes
from etl.demo.live import write_live
from etl.demo.lives import cut
from etl.demo.rows import EVENT_COLUMNS, TICKET_COLUMNS, Writer
from etl.demo.sensors import write_sensors
from etl.demo.tickets import World, days_between, make
from etl.demo.world import Demo, as_of, first_day, make_world, make_writer
from geodata.commands.bulk import after_highest, ahead, copy_encoded, emptied
from geodata.commands.cameras import draw_pictures
from geodata.commands.copy_binary import encode
from geodata.commands.demo import analyze, cameras_watch_crowds
from geodata.commands.facts import bump_data_version, get_fact, put_fact
from geodata.errors import Refused
from geodata.profile import Profile
from geodata.queries.demo import count_tickets
from geodata.queries.loads import has_loads
from geodata.store.db import transaction

__all__ = ["build", "extend"]

Progress = Callable[[str, float], None]
DAYS_AT_ONCE = 14
FILLED = (
    "ticket_events", "tickets", "readings", "sensor_latest", "sensors", "cameras", "category_crosswalk", "categories",
    "ticket_sources", "units", "heritage_objects", "places", "ground_features", "roads", "hexes", "area_ancestors", "areas",
)  # fmt: skip
INDEXED_AFTER = ("tickets", "ticket_events", "readings", "hexes")


def build(
    engine: Engine, profile: Profile, *, seed: int, last: date, tickets_per_year: int = 745_000,
    progress: Progress = lambda _step, _share: None, geography: Geography | None = None,
) -> None:  # fmt: skip
    """Fill a migrated database with the demo district; does nothing where one is already built.

    Rows without the fact `demo` are a build cut short and are removed. A database with rows of a load is refused.
    `geography` saves making it anew where the caller has it.
    """
    progress("geography", 0.0)
    geography = geography or towns.build()
    progress("spots", 0.15)
    world = make_world(geography, profile, seed=seed, anchor=last, per_year=tickets_per_year)
    now = as_of(profile, last)
    with transaction(engine) as connection:
        if get_fact(connection, "demo") is not None:
            return
        _refuse_loaded(connection)
        with emptied(connection, FILLED, INDEXED_AFTER):
            _fill(connection, geography, world, now, progress)
        _finish(connection, profile, world, now, progress)


def _refuse_loaded(connection: Connection) -> None:
    if has_loads(connection):
        raise Refused(
            "This database holds rows that were loaded; the demo needs an empty one (use another YIPING_HOME)."
        )


def _fill(
    connection: Connection, geography: Geography, world: World, now: datetime, progress: Progress
) -> None:
    progress("ground", 0.3)
    write_ground(connection, world.profile, geography)
    write_hexes(connection, geography.outline)
    lists.write(connection, world.catalogue)
    writer = make_writer(connection, geography, world)
    progress("cameras", 0.36)
    write_cameras(
        connection, world.spots, world.plan.doors, area_ids=writer.area_ids, seed=world.seed, now=now
    )
    draw_pictures(connection)
    progress("sensors", 0.4)
    write_sensors(connection, world.spots, writer.area_ids, world.seed, now)
    write_live(connection, world.profile)
    cameras_watch_crowds(connection)
    events: list[bytes] = []
    batches = ahead(_encoded(writer, now, events, progress))
    copy_encoded(connection, "tickets", TICKET_COLUMNS, batches, freeze=True)
    progress("events", 0.75)
    copy_encoded(connection, "ticket_events", EVENT_COLUMNS, events, freeze=True)
    progress("indexes", 0.82)


def _encoded(writer: Writer, now: datetime, events: list[bytes], progress: Progress) -> Iterator[bytes]:
    """Rows of tickets, some days at a time; those of their events go into `events`."""
    last = now.astimezone(writer.world.profile.zone).date()
    days = days_between(first_day(last), last)
    done, moment = 0, int(now.timestamp())
    for start in range(0, len(days), DAYS_AT_ONCE):
        progress("tickets", 0.45 + 0.3 * start / len(days))
        batch = make(writer.world, days[start : start + DAYS_AT_ONCE])
        past = cut(batch.lives, moment)
        there = batch.received <= moment
        keys = done + np.cumsum(there)
        events.append(encode(writer.events(batch, past, keys)))
        yield encode(writer.tickets(batch, past, keys, slice(None) if there.all() else there))
        done += int(there.sum())


def _finish(
    connection: Connection, profile: Profile, world: World, now: datetime, progress: Progress
) -> None:
    for table in ("tickets", "roads", "sensors", "categories", "ticket_sources", "units"):
        after_highest(connection, table)
    progress("statistics", 0.95)
    analyze(connection, FILLED)
    last = now.astimezone(profile.zone).date()
    demo = Demo(
        world.seed,
        first_day(last),
        last,
        count_tickets(connection),
        world.volume.per_year,
        world.volume.anchor,
        now,
    )
    put_fact(connection, "profile", profile.key)
    bump_data_version(connection)
    put_fact(connection, "demo", demo.as_fact())
    progress("done", 1.0)
