"""Every advisory lock of PostgreSQL that the product takes, each with a number of its own.

They stand in one place because two parts that happen to use one number wait for each other; the judge holds its seat
for as long as it lives. Loads hold a family of their own (`geodata/commands/loads.py`), which shares no number with these.
"""

from __future__ import annotations

from enum import IntEnum, unique

from sqlalchemy import Connection, text


@unique
class Lock(IntEnum):
    """What is locked."""

    ORDER = 7_170_320_508  # numbers of happenings, until commit
    SEAT = 7_170_320_509  # the judge's seat, for as long as its session lives
    LIVE_ROWS = 7_170_320_510  # what makes the demo live
    INCIDENT_NUMBER = 7_170_320_511  # the next number of a day
    READING_MONTHS = 7_170_320_512  # partitions of readings
    DRILL = 7_170_320_513  # beginning and ending a drill
    MIRROR = 7_170_320_514  # sensors as things of SensorThings
    CUBE = 7_170_320_520  # building the heat cube


def hold(c: Connection, lock: Lock) -> None:
    """Wait for a lock and hold it until this transaction ends."""
    c.execute(text("select pg_advisory_xact_lock(:lock)"), {"lock": int(lock)})
