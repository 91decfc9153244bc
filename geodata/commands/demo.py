"""What only the demo does to the database: letting its tickets, sensors and cameras go on."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from sqlalchemy import Connection, text

from geodata.commands.bulk import copy_encoded
from geodata.store.schema.tickets import EVENT_KINDS, QUALITIES, TICKET_STATES

__all__ = [
    "EVENT_KINDS",
    "MOVED",
    "QUALITIES",
    "READINGS",
    "STEPPED",
    "TICKET_STATES",
    "analyze",
    "cameras_answer",
    "cameras_watch_crowds",
    "ensure_months",
    "extra_readings",
    "go_on",
    "make_room_for_moves",
    "sensors_stand",
    "take_your_time",
]

MOVED = ("number", "due_at", "closed_at", "state", "outcome", "satisfaction")
STEPPED = ("number", "seq", "at", "kind", "unit_id", "note")
MAKE_ROOM = (
    f"create temporary table demo_moves on commit drop as select {', '.join(MOVED)} from tickets with no data",
    """
    create temporary table demo_steps on commit drop as
    select ''::text as number, seq, at, kind, unit_id, note from ticket_events with no data
    """,
)
GO_ON = (
    """
    update tickets t set due_at = m.due_at, closed_at = m.closed_at, state = m.state, outcome = m.outcome,
        satisfaction = m.satisfaction
    from demo_moves m where t.origin = :origin and t.number = m.number and t.load_id is null
    """,
    """
    insert into ticket_events (ticket_id, seq, at, kind, unit_id, note)
    select t.id, s.seq, s.at, s.kind, s.unit_id, s.note
    from demo_steps s join tickets t on t.origin = :origin and t.number = s.number and t.load_id is null
    on conflict (ticket_id, seq) do nothing
    """,
)
READINGS = ("sensor_id", "at", "value")
EXTRA = """
insert into readings (sensor_id, at, value) select sensor_id, at, value from demo_readings
on conflict (sensor_id, at) do nothing
"""
LATEST = """
insert into sensor_latest (sensor_id, at, value)
select distinct on (sensor_id) sensor_id, at, value from readings
where at > :since and sensor_id <= :last order by sensor_id, at desc
on conflict (sensor_id) do update set at = excluded.at, value = excluded.value where sensor_latest.at < excluded.at
"""
# Silent after three intervals without a reading, else the highest level that the last reading reaches; falling
# thresholds are compared with both signs turned.
STATES = """
update sensors s set state = case
    when l.at < :now - 3 * s.interval_s * interval '1 second' then 'silent'
    when way.sign * l.value >= way.sign * s.danger_at then 'danger'
    when way.sign * l.value >= way.sign * s.warning_at then 'warning'
    when way.sign * l.value >= way.sign * s.watch_at then 'watch'
    when way.sign * l.value >= way.sign * s.notice_at then 'notice'
    else 'normal' end
from sensor_latest l, (values (1), (-1)) way (sign)
where l.sensor_id = s.id and s.id <= :last and way.sign = case when s.danger_at < s.notice_at then -1 else 1 end
"""
WATCHING_EACH, WATCHING_M = 8, 260.0
# From true north: headings are compass bearings. The nearest place keeps a camera that two of them want.
WATCH = """
update cameras k set heading_deg = mod(degrees(w.azimuth)::numeric, 360)::float8,
    field_of_view_deg = greatest(k.field_of_view_deg, 50), range_m = greatest(k.range_m, round((1.15 * w.metres)::numeric, 1))
from (
    select distinct on (near.id) near.id, near.metres, ST_Azimuth(near.geom::geography, p.middle::geography) as azimuth
    from (select code, ST_PointOnSurface(geom) as middle from crowd_places) p
    cross join lateral (
        select n.id, n.geom, ST_Distance(n.geom::geography, p.middle::geography) as metres
        from cameras n where n.state = 'online' and n.kind <> 'panorama' and n.load_id is null
            and ST_DWithin(n.geom, p.middle, :reach / 80000.0)
        order by metres, n.code limit :each) near
    where near.metres between 2 and :reach
    order by near.id, near.metres, p.code) w
where w.id = k.id
"""


def take_your_time(connection: Connection) -> None:
    """Let this transaction's statements run as long as they need."""
    connection.execute(text("set local statement_timeout = 0"))


def analyze(connection: Connection, tables: Iterable[str]) -> None:
    """Tell the planner what the tables hold now."""
    for table in tables:
        connection.execute(text(f'analyze "{table}"'))


def make_room_for_moves(connection: Connection) -> None:
    """Tables of this transaction for what becomes of known tickets: demo_moves (MOVED), demo_steps (STEPPED)."""
    for statement in MAKE_ROOM:
        connection.execute(text(statement))


def go_on(connection: Connection, origin: str) -> None:
    """Bring the demo's tickets to the state in demo_moves and add the events in demo_steps."""
    analyze(connection, ("demo_moves", "demo_steps"))
    for statement in GO_ON:
        connection.execute(text(statement), {"origin": origin})


def ensure_months(connection: Connection, days: Iterable[date]) -> None:
    """Make the partitions of the readings of these days' months."""
    for month in sorted({day.replace(day=1) for day in days}):
        connection.execute(text("select ensure_readings_month(:day)"), {"day": month})


def extra_readings(connection: Connection, batches: Iterable[bytes]) -> None:
    """Add encoded rows (READINGS) to the readings; what a feed told already stays as it was told."""
    connection.execute(text(
        "create temporary table demo_readings on commit drop as select sensor_id, at, value from readings with no data"
    ))  # fmt: skip
    copy_encoded(connection, "demo_readings", READINGS, batches)
    connection.execute(text(EXTRA))


def sensors_stand(connection: Connection, last: int, since: datetime, now: datetime) -> None:
    """Note the latest reading after `since` of the sensors up to key `last`, and the state that follows from it."""
    connection.execute(text(LATEST), {"since": since, "last": last})
    connection.execute(text(STATES), {"now": now, "last": last})


def cameras_answer(connection: Connection, then: datetime, now: datetime) -> None:
    """Let the demo's cameras that are online have answered as lately as they had `then`."""
    connection.execute(
        text(
            "update cameras set last_seen_at = last_seen_at + (:now - :then) where state = 'online' and load_id is null"
        ),
        {"now": now, "then": then},
    )


def cameras_watch_crowds(connection: Connection) -> None:
    """Turn the demo's nearest cameras to its crowded places, as a district does that knows where crowds gather."""
    connection.execute(text(WATCH), {"each": WATCHING_EACH, "reach": WATCHING_M})
