"""Adds the days since to a built demo: new tickets come, and those that were open move on along their lives.

Days hang on the seed alone, so the days of open tickets are drawn again and compared with what the database knows:
a demo extended day by day holds the same tickets as one built at its end.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

import numpy as np
from sqlalchemy import Connection, Engine, text

from etl.demo import geography as towns
from etl.demo.lives import cut
from etl.demo.rows import EVENT_COLUMNS, ORIGIN, TICKET_COLUMNS, Writer
from etl.demo.sensors import write_readings
from etl.demo.tickets import days_between, make
from etl.demo.world import Demo, as_of, make_world, make_writer
from geodata.commands.bulk import after_highest, copy_encoded
from geodata.commands.copy_binary import encode
from geodata.commands.facts import bump_data_version, get_fact, put_fact
from geodata.errors import Refused
from geodata.profile import Profile
from geodata.store.db import transaction

CALLED_BACK_WITHIN = timedelta(days=9)  # a closed ticket's call-back may still come
DAYS_AT_ONCE = 14
UNFINISHED = """
select distinct (received_at at time zone :zone)::date as day from tickets
where origin = :origin and (closed_at is null or (state <> 'followed_up' and closed_at > :recent))
"""
STATE_COLUMNS = ("number", "due_at", "closed_at", "state", "outcome", "satisfaction")
MOVES = f"""
create temporary table demo_moves on commit drop as select {', '.join(STATE_COLUMNS)} from tickets with no data;
create temporary table demo_steps (number text, seq smallint, at timestamptz, kind ticket_event_kind, unit_id bigint,
                                   note text) on commit drop
"""
MOVE_ON = """
update tickets t set due_at = m.due_at, closed_at = m.closed_at, state = m.state, outcome = m.outcome,
    satisfaction = m.satisfaction
from demo_moves m where t.origin = :origin and t.number = m.number and t.load_id is null
"""
STEP_ON = """
insert into ticket_events (ticket_id, seq, at, kind, unit_id, note)
select t.id, s.seq, s.at, s.kind, s.unit_id, s.note
from demo_steps s join tickets t on t.origin = :origin and t.number = s.number
on conflict (ticket_id, seq) do nothing
"""


def extend(engine: Engine, profile: Profile, *, last: date) -> None:
    """Bring a built demo to a later day (to the present moment, when it is today); does nothing when it is there."""
    with transaction(engine) as connection:
        fact = get_fact(connection, "demo")
        if fact is None:
            raise Refused("This database holds no demo district to add days to.")
        demo, now = Demo.of(fact), as_of(profile, last)
        if now <= demo.as_of:
            return
        connection.execute(text("set local statement_timeout = 0"))
        geography = towns.build()
        world = make_world(geography, profile, seed=demo.seed, anchor=demo.anchor, per_year=demo.per_year)
        writer = make_writer(connection, geography, world)
        new = _tickets(connection, writer, demo, now)
        write_readings(connection, demo.seed, demo.as_of, now)
        _cameras(connection, demo.as_of, now)
        put_fact(connection, "demo", Demo(
            demo.seed, demo.first, last, demo.tickets + new, demo.per_year, demo.anchor, now
        ).as_fact())  # fmt: skip
        bump_data_version(connection)


def _tickets(connection: Connection, writer: Writer, demo: Demo, now: datetime) -> int:
    """Move open tickets on and add those received since; returns how many were added."""
    zone = writer.world.profile.zone
    known = {"zone": str(zone), "origin": ORIGIN, "recent": demo.as_of - CALLED_BACK_WITHIN}
    days = set(connection.execute(text(UNFINISHED), known).scalars())
    days |= set(days_between(demo.as_of.astimezone(zone).date(), now.astimezone(zone).date()))
    days = {day for day in days if day >= demo.first}
    for statement in MOVES.split(";"):
        connection.execute(text(statement))
    highest = int(connection.execute(text("select coalesce(max(id), 0) from tickets")).scalar_one())
    added = 0
    for some in _chunks(sorted(days)):
        added += _days(connection, writer, some, int(demo.as_of.timestamp()), int(now.timestamp()), highest + added)
    connection.execute(text("analyze demo_moves"))
    connection.execute(text("analyze demo_steps"))
    connection.execute(text(MOVE_ON), {"origin": ORIGIN})
    connection.execute(text(STEP_ON), {"origin": ORIGIN})
    after_highest(connection, "tickets")
    return added


def _days(connection: Connection, writer: Writer, days: list[date], then: int, now: int, highest: int) -> int:
    batch = make(writer.world, days)
    before, after = cut(batch.lives, then), cut(batch.lives, now)
    new = (batch.received > then) & (batch.received <= now)
    moved = (batch.received <= then) & (np.bincount(before.ticket, minlength=len(batch)) < np.bincount(
        after.ticket, minlength=len(batch)
    ))  # fmt: skip
    keys = highest + np.cumsum(new)
    copy_encoded(connection, "tickets", TICKET_COLUMNS, [encode(writer.tickets(batch, after, keys, new))])
    fresh = new[after.ticket]
    copy_encoded(connection, "ticket_events", EVENT_COLUMNS, [encode(writer.events(batch, after, keys, fresh))])
    fields = dict(zip(TICKET_COLUMNS, writer.tickets(batch, after, keys, moved), strict=True))
    copy_encoded(connection, "demo_moves", STATE_COLUMNS, [encode([fields[name] for name in STATE_COLUMNS])])
    steps = moved[after.ticket] & (after.at > then)
    _, *events = writer.events(batch, after, keys, steps)
    numbers = writer.tickets(batch, after, keys, after.ticket[steps])[TICKET_COLUMNS.index("number")]
    copy_encoded(connection, "demo_steps", ("number", *EVENT_COLUMNS[1:]), [encode([numbers, *events])])
    return int(new.sum())


def _chunks(days: list[date]) -> list[list[date]]:
    return [days[begin : begin + DAYS_AT_ONCE] for begin in range(0, len(days), DAYS_AT_ONCE)]


def _cameras(connection: Connection, then: datetime, now: datetime) -> None:
    connection.execute(
        text("update cameras set last_seen_at = last_seen_at + (:now - :then) where state = 'online' and load_id is null"),
        {"now": now, "then": then},
    )
