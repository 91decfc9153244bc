"""What is told to whoever listens: happenings, which nobody may miss, and changes, of which only the last counts.

A happening gets its number under a lock that its transaction holds until it commits. Numbers are therefore seen in the
order in which they were given, and “all after n” misses nothing, whoever was slow. Announce last in a transaction: the
others wait meanwhile. A change is only a key that is worth asking for again.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, text

from geodata.store.locks import Lock, hold

INTAKE: Final = "yiping_intake"  # a batch waits for the rules
HAPPENED: Final = "yiping_happened"  # something that nobody may miss; the payload is its number
CHANGED: Final = "yiping_changed"  # {"sensors": [codes]} or {"crowd": "feed key"}: ask again
NOTIFY_ROOM_BYTES = 7_500  # PostgreSQL takes 8,000 in a payload


@dataclass(frozen=True, slots=True)
class Happening:
    """One thing that happened; `area_code` None concerns everybody, `drill_id` marks a drill 演练."""

    id: int
    at: datetime
    kind: str
    move: str
    subject_id: int | None
    area_code: str | None
    drill_id: int | None
    body: dict[str, Any]


def announce(
    c: Connection,
    kind: str,
    move: str,
    subject_id: int | None,
    *,
    area_code: str | None = None,
    drill_id: int | None = None,
    body: Mapping[str, Any] | None = None,
) -> int:
    """Write a happening and tell those who listen when this transaction commits; gives its number."""
    hold(c, Lock.ORDER)
    number = c.execute(
        text("""insert into happenings (kind, move, subject_id, area_code, drill_id, body)
                values (:kind, :move, :subject, :area, :drill, cast(:body as jsonb)) returning id"""),
        {"kind": kind, "move": move, "subject": subject_id, "area": area_code, "drill": drill_id,
         "body": json.dumps(body or {}, ensure_ascii=False)},
    ).scalar_one()  # fmt: skip
    tell(c, HAPPENED, str(number))
    return int(number)


def changed(c: Connection, what: str, keys: Iterable[str]) -> None:
    """Say that keys are worth asking for again; too many to name are told as all of that kind."""
    listed = sorted(set(keys))
    payload = json.dumps({what: listed}, ensure_ascii=False)
    if len(payload.encode()) > NOTIFY_ROOM_BYTES:
        payload = json.dumps({what: ["*"]})
    tell(c, CHANGED, payload)


def tell(c: Connection, channel: str, payload: str = "") -> None:
    """Notify a channel when this transaction commits."""
    c.execute(text("select pg_notify(:channel, :payload)"), {"channel": channel, "payload": payload})


def happened_after(c: Connection, after: int, *, limit: int = 1000) -> list[Happening]:
    """The happenings after a number, in order."""
    rows = c.execute(
        text("""select id, at, kind, move, subject_id, area_code, drill_id, body from happenings
                where id > :after order by id limit :limit"""),
        {"after": after, "limit": limit},
    )
    return [Happening(*row) for row in rows]


def last_number(c: Connection) -> int:
    """The number of the newest happening; 0 when nothing happened yet."""
    return int(c.execute(text("select coalesce(max(id), 0) from happenings")).scalar_one())
