"""The queue between the doors and the rules: accepted batches, packed, in the order in which they came.

What each kind of body holds: readings – an array of READING, in time order; crowd – the ticks' `at` in microseconds
since 1970, the rows themselves stand in crowd_ticks; tickets – the tickets' ids, or in a drill their numbers.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, text

from geodata.commands.feeds import Feed
from geodata.store.notices import INTAKE, tell

READING = np.dtype([("sensor", "<i8"), ("at_us", "<i8"), ("value", "<f8")])  # sensor = sensors.id
WHOLE = np.dtype("<i8")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Taken:
    """A batch taken out of the queue."""

    id: int
    feed: Feed
    kind: str
    accepted_at: datetime
    drill_id: int | None
    body: bytes

    def readings(self) -> NDArray[np.void]:
        """The readings to be judged, an array of READING in time order."""
        return np.frombuffer(self.body, READING)

    def moments(self) -> list[datetime]:
        """The moments of the crowd ticks to be judged."""
        return [from_us(at_us) for at_us in np.frombuffer(self.body, WHOLE).tolist()]

    def ticket_ids(self) -> list[int]:
        """Keys of the tickets to be judged; none in a drill."""
        return [] if self.drill_id else list(np.frombuffer(self.body, WHOLE).tolist())

    def ticket_numbers(self) -> list[str]:
        """Numbers of a drill's tickets to be judged."""
        return self.body.decode().splitlines() if self.drill_id else []


def put(c: Connection, feed: Feed, kind: str, body: bytes) -> None:
    """Leave a batch for the rules and wake them when this transaction commits; an empty one is not left."""
    if not body:
        return
    c.execute(
        text("insert into intake (feed_id, kind, drill_id, body) values (:feed, :kind, :drill, :body)"),
        {"feed": feed.id, "kind": kind, "drill": feed.drill_id, "body": body},
    )
    tell(c, INTAKE)


def take(c: Connection, limit: int = 200) -> list[Taken]:
    """Take the oldest batches out; they are back in the queue when this transaction does not commit."""
    rows = c.execute(
        text("""with gone as (
                    delete from intake where id in (
                        select id from intake where fault is null order by id limit :limit for update skip locked)
                    returning id, feed_id, kind, accepted_at, drill_id, body)
                select g.id, g.kind, g.accepted_at, g.drill_id, g.body,
                       f.id as feed_id, f.key, f.kind as feed_kind, f.interval_s, f.drill_id as feed_drill_id
                from gone g join feeds f on f.id = g.feed_id order by g.id"""),
        {"limit": limit},
    )
    return [
        Taken(
            row.id,
            Feed(row.feed_id, row.key, row.feed_kind, row.interval_s, row.feed_drill_id),
            row.kind,
            row.accepted_at,
            row.drill_id,
            bytes(row.body),
        )
        for row in rows
    ]


def waiting(c: Connection) -> int:
    """How many batches wait for the rules."""
    return int(c.execute(text("select count(*) from intake where fault is null")).scalar_one())


def set_aside(c: Connection, fault: str) -> int | None:
    """Keep the oldest batch out of the judge's way because it cannot be judged; gives its number."""
    return c.execute(
        text("""update intake set fault = :fault where id = (select min(id) from intake where fault is null)
                returning id"""),
        {"fault": fault},
    ).scalar()


def pack_wholes(values: Iterable[int]) -> bytes:
    """Whole numbers as the body of a batch."""
    return np.fromiter(values, WHOLE).tobytes()


def pack_readings(readings: Sequence[tuple[int, int, float]]) -> bytes:
    """Readings (sensor id, microseconds since 1970, value) as the body of a batch."""
    return np.array(list(readings), READING).tobytes()


def to_us(at: datetime) -> int:
    """Microseconds since 1970 of an aware instant, exactly."""
    return (at - EPOCH) // MICROSECOND


def from_us(at_us: int) -> datetime:
    """The instant, in UTC, of microseconds since 1970."""
    return EPOCH + at_us * MICROSECOND
