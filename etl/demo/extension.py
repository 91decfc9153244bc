"""Adds the days since to a built demo: new tickets come, and those that were open move on along their lives.

Days hang on the seed alone, so the days of open tickets are drawn again and compared with what the database knows:
a demo extended day by day holds the same tickets as one built at its end.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

import numpy as np
from sqlalchemy import Connection, Engine

from etl.demo.lives import cut
from etl.demo.rows import EVENT_COLUMNS, ORIGIN, TICKET_COLUMNS, Writer
from etl.demo.sensors import write_readings
from etl.demo.tickets import days_between, make
from etl.demo.world import Demo, as_of, known_geography, make_world, make_writer
from geodata.commands.bulk import after_highest, copy_encoded
from geodata.commands.copy_binary import encode
from geodata.commands.demo import MOVED, STEPPED, cameras_answer, go_on, make_room_for_moves, take_your_time
from geodata.commands.facts import bump_data_version, get_fact, put_fact
from geodata.errors import Refused
from geodata.profile import Profile
from geodata.queries.demo import highest_ticket, unfinished_days
from geodata.store.db import transaction

SHORTEST = timedelta(minutes=10)  # less is not worth the seconds it takes
CALLED_BACK_WITHIN = timedelta(days=9)  # a closed ticket's call-back may still come
DAYS_AT_ONCE = 14


def extend(engine: Engine, profile: Profile, *, last: date) -> None:
    """Bring a built demo to a later day (to the present moment, when it is today).

    Does nothing when it is there already, or was ten minutes ago.
    """
    with transaction(engine) as connection:
        fact = get_fact(connection, "demo")
        if fact is None:
            raise Refused("This database holds no demo district to add days to.")
        demo, now = Demo.of(fact), as_of(profile, last)
        if now - demo.as_of < SHORTEST:
            return
        take_your_time(connection)
        geography = known_geography(connection, profile)
        world = make_world(geography, profile, seed=demo.seed, anchor=demo.anchor, per_year=demo.per_year)
        writer = make_writer(connection, geography, world)
        new = _tickets(connection, writer, demo, now)
        write_readings(connection, demo.seed, demo.as_of, now)
        cameras_answer(connection, demo.as_of, now)
        put_fact(connection, "demo", Demo(
            demo.seed, demo.first, last, demo.tickets + new, demo.per_year, demo.anchor, now
        ).as_fact())  # fmt: skip
        bump_data_version(connection)


def _tickets(connection: Connection, writer: Writer, demo: Demo, now: datetime) -> int:
    """Move open tickets on and add those received since; returns how many were added."""
    zone = writer.world.profile.zone
    days = unfinished_days(connection, ORIGIN, str(zone), demo.as_of - CALLED_BACK_WITHIN)
    days |= set(days_between(demo.as_of.astimezone(zone).date(), now.astimezone(zone).date()))
    make_room_for_moves(connection)
    highest, added = highest_ticket(connection), 0
    span = int(demo.as_of.timestamp()), int(now.timestamp())
    for some in _chunks(sorted(day for day in days if day >= demo.first)):
        added += _days(connection, writer, some, span, highest + added)
    go_on(connection, ORIGIN)
    after_highest(connection, "tickets")
    return added


def _days(
    connection: Connection, writer: Writer, days: list[date], span: tuple[int, int], highest: int
) -> int:
    """Some days between two moments: rows for what is new, and for what becomes of what is known."""
    batch, (then, now) = make(writer.world, days), span
    before, after = cut(batch.lives, then), cut(batch.lives, now)
    new = (batch.received > then) & (batch.received <= now)
    moved = (batch.received <= then) & (np.bincount(before.ticket, minlength=len(batch)) < np.bincount(
        after.ticket, minlength=len(batch)
    ))  # fmt: skip
    keys = highest + np.cumsum(new)
    copy_encoded(connection, "tickets", TICKET_COLUMNS, [encode(writer.tickets(batch, after, keys, new))])
    fresh = new[after.ticket]
    copy_encoded(
        connection, "ticket_events", EVENT_COLUMNS, [encode(writer.events(batch, after, keys, fresh))]
    )
    fields = dict(zip(TICKET_COLUMNS, writer.tickets(batch, after, keys, moved), strict=True))
    copy_encoded(connection, "demo_moves", MOVED, [encode([fields[name] for name in MOVED])])
    steps = moved[after.ticket] & (after.at > then)
    _, *events = writer.events(batch, after, keys, steps)
    numbers = writer.tickets(batch, after, keys, after.ticket[steps])[TICKET_COLUMNS.index("number")]
    copy_encoded(connection, "demo_steps", STEPPED, [encode([numbers, *events])])
    return int(new.sum())


def _chunks(days: list[date]) -> list[list[date]]:
    return [days[begin : begin + DAYS_AT_ONCE] for begin in range(0, len(days), DAYS_AT_ONCE)]
