"""What the store needs done now and then: partitions ahead of time, ended sessions away."""

from __future__ import annotations

from datetime import date, timedelta

from sqlalchemy import Connection, delete, func, select

from geodata.store.schema import sessions

PARTITIONS_AHEAD_D = 35


def prepare_readings(connection: Connection, today: date) -> None:
    """Make the monthly partitions of readings for today and the weeks ahead."""
    for day in (today, today + timedelta(days=PARTITIONS_AHEAD_D)):
        connection.execute(select(func.ensure_readings_month(day)))


def forget_ended_sessions(connection: Connection) -> int:
    """Delete sessions that have ended; returns how many."""
    return connection.execute(delete(sessions).where(sessions.c.expires_at < func.now())).rowcount
