"""How new what we know is: the version of the data and the time up to which each kind reaches."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, text

AS_OF = {
    "tickets": "select max(received_at) from tickets",
    "cameras": "select max(last_seen_at) from cameras",
    "sensors": "select max(at) from sensor_latest",
    "crowd": "select max(last_at) from feeds where kind = 'crowd' and drill_id is null",
    "coverage": "select (value ->> 'at')::timestamptz from facts where key = 'coverage'",
    "areas": """select coalesce((select max(finished_at) from loads where kind = 'boundaries' and state = 'done'),
                                (select max(valid_from)::timestamptz from areas))""",
}


def data_version(c: Connection) -> int:
    """A number that every load raises; 0 in an empty store."""
    return int(c.execute(text("select value from facts where key = 'data_version'")).scalar() or 0)


def data_as_of(c: Connection) -> dict[str, datetime | None]:
    """The instant up to which each kind of data reaches; None where there is none."""
    columns = ", ".join(f'({sql}) as "{key}"' for key, sql in AS_OF.items())
    return dict(c.execute(text(f"select {columns}")).mappings().one())


def sensors_pulse(c: Connection) -> tuple[Any, ...]:
    """Something that changes with every reading and every state of a sensor."""
    row = c.execute(
        text(
            """select (select max(at) from sensor_latest), (select sum(hashtext(code || state)) from sensors)"""
        )
    ).one()
    return tuple(row)


def demo(c: Connection) -> dict[str, Any] | None:
    """What the rows are when they were generated: seed, first and last day, number of tickets; None when real."""
    found = c.execute(text("select value from facts where key = 'demo'")).scalar()
    return dict(found) if found else None
